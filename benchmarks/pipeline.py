"""The whole system as processes: from an accepted event to the nudge in its manager's inbox, and what it all weighs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Final

import httpx
import orjson
import uvloop

from benchmarks.client import ACCEPTED, event, exchange
from benchmarks.measuring import Row, Say, at_most
from benchmarks.memory import descendants, pss_mb
from benchmarks.organisation import SEVERITY, Organisation, kind_of
from tests.support.cluster import Cluster, Layout, running_cluster

P50, P99 = "accepted to inbox at 100 events/s, p50", "accepted to inbox at 100 events/s, p99"
SERVICE, WHOLE = "memory of the largest service", "memory of the whole stack"
NAMES: Final = (P50, P99, SERVICE, WHOLE)
RATE, SKILLS_PER_ROUND, SAMPLE_EVERY = 100.0, 4, 20
POLL_SECONDS, POLL_GROWTH, POLL_AT_MOST_SECONDS = 0.05, 1.2, 0.5
"""Looking too often would be the greater load; what is late is looked for less often."""
LIMIT_SECONDS = 60.0


def measure(folder: Path, rounds: int, say: Say) -> list[Row]:
    """Four rows: latency, then memory of what has just been at work."""
    organisation = Organisation(1 + rounds * SKILLS_PER_ROUND)
    with running_cluster(folder, Layout()) as cluster:
        found = uvloop.run(_latencies(cluster, organisation, rounds, say))
        services = [pss_mb([replica.pid or 0]) for replica in cluster.replicas]
        whole = pss_mb(descendants())
    return [
        at_most(P50, median(p50 for p50, _ in found), 150.0, "ms"),
        at_most(P99, median(p99 for _, p99 in found), 500.0, "ms"),
        at_most(SERVICE, max(services), 130.0, "MB"),
        at_most(WHOLE, whole, 1300.0, "MB"),
    ]


async def _latencies(cluster: Cluster, organisation: Organisation, rounds: int, say: Say) -> list[tuple[float, float]]:
    """(p50, p99) of each round, in ms. The first skill is spent on warming up."""
    await asyncio.to_thread(_load, cluster, organisation)
    company = organisation.company
    tokens = {team: cluster.token(company.manager_of(team), "manager") for team in company.slugs}
    found: list[tuple[float, float]] = []
    for number in range(rounds + 1):
        watch = Watch(cluster, tokens)
        skills = range(1 + (number - 1) * SKILLS_PER_ROUND, 1 + number * SKILLS_PER_ROUND) if number else range(1)
        await watch.run([pair for skill in skills for pair in organisation.pairs(skill)])
        if number:
            cuts = quantiles(watch.milliseconds, n=100)
            found.append((cuts[49], cuts[98]))
            say(f"  accepted to inbox: p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms, {len(watch.milliseconds)} samples")
    return found


@dataclass
class Watch:
    """One load: every pair of team and skill once, at an even pace; each twentieth is followed to its inbox."""

    cluster: Cluster
    tokens: Mapping[str, str]
    milliseconds: list[float] = field(default_factory=list)

    async def run(self, pairs: list[tuple[str, str]]) -> None:
        """Send all, and return when every followed nudge is visible."""
        sender = self.cluster.token("tool@bench.example", "service")
        begun = perf_counter()
        tasks = []
        for number, (team, skill) in enumerate(pairs):
            await asyncio.sleep(max(0.0, begun + number / RATE - perf_counter()))
            tasks.append(asyncio.create_task(self._one(sender, team, skill, number)))
        await asyncio.wait_for(asyncio.gather(*tasks), LIMIT_SECONDS)

    async def _one(self, sender: str, team: str, skill: str, number: int) -> None:
        told = event(number)
        told["data"] = {**_dict(told["data"]), "team": team, "kind": kind_of(skill), "severity": SEVERITY}
        status, body = await _ask(self.cluster, "ingestion", "POST /events", sender, orjson.dumps(told))
        if status != ACCEPTED:
            raise AssertionError(f"answered {status}: {body.decode()}")
        accepted = perf_counter()
        if number % SAMPLE_EVERY:
            return
        pause = POLL_SECONDS
        while True:
            if await self._is_visible(self.tokens[team], skill):
                break
            await asyncio.sleep(pause)
            pause = min(pause * POLL_GROWTH, POLL_AT_MOST_SECONDS)
        self.milliseconds.append(1000 * (perf_counter() - accepted))

    async def _is_visible(self, manager: str, skill: str) -> bool:
        status, body = await _ask(self.cluster, "recommendation", "GET /inbox", manager)
        return status == httpx.codes.OK and f'"{skill}"'.encode() in body


async def _ask(cluster: Cluster, service: str, what: str, token: str, body: bytes = b"") -> tuple[int, bytes]:
    (replica,) = (replica for replica in cluster.replicas if replica.name == service)
    reader, writer = await asyncio.open_connection("127.0.0.1", replica.port)
    head = (
        f"{what} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/cloudevents+json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    try:
        return await exchange(reader, writer, head.encode() + body)
    finally:
        writer.close()


def _load(cluster: Cluster, organisation: Organisation) -> None:
    documents = {
        ("ingestion", "directory"): organisation.company.directory(),
        ("ingestion", "catalogue"): organisation.catalogue(),
        ("skill-gap", "capabilities"): organisation.capabilities(),
        ("recommendation", "policy"): organisation.company.policy(),
    }
    with httpx.Client(headers=cluster.bearer("admin@bench.example", "admin"), timeout=60.0, trust_env=False) as http:
        for (service, path), document in documents.items():
            http.put(f"{cluster.doors(service)[0]}/{path}", json=document).raise_for_status()


def _dict(value: object) -> dict[str, object]:
    assert isinstance(value, dict)
    return value
