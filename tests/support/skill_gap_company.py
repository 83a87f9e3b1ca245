"""A team of engineers and a course, told to skill-gap as the other services would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from kinetic.common.database import Database
from kinetic.common.doors import Handle
from kinetic.common.events import Envelope, new_id
from kinetic.contracts.event import Event
from kinetic.contracts.ids import ContentId, EventId, PersonId, TeamId
from kinetic.contracts.ingestion import (
    ContentChanged,
    LearningRecorded,
    LearningVerb,
    PersonChanged,
    Position,
    Teaches,
    TeamChanged,
)
from kinetic.skill_gap.store import maps
from tests.support.skill_gap import ENGINEER, NOW, RULES, SKILL, TEAM

COURSE = ContentId(new_id())
AIKO, BEN, DANA = (PersonId(new_id()) for _ in range(3))
NAMES = {AIKO: "aiko", BEN: "ben", DANA: "dana"}


def sealed(data: Event, time: datetime = NOW) -> Envelope[Any]:
    event_id = EventId(new_id())
    return Envelope(id=event_id, source="/test", time=time, correlation_id=event_id, data=data)


def person(
    person_id: PersonId, version: int = 1, manager_id: PersonId | None = None, team_id: TeamId | None = TEAM
) -> Envelope[Any]:
    """An engineer, of the team if nothing else is said."""
    position = Position(team_id=team_id, manager_id=manager_id, role=ENGINEER, effective_from=NOW - timedelta(days=900))
    return sealed(
        PersonChanged(
            person_id=person_id,
            name="A person",
            email=f"{NAMES.get(person_id, person_id)}@company.example",
            time_zone="UTC",
            positions=(position,),
            version=version,
        )
    )


def team(team_id: TeamId = TEAM) -> Envelope[Any]:
    return sealed(
        TeamChanged(team_id=team_id, slug="checkout", name="Checkout", unit="shop", manager_id=None, version=1)
    )


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


def completed(person_id: PersonId, content_id: ContentId = COURSE) -> Envelope[Any]:
    """Done just now, on the clock by which it will be forgotten."""
    return learned(person_id, LearningVerb.COMPLETED, datetime.now(UTC), content_id=content_id)


def learned(
    person_id: PersonId,
    verb: LearningVerb,
    at: datetime,
    score: float | None = None,
    content_id: ContentId = COURSE,
) -> Envelope[Any]:
    record = LearningRecorded(
        person_id=person_id, content_id=content_id, verb=verb, score=score, source="lms", occurred_at=at
    )
    return sealed(record, max(at, NOW))


async def hand(database: Database, handle: Handle, *events: Envelope[Any]) -> None:
    async with database.transaction() as tx:
        await handle(tx, events)


async def told(database: Database) -> list[str]:
    async with database.transaction() as tx:
        rows = await tx.fetch("SELECT headers ->> 'ce_type' AS type FROM outbox ORDER BY id")
    return [row["type"] for row in rows]


async def publish_map(database: Database, version: int = RULES.version) -> None:
    """Let the map be in force, and every team be assessed again under it."""
    async with database.transaction() as tx:
        await maps.save(tx, RULES.model_copy(update={"version": version}), "lena")
