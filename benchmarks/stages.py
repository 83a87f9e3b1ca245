"""Every consumer stage: which door of which service, what it is fed with, what it is compared with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from benchmarks import records
from benchmarks.company import Company, capabilities
from benchmarks.floors import skill_gap as skill_gap_floor
from benchmarks.floors.loop import Apply
from benchmarks.ground import TRACE
from kinetic.common.database import Database
from kinetic.common.doors import Door
from kinetic.common.events import Emission, Envelope, seal
from kinetic.common.service import Service
from kinetic.contracts import topics
from kinetic.contracts.event import Event
from kinetic.skill_gap.app import create_service as create_skill_gap
from kinetic.skill_gap.store import maps

AT_ONCE = 2000

Fill = Callable[[Database, Company], Awaitable[None]]


@dataclass(frozen=True)
class Stage:
    """One door under measurement. `fingerprint` is a query by which ours and the floor must leave the same state."""

    name: str
    create: Callable[[], Service]
    topic: str
    feed: records.Make
    floor: Callable[[], Apply]
    fingerprint: str
    fill: Fill

    @property
    def door(self) -> Door:
        """The door that is measured."""
        return next(door for door in self.create().doors if door.topic == self.topic)

    @property
    def input(self) -> str:
        """The topic that the run reads: the door's own would fill up with what other stages tell."""
        return f"bench.{self.name.replace(' ', '.')}"


async def know_company(database: Database, service: Service, company: Company) -> None:
    """Let the directory and the catalogue arrive."""
    doors = {door.topic: door for door in service.doors}
    for topic, entries in ((topics.DIRECTORY, company.directory()), (topics.CATALOGUE, company.catalogue())):
        for begin in range(0, len(entries), AT_ONCE):
            async with database.transaction() as tx:
                await doors[topic].handle(tx, envelopes(entries[begin : begin + AT_ONCE]))


def envelopes(events: Sequence[Event]) -> list[Envelope[Event]]:
    """Events as if they had been read from Kafka."""
    now = datetime.now(UTC)
    return [seal(Emission(event), "/kinetic/benchmark", now, TRACE.format(1)) for event in events]


async def fill_skill_gap(database: Database, company: Company) -> None:
    """The company and the map."""
    await know_company(database, create_skill_gap(), company)
    async with database.transaction() as tx:
        await maps.save(tx, capabilities(), "benchmark")


async def fill_skill_gap_under_pressure(database: Database, company: Company) -> None:
    """Besides, most teams have an open gap of each skill."""
    await fill_skill_gap(database, company)
    doors = {door.topic: door for door in create_skill_gap().doors}
    events = records.signals(company, 25 * len(company.teams))
    for begin in range(0, len(events), AT_ONCE):
        async with database.transaction() as tx:
            await doors[topics.SIGNALS].handle(tx, envelopes(events[begin : begin + AT_ONCE]))
    async with database.transaction() as tx:
        await tx.execute("TRUNCATE outbox")


_ASSESSMENTS = """SELECT count(*), sum(version), count(*) FILTER (WHERE standing = 'open'),
                         (SELECT round(sum(level)::numeric, 3) FROM mastery) FROM assessment"""

_LEARNED = """SELECT count(*), count(*) FILTER (WHERE standing = 'open'),
                     mastered.* FROM assessment, (
                         SELECT round(sum(level)::numeric, 3), round(sum(held)::numeric, 3), round(sum(stability)::numeric, 3),
                                round(sum(difficulty)::numeric, 3), sum(jsonb_array_length(evidence)) FROM mastery
                     ) AS mastered (level, held, stability, difficulty, evidence)
             GROUP BY mastered.level, mastered.held, mastered.stability, mastered.difficulty, mastered.evidence"""
"""Without versions: how often a gap is told to have moved depends on how many completions one batch holds."""

_MEASURED = _ASSESSMENTS.replace(
    "FROM assessment",
    """, (SELECT count(*) FROM kpi_chart), (SELECT round(sum(score)::numeric, 6) FROM kpi_chart),
         (SELECT round(sum(total)::numeric, 1) FROM kpi_week), (SELECT sum(cases) FROM kpi_week),
         (SELECT round(sum(share)::numeric, 2) FROM coverage_week) FROM assessment""",
)

STAGES = (
    Stage(
        "skill-gap signals",
        create_skill_gap,
        topics.SIGNALS,
        records.signals,
        lambda: skill_gap_floor.Floor().signals,
        _ASSESSMENTS,
        fill_skill_gap,
    ),
    Stage(
        "skill-gap measurements",
        create_skill_gap,
        topics.MEASUREMENTS,
        records.measurements,
        lambda: skill_gap_floor.Floor().measurements,
        _MEASURED,
        fill_skill_gap,
    ),
    Stage(
        "skill-gap learning",
        create_skill_gap,
        topics.LEARNING,
        records.completions,
        lambda: skill_gap_floor.Floor().learning,
        _LEARNED,
        fill_skill_gap_under_pressure,
    ),
)
