"""A small company for the tests of recommendation: Dana manages the team of Lee, Ben and Carla; Ravi manages another.

Ben and Carla lack the skill; Carla reports to Dana through Lee.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from kinetic.common.database import Database, Transaction
from kinetic.common.doors import Handle
from kinetic.common.events import Cause, Emission, Envelope, new_id, read_envelope, seal
from kinetic.contracts.event import Event
from kinetic.contracts.ids import CompetencyKey, ContentId, EventId, GapId, PersonId, RoleKey, TeamId
from kinetic.contracts.ingestion import (
    ContentChanged,
    DirectoryConfirmed,
    PersonChanged,
    Position,
    Teaches,
    TeamChanged,
)
from kinetic.contracts.registry import BY_TYPE
from kinetic.contracts.skill_gap import Evidence, GapChanged, GapClosed, GapClosedReason, GapOpened
from kinetic.recommendation import handlers

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
SEEN_AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
SKILL = CompetencyKey("release-engineering")

WAITS_FOR_A_LOCK = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"

TEAM, OTHER_TEAM = TeamId(new_id()), TeamId(new_id())
DANA, LEE, BEN, CARLA, RAVI, STRANGER = (PersonId(new_id()) for _ in range(6))
COURSE, PRIMER = ContentId(new_id()), ContentId(new_id())
NAMES = {DANA: "dana", LEE: "lee", BEN: "ben", CARLA: "carla", RAVI: "ravi", STRANGER: "stranger"}
MANAGER_OF: dict[PersonId, PersonId | None] = {DANA: None, LEE: DANA, BEN: DANA, CARLA: LEE, RAVI: None, STRANGER: RAVI}
TEAM_OF = dict.fromkeys((DANA, LEE, BEN, CARLA), TEAM) | dict.fromkeys((RAVI, STRANGER), OTHER_TEAM)


def team(team_id: TeamId = TEAM, **changes: Any) -> TeamChanged:
    """A directory entry of a team."""
    known = {TEAM: ("checkout", DANA), OTHER_TEAM: ("payments", RAVI)}
    slug, manager_id = known.get(team_id, (f"team-{team_id}", DANA))
    entry: dict[str, Any] = {"slug": slug, "name": slug.title(), "unit": "shop", "manager_id": manager_id, "version": 1}
    return TeamChanged(team_id=team_id, **{**entry, **changes})


def person(person_id: PersonId, manager: PersonId | None = None, **changes: Any) -> PersonChanged:
    """A directory entry of somebody, reporting to `manager` or to whom they always do; by default in `TEAM`."""
    position = Position(
        team_id=TEAM_OF.get(person_id, TEAM),
        manager_id=manager or MANAGER_OF.get(person_id),
        role=RoleKey("engineer"),
        effective_from=LONG_AGO,
    )
    name = NAMES.get(person_id, person_id)
    entry = {"name": name.title(), "email": f"{name}@company.example", "time_zone": "UTC", "version": 1}
    return PersonChanged(person_id=person_id, positions=(position,), **{**entry, **changes})


def course(content_id: ContentId = COURSE, **changes: Any) -> ContentChanged:
    """A content item that teaches the skill."""
    entry: dict[str, Any] = {
        "title": "Small, reversible releases",
        "url": "https://lms.example/c-1",
        "teaches": (Teaches(competency=SKILL, level=4),),
        "effort_minutes": 45,
        "language": "en",
        "version": 1,
    }
    return ContentChanged(content_id=content_id, **{**entry, **changes})


def evidence(kind: str = "delivery.failed", seen_at: datetime = SEEN_AT, statement: str = "A build failed") -> Evidence:
    """An observation with a link."""
    return Evidence(
        event_id=EventId(new_id()),
        source="github",
        kind=kind,
        statement=statement,
        url="https://github.example/runs/1",
        weight=0.8,
        observed_at=seen_at,
    )


def opened(**changes: Any) -> GapOpened:
    """Ben and Carla lack the skill that their work asks for."""
    return GapOpened(**{**_verdict(), "version": 1, "person_ids": (BEN, CARLA), "required_level": 3, **changes})


def changed(gap: GapOpened, **changes: Any) -> GapChanged:
    """The gap has moved."""
    return GapChanged(**{**gap.model_dump(), "version": gap.version + 1, **changes})


def closed(gap: GapOpened | GapChanged) -> GapClosed:
    """The gap is gone."""
    told = {**gap.model_dump(exclude={"person_ids", "required_level"}), "version": gap.version + 1}
    return GapClosed(**told, reason=GapClosedReason.COVERED)


def _verdict() -> dict[str, Any]:
    return {
        "gap_id": GapId(new_id()),
        "team_id": TEAM,
        "competency": SKILL,
        "competency_name": "Release engineering",
        "goal": "ship-safely",
        "pressure": 1.4,
        "coverage": 0.4,
        "evidence": (evidence(),),
        "map_version": 3,
        "decided_at": SEEN_AT,
    }


def envelope(event: Event, correlation_id: EventId | None = None) -> Envelope[Any]:
    """An event as if it had been read from Kafka, in the life that a signal began."""
    signal = correlation_id or EventId(new_id())
    return seal(Emission(event, Cause(signal, signal)), "/test", datetime.now(UTC))


async def hand(database: Database, handle: Handle, *events: Event | Envelope[Any]) -> None:
    """Hand events to a handler in one transaction."""
    envelopes = [event if isinstance(event, Envelope) else envelope(event) for event in events]
    async with database.transaction() as tx:
        await handle(tx, envelopes)


async def tell(database: Database, *gaps: Event | Envelope[Any]) -> None:
    """Let gaps arrive."""
    await hand(database, handlers.on_gaps, *gaps)


async def enter(database: Database, *entries: Event) -> None:
    """Let directory entries arrive."""
    await hand(database, handlers.on_directory_changed, *entries)


async def offer(database: Database, *contents: ContentChanged) -> None:
    """Let catalogue entries arrive."""
    await hand(database, handlers.on_catalogue_changed, *contents)


async def confirm(database: Database, age: timedelta = timedelta(0)) -> None:
    """Let the directory's heartbeat be this old."""
    async with database.transaction() as tx:
        await tx.execute("DELETE FROM directory_state")
    await enter(database, DirectoryConfirmed(version=7, confirmed_at=datetime.now(UTC) - age))


async def open_for_business(database: Database) -> None:
    """Everybody and one course are known, the directory is fresh, and at any hour two nudges a week may come."""
    await enter(database, team(), team(OTHER_TEAM), *(person(person_id) for person_id in NAMES))
    await offer(database, course())
    await confirm(database)
    await allow(database, weekly_budget=2)


async def allow(database: Database, *, weekly_budget: int) -> None:
    """Let this many nudges a week come at any hour."""
    async with database.transaction() as tx:
        await tx.execute(
            """UPDATE policy SET weekly_budget = $1, quiet_start = NULL, quiet_end = NULL,
                                 working_days = ARRAY[1, 2, 3, 4, 5, 6, 7]""",
            weekly_budget,
        )


async def consider(database: Database) -> int:
    """Let the timer that considers gaps come round once."""
    async with database.transaction() as tx:
        return await fire(tx, "consider")


async def fire(tx: Transaction, name: str) -> int:
    """Let a timer come round once, in a transaction at hand."""
    (timer,) = (timer for timer in handlers.timers() if timer.name == name)
    return await timer.fire(tx)


async def told(database: Database) -> list[Envelope[Any]]:
    """Every event in the outbox, oldest first."""
    async with database.transaction() as tx:
        rows = await tx.fetch("SELECT headers, value FROM outbox ORDER BY id")
    read = [read_envelope(row["headers"], row["value"], BY_TYPE) for row in rows]
    return [one for one in read if one is not None]


async def told_types(database: Database) -> list[str]:
    """The CloudEvents types in the outbox without prefix and version, e.g. ``nudge.composed``."""
    return [one.data.type.removeprefix("kinetic.").removesuffix(".v1") for one in await told(database)]


async def fetch(database: Database, sql: str, *arguments: Any) -> Sequence[Any]:
    """Rows as they stand in the database."""
    async with database.transaction() as tx:
        return await tx.fetch(sql, *arguments)


async def run(database: Database, sql: str, *arguments: Any) -> None:
    """Change what stands in the database, such as how long ago something was."""
    async with database.transaction() as tx:
        await tx.execute(sql, *arguments)


async def until_done_or_waiting(database: Database, task: asyncio.Task[Any]) -> None:
    """Return when a task has ended, or somebody waits for a lock in this database."""
    while not task.done():
        if await fetch(database, WAITS_FOR_A_LOCK):
            return
