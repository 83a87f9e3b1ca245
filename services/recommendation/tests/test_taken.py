"""Nobody is asked to do what they have done, or have assigned."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kinetic.common.database import Database
from kinetic.common.events import new_id
from kinetic.contracts.assignment import (
    AssignmentCompleted,
    AssignmentFailed,
    AssignmentHeld,
    AssignmentRefused,
    AssignmentWithdrawn,
    Origin,
    RefusalReason,
)
from kinetic.contracts.event import Event
from kinetic.contracts.ids import AssignmentId, PersonId
from kinetic.contracts.ingestion import LearningRecorded, LearningVerb, LearningVoided, PersonErased
from kinetic.recommendation import handlers
from services.recommendation.tests.company import (
    BEN,
    CARLA,
    COURSE,
    DANA,
    SEEN_AT,
    TEAM,
    consider,
    enter,
    envelope,
    fetch,
    fire,
    hand,
    opened,
    run,
    tell,
)

TAKERS = "SELECT person_id FROM taken WHERE stands ORDER BY person_id"
OFFERED = "SELECT offer->'person_ids' AS people, state FROM nudge"

GIVEN = AssignmentId(new_id())
MORE = {"undo_until": SEEN_AT, "reason": RefusalReason.INACTIVE, "was_requested": False, "withdrawn_by": DANA}


def assigned(kind: type[Event], version: int, person_id: PersonId = BEN) -> Event:
    """What assignment tells of Ben's assignment, mandated by HR."""
    ids: dict[str, Any] = {"assignment_id": GIVEN, "person_id": person_id, "content_id": COURSE, "team_id": TEAM}
    nobody = {"nudge_id": None, "gap_id": None, "assigned_by": DANA, "origin": Origin.MANDATED}
    return kind.model_validate({**ids, **nobody, **MORE, "version": version, "occurred_at": SEEN_AT})


def learned(verb: LearningVerb, person_id: PersonId = BEN) -> LearningRecorded:
    return LearningRecorded(
        person_id=person_id, content_id=COURSE, verb=verb, source="example-lms", occurred_at=datetime.now(UTC)
    )


async def assign(database: Database, *events: Event) -> None:
    await hand(database, handlers.on_assignments, *events)


async def learn(database: Database, *events: Any) -> None:
    await hand(database, handlers.on_learning, *events)


async def takers(database: Database) -> list[str]:
    return [row["person_id"] for row in await fetch(database, TAKERS)]


async def test_who_has_it_assigned_or_done_is_left_out_of_the_nudge(database: Database) -> None:
    await assign(database, assigned(AssignmentHeld, 1))
    await tell(database, opened())
    assert [row["people"] for row in await fetch(database, OFFERED)] == [[CARLA]]
    await learn(database, learned(LearningVerb.PASSED, CARLA))
    await tell(database, opened())
    assert len(await fetch(database, OFFERED)) == 1
    assert [
        row["obstacle"] for row in await fetch(database, "SELECT obstacle FROM gap WHERE obstacle IS NOT NULL")
    ] == ["no_content"]


@pytest.mark.parametrize("state", ["composed", "seen", "snoozed"])
async def test_an_open_nudge_leaves_out_who_does_it_meanwhile_at_once(database: Database, state: str) -> None:
    await tell(database, opened())
    await run(database, "UPDATE nudge SET state = $1", state)
    await learn(database, learned(LearningVerb.COMPLETED))
    assert await consider(database) == 1
    assert [row["people"] for row in await fetch(database, OFFERED)] == [[CARLA]]


@pytest.mark.parametrize("verb", [LearningVerb.ENROLLED, LearningVerb.STARTED, LearningVerb.FAILED])
async def test_who_has_not_finished_on_their_own_has_not_taken_it(database: Database, verb: LearningVerb) -> None:
    await learn(database, learned(verb))
    assert await takers(database) == []


@pytest.mark.parametrize("kind", [AssignmentWithdrawn, AssignmentRefused, AssignmentFailed])
async def test_an_assignment_that_came_to_nothing_leaves_them_to_be_asked(
    database: Database, kind: type[Event]
) -> None:
    await assign(database, assigned(AssignmentHeld, 1))
    assert await takers(database) == [BEN]
    await assign(database, assigned(kind, 2))
    await assign(database, assigned(AssignmentHeld, 1))
    assert await takers(database) == []


async def test_a_completed_assignment_stays_taken_under_replay(database: Database) -> None:
    events = assigned(AssignmentHeld, 1), assigned(AssignmentCompleted, 4)
    await assign(database, *events)
    await assign(database, *events)
    assert await takers(database) == [BEN]
    assert len(await fetch(database, "SELECT * FROM taken")) == 1


async def test_a_record_that_is_void_was_not_taken_in_whichever_order_the_two_come(database: Database) -> None:
    first, second = envelope(learned(LearningVerb.COMPLETED)), envelope(learned(LearningVerb.PASSED, CARLA))
    voids = [LearningVoided(person_id=one.data.person_id, voided_event_id=one.id) for one in (first, second)]
    await learn(database, first, voids[0])
    await learn(database, voids[1], second)
    await learn(database, first, second)
    assert await takers(database) == []


async def test_what_was_taken_is_forgotten_after_a_year_and_with_the_person(database: Database) -> None:
    await learn(database, learned(LearningVerb.COMPLETED), learned(LearningVerb.COMPLETED, CARLA))
    await enter(database, PersonErased(person_id=BEN, version=9))
    assert await takers(database) == [CARLA]
    await learn(database, learned(LearningVerb.COMPLETED))
    assert await takers(database) == [CARLA]
    async with database.transaction() as tx:
        await fire(tx, "outlived")
    assert await takers(database) == [CARLA]
    await run(database, "UPDATE taken SET taken_at = taken_at - interval '401 days'")
    async with database.transaction() as tx:
        await fire(tx, "outlived")
    assert await fetch(database, "SELECT * FROM taken") == []
