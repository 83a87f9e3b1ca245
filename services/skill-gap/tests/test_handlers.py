"""The Kafka doors of skill-gap, against real Postgres."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from kinetic.common import locks
from kinetic.common.database import Database, Transaction
from kinetic.common.doors import Handle
from kinetic.common.events import Envelope, new_id
from kinetic.common.housekeeping import offer_again
from kinetic.contracts.event import Event
from kinetic.contracts.ids import ContentId, EventId, PersonId
from kinetic.contracts.ingestion import (
    ContentChanged,
    LearningRecorded,
    LearningVerb,
    PersonChanged,
    Position,
    Teaches,
    TeamChanged,
)
from kinetic.skill_gap import handlers, store
from tests.support.skill_gap import ENGINEER, NOW, RULES, SKILL, TEAM, signal

COURSE = ContentId(new_id())
AIKO, BEN = PersonId(new_id()), PersonId(new_id())
DOORS = {door.topic: door for door in handlers.doors}


def sealed(data: Event) -> Envelope[Any]:
    event_id = EventId(new_id())
    return Envelope(id=event_id, source="/test", time=NOW, correlation_id=event_id, data=data)


def person(person_id: PersonId, version: int = 1) -> Envelope[Any]:
    position = Position(team_id=TEAM, manager_id=None, role=ENGINEER, effective_from=NOW - timedelta(days=900))
    return sealed(
        PersonChanged(
            person_id=person_id,
            name="A person",
            email=f"{person_id}@company.example",
            time_zone="UTC",
            positions=(position,),
            version=version,
        )
    )


def team() -> Envelope[Any]:
    return sealed(TeamChanged(team_id=TEAM, slug="checkout", name="Checkout", unit="shop", manager_id=None, version=1))


def course() -> Envelope[Any]:
    return sealed(
        ContentChanged(
            content_id=COURSE,
            title="Releases in small steps",
            url="https://lms.example/1",
            teaches=(Teaches(competency=SKILL, level=4),),
            effort_minutes=20,
            language="en",
            version=1,
        )
    )


def completed(person_id: PersonId) -> Envelope[Any]:
    return sealed(
        LearningRecorded(
            person_id=person_id, content_id=COURSE, verb=LearningVerb.COMPLETED, source="lms", occurred_at=NOW
        )
    )


async def hand(database: Database, handle: Handle, *events: Envelope[Any]) -> None:
    async with database.transaction() as tx:
        await handle(tx, events)


async def told(database: Database) -> list[str]:
    async with database.transaction() as tx:
        rows = await tx.fetch("SELECT headers ->> 'ce_type' AS type FROM outbox ORDER BY id")
    return [row["type"] for row in rows]


async def publish_map(database: Database) -> None:
    async with database.transaction() as tx:
        await store.save_map(tx, RULES, "lena")


@pytest.fixture
async def company(database: Database) -> Database:
    """A map, a team of two, a course that teaches the skill."""
    await publish_map(database)
    await hand(database, handlers.on_directory_changed, team(), person(AIKO), person(BEN))
    await hand(database, handlers.on_catalogue_changed, course())
    return database


async def test_signals_open_a_gap_and_completions_close_it(company: Database) -> None:
    await hand(company, handlers.on_signals, signal(0.6), signal(0.6))
    assert await told(company) == ["kinetic.gap.opened.v1"]
    await hand(company, handlers.on_learning, completed(AIKO), completed(BEN))
    assert await told(company) == ["kinetic.gap.opened.v1", "kinetic.gap.closed.v1"]


async def test_the_last_two_members_finish_at_once_and_the_gap_closes(company: Database) -> None:
    assert await _close_at_once(company) == ["kinetic.gap.opened.v1", "kinetic.gap.changed.v1", "kinetic.gap.closed.v1"]


async def test_without_the_team_lock_neither_of_two_members_closes_the_gap(
    company: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: each replica sees the other's old state."""

    async def lock_nothing(tx: Transaction, kind: str, keys: Any) -> None:
        return

    monkeypatch.setattr(locks, "lock_keys", lock_nothing)
    monkeypatch.setattr(handlers, "lock_keys", lock_nothing)
    assert "kinetic.gap.closed.v1" not in await _close_at_once(company)


async def _close_at_once(company: Database) -> list[str]:
    await hand(company, handlers.on_signals, signal(0.6), signal(0.6))

    async def finish(person_id: PersonId) -> None:
        async with company.transaction() as tx:
            await handlers.on_learning(tx, [completed(person_id)])
            await asyncio.sleep(0.3)  # the other has begun by now

    await asyncio.gather(finish(AIKO), finish(BEN))
    return await told(company)


async def test_a_signal_waits_for_its_team_and_is_taken_up_when_that_arrives(database: Database) -> None:
    await publish_map(database)
    await hand(database, handlers.on_signals, signal(0.6), signal(0.6))
    assert await told(database) == []
    await hand(database, handlers.on_directory_changed, team(), person(AIKO))
    await _offer_all(database)
    assert await told(database) == ["kinetic.gap.opened.v1"]
    assert await _waiting(database) == 0


async def test_a_signal_waits_for_the_first_map(database: Database) -> None:
    await hand(database, handlers.on_directory_changed, team(), person(AIKO))
    await hand(database, handlers.on_signals, signal(0.6), signal(0.6))
    assert await _waiting(database) == 2
    await publish_map(database)
    await _make_due(database)
    await _offer_all(database)
    assert await told(database) == ["kinetic.gap.opened.v1"]


async def test_a_completion_waits_for_its_content(database: Database) -> None:
    await publish_map(database)
    await hand(database, handlers.on_directory_changed, team(), person(AIKO), person(BEN))
    await hand(database, handlers.on_learning, completed(AIKO))
    assert await _waiting(database) == 1
    await hand(database, handlers.on_catalogue_changed, course())
    await _offer_all(database)
    assert await _waiting(database) == 0


async def test_a_new_member_without_the_skill_reopens_the_question(company: Database) -> None:
    await hand(company, handlers.on_learning, completed(AIKO), completed(BEN))
    await hand(company, handlers.on_signals, signal(0.6), signal(0.6))
    assert await told(company) == ["kinetic.gap.ruled_out.v1"]
    await hand(company, handlers.on_directory_changed, *(person(PersonId(new_id())) for _ in range(3)))
    async with company.transaction() as tx:
        assert await handlers.reassess_due(tx) == 1
    assert (await told(company))[-1] == "kinetic.gap.opened.v1"


async def test_an_older_directory_version_never_replaces_a_newer_one(company: Database) -> None:
    await hand(company, handlers.on_directory_changed, person(AIKO, version=5))
    older = person(AIKO, version=2)
    await hand(company, handlers.on_directory_changed, older)
    async with company.transaction() as tx:
        assert await tx.fetch_value("SELECT version FROM directory_person WHERE person_id = $1", AIKO) == 5


async def _offer_all(database: Database) -> None:
    offered = 1
    while offered:
        async with database.transaction() as tx:
            offered = await offer_again(DOORS, tx)


async def _make_due(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute("UPDATE waiting SET due_at = clock_timestamp()")


async def _waiting(database: Database) -> int:
    async with database.transaction() as tx:
        count: int = await tx.fetch_value("SELECT count(*) FROM waiting")
    return count
