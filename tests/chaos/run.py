"""One run: load, clicks and kills at once; then everything drains; then the ledger is checked."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.chaos import ledger
from tests.chaos.company import CENTURY_DAYS, Company
from tests.chaos.killer import Killer
from tests.chaos.load import SEVERITY, Load
from tests.chaos.managers import Managers
from tests.chaos.observe import count_in_all_schemas, fetch, lag, read_topic
from tests.support.cluster import Cluster, Layout, running_cluster

REPLICAS = 2
SECONDS_PER_KILL = 3.0
EVENTS_PER_TEAM = 200
DRAIN_WITHIN_SECONDS = 240.0
LOADED_WITHIN_SECONDS = 60.0
ADMIN = "admin@chaos.example"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """How much to send, how often to kill, and the seed of every random choice."""

    events: int
    kills: int
    seed: int
    rate: float = 150.0

    @property
    def seconds(self) -> float:
        """How long the load lasts: long enough for the kills."""
        return max(self.events / self.rate, self.kills * SECONDS_PER_KILL)

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
    with running_cluster(folder, Layout(replicas=REPLICAS), documents) as cluster:
        say(f"two replicas of everything run; {plan}")
        return asyncio.run(_run(cluster, plan, say, started))


async def _run(cluster: Cluster, plan: Plan, say: Say, started: float) -> Outcome:
    await _load_company(cluster, plan.company)
    await asyncio.to_thread(_start_lms, cluster)
    load = _load(cluster, plan)
    tokens = {slug: cluster.token(plan.company.manager_of(slug), "manager") for slug in plan.company.slugs}
    managers = asyncio.create_task(Managers(cluster.doors("recommendation"), tokens, plan.seed).run())
    killer = Killer(cluster, plan.kills, plan.seed, lambda: _in_flight(cluster, load))
    await asyncio.gather(load.run(), killer.run(plan.seconds / max(1, plan.kills), say))
    say(f"{len(load.acknowledged)} events acknowledged after {load.retries} retries; draining")
    await _until_drained(cluster, say)
    managers.cancel()
    with suppress(asyncio.CancelledError):
        await managers
    findings = ledger.check(load.acknowledged, await _traces(cluster), SEVERITY)
    for breach in findings.breaches:
        say(f"BROKEN: {breach}")
    return Outcome(plan, findings, dict(killer.by_victim), killer.in_flight, time.monotonic() - started)


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


async def _load_company(cluster: Cluster, company: Company) -> None:
    ingestion, skill_gap, recommendation = (cluster.doors(s)[0] for s in ("ingestion", "skill-gap", "recommendation"))
    async with httpx.AsyncClient(headers=cluster.bearer(ADMIN, "admin"), timeout=60.0, trust_env=False) as http:
        for url, document in (
            (f"{ingestion}/directory", company.directory()),
            (f"{ingestion}/catalogue", company.catalogue()),
            (f"{skill_gap}/capabilities", company.capabilities()),
            (f"{recommendation}/policy", company.policy()),
        ):
            (await http.put(url, json=document)).raise_for_status()


async def _in_flight(cluster: Cluster, load: Load) -> int:
    """Requests without an answer, and acknowledged events that skill-gap has not handled."""
    rows = await fetch(cluster.stack.postgres.dsn, "SELECT count(*) AS rows FROM ingestion.outbox")
    return load.outstanding + int(rows[0]["rows"])


async def _until_drained(cluster: Cluster, say: Say) -> None:
    """Return when nothing waits anywhere, twice in a row. AssertionError after a while."""
    deadline = time.monotonic() + DRAIN_WITHIN_SECONDS
    quiet = 0
    while quiet < 2:
        left = await _left(cluster)
        quiet = 0 if any(left.values()) else quiet + 1
        if time.monotonic() > deadline:
            raise AssertionError(f"did not drain within {DRAIN_WITHIN_SECONDS:.0f} s: {left}")
        await asyncio.sleep(2.0)
    say("drained: outboxes, waiting events, lag and assignments")


async def _left(cluster: Cluster) -> dict[str, int]:
    kafka, dsn = cluster.stack.kafka.bootstrap_servers, cluster.stack.postgres.dsn
    open_states = "('held', 'requested', 'enrolled', 'started')"
    assignments = await fetch(dsn, f"SELECT count(*) AS rows FROM assignment.assignment WHERE state IN {open_states}")
    nudges = await fetch(dsn, "SELECT count(*) AS rows FROM recommendation.nudge WHERE state IN ('composed', 'seen')")
    return {
        "outbox": await count_in_all_schemas(dsn, "outbox"),
        "waiting": await count_in_all_schemas(dsn, "waiting"),
        "lag": await lag(kafka),
        "assignments": int(assignments[0]["rows"]),
        "nudges": int(nudges[0]["rows"]),
    }


async def _traces(cluster: Cluster) -> ledger.Traces:
    kafka, dsn = cluster.stack.kafka.bootstrap_servers, cluster.stack.postgres.dsn
    rows = await fetch(dsn, "SELECT team_id::text, pressure ->> $1 AS sum FROM skill_gap.assessment", str(CENTURY_DAYS))
    return ledger.Traces(
        signals=await read_topic(kafka, "kinetic.signals"),
        gaps=await read_topic(kafka, "kinetic.gaps"),
        nudges=await read_topic(kafka, "kinetic.nudges"),
        assignments=await read_topic(kafka, "kinetic.assignments"),
        pressures={row["team_id"]: float(row["sum"] or 0) for row in rows},
        dead_letters=await count_in_all_schemas(dsn, "dead_letter"),
    )
