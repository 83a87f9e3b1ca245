"""A small company for the tests of assignment: Dana manages Lee and Ben, Lee manages Carla; Ravi manages somebody else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

from kinetic.assignment import handlers
from kinetic.common.database import Database, Transaction
from kinetic.common.doors import Handle
from kinetic.common.events import Cause, Emission, Envelope, new_id, read_envelope, seal
from kinetic.contracts.event import Event
from kinetic.contracts.ids import ContentId, EventId, GapId, NudgeId, PersonId, RoleKey, TeamId
from kinetic.contracts.ingestion import (
    ContentChanged,
    DirectoryConfirmed,
    LearningRecorded,
    LearningVerb,
    PersonChanged,
    Position,
)
from kinetic.contracts.recommendation import NudgeAccepted
from kinetic.contracts.registry import BY_TYPE

E = TypeVar("E", bound=Event)

LMS = "example-lms"
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
AT_ONCE = timedelta(0)
TEN_MINUTES = timedelta(minutes=10)

TEAM = TeamId(new_id())
DANA, LEE, BEN, CARLA = (PersonId(new_id()) for _ in range(4))
RAVI, STRANGER = PersonId(new_id()), PersonId(new_id())
COURSE = ContentId(new_id())
MANAGER_OF: dict[PersonId, PersonId | None] = {DANA: None, LEE: DANA, BEN: DANA, CARLA: LEE, RAVI: None, STRANGER: RAVI}
NAMES = {DANA: "dana", LEE: "lee", BEN: "ben", CARLA: "carla", RAVI: "ravi", STRANGER: "stranger"}


@dataclass(frozen=True)
class Entry:
    """What a test wants different about a person."""

    version: int = 1
    manager: PersonId | None = None
    active: bool = True
    lms_id: str | None = "L-1"


def person(person_id: PersonId, entry: Entry | None = None) -> PersonChanged:
    """A directory entry of one of the people."""
    entry = entry or Entry(manager=MANAGER_OF[person_id])
    position = Position(team_id=TEAM, manager_id=entry.manager, role=RoleKey("engineer"), effective_from=LONG_AGO)
    return PersonChanged(
        person_id=person_id,
        name=NAMES[person_id],
        email=f"{NAMES[person_id]}@company.example",
        time_zone="UTC",
        external_ids={LMS: entry.lms_id} if entry.lms_id else {},
        positions=(position,),
        active=entry.active,
        version=entry.version,
    )


def course(version: int = 1, *, lms_id: str | None = "C-1", retired: bool = False) -> ContentChanged:
    """The one content item of the catalogue."""
    return ContentChanged(
        content_id=COURSE,
        title="Finding the cause",
        url="https://lms.example/c-1",
        teaches=(),
        effort_minutes=30,
        language="en",
        external_ids={LMS: lms_id} if lms_id else {},
        retired=retired,
        version=version,
    )


def click(
    *people: PersonId, accepted_by: PersonId = DANA, content_id: ContentId = COURSE, team_id: TeamId = TEAM
) -> Envelope[NudgeAccepted]:
    """A manager's click, as part of a life that some signal began."""
    accepted = NudgeAccepted(
        nudge_id=NudgeId(new_id()),
        gap_id=GapId(new_id()),
        team_id=team_id,
        manager_id=accepted_by,
        content_id=content_id,
        version=2,
        occurred_at=datetime.now(UTC),
        person_ids=people,
        accepted_by=accepted_by,
        directory_version=1,
    )
    signal = EventId(new_id())
    return envelope(accepted, Cause(signal, signal))


def record(
    verb: LearningVerb,
    registration: str | None = None,
    *,
    person_id: PersonId = BEN,
    occurred_at: datetime | None = None,
) -> Envelope[LearningRecorded]:
    """A learning record of the LMS about the course."""
    recorded = LearningRecorded(
        person_id=person_id,
        content_id=COURSE,
        verb=verb,
        score=0.9,
        registration=registration,
        source=LMS,
        occurred_at=occurred_at or datetime.now(UTC),
    )
    return envelope(recorded)


def envelope(event: E, cause: Cause | None = None) -> Envelope[E]:
    """An event as if it had been read from Kafka."""
    return cast("Envelope[E]", seal(Emission(event, cause), "/test", datetime.now(UTC)))


async def hand(database: Database, handle: Handle, *events: Envelope[Event]) -> None:
    """Hand events to a handler in one transaction."""
    async with database.transaction() as tx:
        await handle(tx, events)


async def enter(database: Database, *entries: Event) -> None:
    """Let directory or catalogue entries arrive."""
    for entry in entries:
        handle = handlers.on_catalogue_changed if isinstance(entry, ContentChanged) else handlers.on_directory_changed
        await hand(database, handle, envelope(entry))


async def confirm(database: Database, age: timedelta = timedelta(0)) -> None:
    """Let the directory's heartbeat be this old."""
    async with database.transaction() as tx:
        await tx.execute("DELETE FROM directory_state")
    await enter(database, DirectoryConfirmed(version=7, confirmed_at=datetime.now(UTC) - age))


async def open_for_business(database: Database) -> None:
    """Everybody and the course are known, and the directory is fresh."""
    await enter(database, *(person(person_id) for person_id in NAMES), course())
    await confirm(database)


async def assign(database: Database, clicked: Envelope[NudgeAccepted], undo_window: timedelta = TEN_MINUTES) -> None:
    """Let a click arrive."""
    await hand(database, handlers.hold_for(undo_window), clicked)


async def fire(database: Database) -> int:
    """Let the timer come round once."""
    async with database.transaction() as tx:
        return await fire_within(tx)


async def fire_within(tx: Transaction) -> int:
    """The same in a transaction at hand."""
    timer, _ = handlers.timers(LMS)
    return await timer.fire(tx)


async def run(database: Database, sql: str, *arguments: Any) -> None:
    """Change what stands in the database."""
    async with database.transaction() as tx:
        await tx.execute(sql, *arguments)


async def told(database: Database) -> list[Envelope[Event]]:
    """Every event in the outbox, oldest first."""
    async with database.transaction() as tx:
        rows = await tx.fetch("SELECT headers, value FROM outbox ORDER BY id")
    read = [read_envelope(row["headers"], row["value"], BY_TYPE) for row in rows]
    return [one for one in read if one is not None]


async def told_types(database: Database) -> list[str]:
    """The CloudEvents types in the outbox without prefix and version, e.g. ``assignment.held``."""
    return [one.data.type.removeprefix("kinetic.").removesuffix(".v1") for one in await told(database)]


async def assignment_ids(database: Database, people: Sequence[PersonId] = (BEN,)) -> list[str]:
    """The assignments of people, oldest first."""
    async with database.transaction() as tx:
        rows = await tx.fetch(
            "SELECT assignment_id FROM assignment WHERE person_id = ANY($1::uuid[]) ORDER BY assignment_id",
            list(people),
        )
    return [row["assignment_id"] for row in rows]


async def states(database: Database) -> dict[str, str]:
    """Name → the state of their assignment."""
    async with database.transaction() as tx:
        rows = await tx.fetch("SELECT person_id, state FROM assignment")
    return {NAMES[row["person_id"]]: row["state"] for row in rows}


async def until_it_waits(database: Database, task: asyncio.Task[Any]) -> None:
    """Return when the task waits for a lock that somebody holds, or is done because it needed none."""
    waits = False
    while not (waits or task.done()):
        async with database.transaction() as tx:
            waits = await tx.fetch_value(
                """SELECT EXISTS (SELECT FROM pg_stat_activity
                                  WHERE datname = current_database() AND wait_event_type = 'Lock')"""
            )
