"""One run: load, clicks and kills at once; then everything drains; then the ledger is checked."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.chaos import ledger
from tests.chaos.company import CENTURY_DAYS, Company
from tests.chaos.killer import Killer
from tests.chaos.load import SEVERITY, Load
from tests.chaos.managers import Managers
from tests.chaos.observe import count, count_rows, lag, pressures, read_topic
from tests.support.cluster import SERVICES, Cluster, Layout, running_cluster

REPLICAS = 2
SECONDS_PER_KILL = 3.0
EVENTS_PER_TEAM = 200
DRAIN_WITHIN_SECONDS = 240.0
ADMIN = "admin@chaos.example"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """How much to send, how often to kill, the seed of every random choice, what to take away from a service, and
    which services alone to kill (none: everything), and which services to run at all."""

    events: int
    kills: int
    seed: int
    rate: float = 150.0
    sabotage: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    services: tuple[str, ...] = SERVICES

    @property
    def seconds(self) -> float:
        """How long the load lasts: long enough for the kills."""
        return max(self.events / self.rate, self.kills * SECONDS_PER_KILL)

    @property
    def is_whole(self) -> bool:
        """Whether the loop can close: all services run."""
        return self.services == SERVICES

    @property
    def company(self) -> Company:
        """Enough teams that each gets a gap and every partition has work."""
        return Company(teams=max(4, min(500, self.events // EVENTS_PER_TEAM)))


@dataclass(frozen=True)
class Outcome:
    """What was found, and the kills."""

    plan: Plan
    findings: ledger.Findings
    kills_by_victim: dict[str, int]
    kills_in_flight: int
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether every promise was kept."""
        return not self.findings.breaches

    def line(self) -> str:
        """The last line of a run: one JSON object."""
        counts = {name: value for name, value in asdict(self.findings).items() if name != "breaches"}
        rest: dict[str, Any] = {
            "kills": self.kills_by_victim,
            "kills_in_flight": self.kills_in_flight,
            "seed": self.plan.seed,
            "seconds": round(self.seconds, 1),
        }
        return json.dumps({**counts, **rest})


def run(plan: Plan, folder: Path, say: Say) -> Outcome:
    """Run a plan in `folder`."""
    started = time.monotonic()
    documents = {"directory": plan.company.directory(), "catalogue": plan.company.catalogue()}
    with running_cluster(folder, Layout(plan.services, REPLICAS, sabotage=plan.sabotage), documents) as cluster:
        say(f"two replicas of everything run; {plan}")
        return asyncio.run(_run(cluster, plan, say, started))


async def _run(cluster: Cluster, plan: Plan, say: Say, started: float) -> Outcome:
    await _load_company(cluster, plan)
    load = _load(cluster, plan)
    killer = Killer(cluster, plan.kills, plan.seed, lambda: _in_flight(cluster, plan, load), plan.only)
    async with _people(cluster, plan):
        await asyncio.gather(load.run(), killer.run(plan.seconds / max(1, plan.kills), say))
        say(f"{len(load.acknowledged)} events acknowledged after {load.retries} retries; draining")
        await _until_drained(cluster, plan)
        say("drained: outboxes, waiting events, lag, nudges and assignments")
    findings = ledger.check(load.acknowledged, await _traces(cluster, plan), SEVERITY)
    for breach in findings.breaches:
        say(f"BROKEN: {breach}")
    return Outcome(plan, findings, dict(killer.by_victim), killer.in_flight, time.monotonic() - started)


@asynccontextmanager
async def _people(cluster: Cluster, plan: Plan) -> AsyncIterator[None]:
    """Managers who click and learners who learn, when all services run."""
    if not plan.is_whole:
        yield
        return
    await asyncio.to_thread(_start_lms, cluster)
    tokens = {slug: cluster.token(plan.company.manager_of(slug), "manager") for slug in plan.company.slugs}
    managers = asyncio.create_task(Managers(cluster.doors("recommendation"), tokens, plan.seed).run())
    try:
        yield
    finally:
        managers.cancel()
        with suppress(asyncio.CancelledError):
            await managers


def _load(cluster: Cluster, plan: Plan) -> Load:
    return Load(
        doors=cluster.doors("ingestion"),
        token=cluster.token("tool@chaos.example", "service"),
        events=plan.events,
        teams=plan.company.slugs,
        rate=plan.events / plan.seconds,
        seed=plan.seed,
    )


def _start_lms(cluster: Cluster) -> None:
    cluster.lms.start()
    cluster.lms.wait_ready()


async def _load_company(cluster: Cluster, plan: Plan) -> None:
    company = plan.company
    documents = {
        ("ingestion", "directory"): company.directory(),
        ("ingestion", "catalogue"): company.catalogue(),
        ("skill-gap", "capabilities"): company.capabilities(),
        ("recommendation", "policy"): company.policy(),
    }
    async with httpx.AsyncClient(headers=cluster.bearer(ADMIN, "admin"), timeout=60.0, trust_env=False) as http:
        for (service, path), document in documents.items():
            if service in plan.services:
                (await http.put(f"{cluster.doors(service)[0]}/{path}", json=document)).raise_for_status()


async def _in_flight(cluster: Cluster, plan: Plan, load: Load) -> int:
    """Requests without an answer, and events that were committed and not told yet."""
    return load.outstanding + await count_rows(cluster.stack.postgres.dsn, plan.services, "outbox")


async def _until_drained(cluster: Cluster, plan: Plan) -> None:
    """Return when nothing waits anywhere, twice in a row. AssertionError after a while."""
    deadline = time.monotonic() + DRAIN_WITHIN_SECONDS
    quiet = 0
    while quiet < 2:
        left = await _left(cluster, plan)
        quiet = 0 if any(left.values()) else quiet + 1
        if time.monotonic() > deadline:
            raise AssertionError(f"did not drain within {DRAIN_WITHIN_SECONDS:.0f} s: {left}")
        await asyncio.sleep(1.0)


async def _left(cluster: Cluster, plan: Plan) -> dict[str, int]:
    kafka, dsn = cluster.stack.kafka.bootstrap_servers, cluster.stack.postgres.dsn
    left = {
        "outbox": await count_rows(dsn, plan.services, "outbox"),
        "waiting": await count_rows(dsn, plan.services, "waiting"),
        "lag": await lag(kafka, plan.services),
    }
    if plan.is_whole:
        left["assignments"] = await count(
            dsn, f"SELECT count(*) FROM assignment.assignment WHERE state IN {_UNDER_WAY}"
        )
        left["nudges"] = await count(
            dsn, "SELECT count(*) FROM recommendation.nudge WHERE state IN ('composed', 'seen', 'snoozed')"
        )
    return left


_UNDER_WAY = "('held', 'requested', 'enrolled', 'started')"


async def _traces(cluster: Cluster, plan: Plan) -> ledger.Traces:
    kafka, dsn = cluster.stack.kafka.bootstrap_servers, cluster.stack.postgres.dsn
    return ledger.Traces(
        signals=await read_topic(kafka, "kinetic.signals"),
        gaps=await read_topic(kafka, "kinetic.gaps"),
        nudges=await read_topic(kafka, "kinetic.nudges"),
        assignments=await read_topic(kafka, "kinetic.assignments"),
        pressures=await pressures(dsn, CENTURY_DAYS),
        dead_letters=await count_rows(dsn, plan.services, "dead_letter"),
        is_whole=plan.is_whole,
    )
