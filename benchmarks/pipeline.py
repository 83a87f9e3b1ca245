"""The whole system as processes: from an accepted event to the nudge in its manager's inbox, and what it all weighs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Final

import asyncpg
import httpx
import orjson
import uvloop

from benchmarks.client import ACCEPTED, event, exchange
from benchmarks.measuring import Row, Say, at_most
from benchmarks.memory import descendants, pss_mb
from benchmarks.organisation import SEVERITY, Organisation, kind_of
from benchmarks.propagation import propagate
from tests.support.cluster import Cluster, Layout, running_cluster

P50, P99 = "accepted to inbox at 100 events/s, p50", "accepted to inbox at 100 events/s, p99"
DIRECTORY = "directory change to every service at 100 events/s, p99"
SERVICE, WHOLE = "memory of the largest service", "memory of the whole stack"
NAMES: Final = (P50, P99, DIRECTORY, SERVICE, WHOLE)
RATE, SKILLS_PER_ROUND, SAMPLE_EVERY = 100.0, 4, 10
LOOK_SECONDS = 0.01
LIMIT_SECONDS = 60.0

_IS_COMPOSED = """SELECT EXISTS (SELECT FROM nudge JOIN directory_person AS manager ON manager.person_id = manager_id
                                 WHERE manager.email = $1 AND competency = $2)"""
"""When to read an inbox: a look at its row costs far less than a read, so that looking often is hardly a load of its own."""


def measure(folder: Path, rounds: int, say: Say) -> list[Row]:
    """Five rows: latencies, then memory of what has just been at work."""
    organisation = Organisation(1 + (rounds + 1) * SKILLS_PER_ROUND)
    with running_cluster(folder, Layout()) as cluster:
        found, directory = uvloop.run(_latencies(cluster, organisation, rounds, say))
        services = [pss_mb([replica.pid or 0]) for replica in cluster.replicas]
        whole = pss_mb(descendants())
    return [
        at_most(P50, median(p50 for p50, _ in found), 150.0, "ms"),
        at_most(P99, median(p99 for _, p99 in found), 500.0, "ms"),
        at_most(DIRECTORY, directory, 2000.0, "ms"),
        at_most(SERVICE, max(services), 130.0, "MB"),
        at_most(WHOLE, whole, 1300.0, "MB"),
    ]


async def _latencies(
    cluster: Cluster, organisation: Organisation, rounds: int, say: Say
) -> tuple[list[tuple[float, float]], float]:
    """(p50, p99) of each round, and the p99 of directory changes, in ms. The first skill is spent on warming up."""
    await asyncio.to_thread(_load, cluster, organisation)
    managers = {team: organisation.company.manager_of(team) for team in organisation.company.slugs}
    tokens = {team: cluster.token(manager, "manager") for team, manager in managers.items()}
    found: list[tuple[float, float]] = []
    dsn, settings = cluster.stack.postgres.dsn, {"search_path": "recommendation"}
    async with asyncpg.create_pool(dsn, min_size=1, max_size=4, server_settings=settings) as rows:
        await Watch(cluster, managers, tokens, rows).run(organisation.pairs(0))
        for number in range(rounds):
            watch = Watch(cluster, managers, tokens, rows)
            await watch.run(_pairs(organisation, number))
            p50, p99 = _p50_p99(watch.milliseconds)
            found.append((p50, p99))
            say(f"  accepted to inbox: p50 {p50:.0f} ms, p99 {p99:.0f} ms, {len(watch.milliseconds)} samples")
        load = Watch(cluster, managers, tokens, rows).run(_pairs(organisation, rounds))
        changes, _ = await asyncio.gather(propagate(cluster, rows, organisation.company.directory()["people"]), load)
    p50, p99 = _p50_p99(changes)
    say(f"  directory change: p50 {p50:.0f} ms, p99 {p99:.0f} ms, {len(changes)} samples")
    return found, p99


def _pairs(organisation: Organisation, number: int) -> list[tuple[str, str]]:
    skills = range(1 + number * SKILLS_PER_ROUND, 1 + (number + 1) * SKILLS_PER_ROUND)
    return [pair for skill in skills for pair in organisation.pairs(skill)]


def _p50_p99(milliseconds: list[float]) -> tuple[float, float]:
    cuts = quantiles(milliseconds, n=100)
    return cuts[49], cuts[98]


@dataclass
class Watch:
    """One load: every pair of team and skill once, at an even pace; each tenth is followed to its inbox."""

    cluster: Cluster
    managers: Mapping[str, str]
    tokens: Mapping[str, str]
    rows: asyncpg.Pool[asyncpg.Record]
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
        await self._until_composed(self.managers[team], skill)
        await self._read_inbox(self.tokens[team], skill)
        self.milliseconds.append(1000 * (perf_counter() - accepted))

    async def _until_composed(self, manager: str, skill: str) -> None:
        while True:
            if await self.rows.fetchval(_IS_COMPOSED, manager, skill):
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def _read_inbox(self, token: str, skill: str) -> None:
        status, body = await _ask(self.cluster, "recommendation", "GET /inbox", token)
        if status != httpx.codes.OK or f'"{skill}"'.encode() not in body:
            raise AssertionError(f"the inbox answered {status} without {skill}: {body[:300].decode()}")


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
