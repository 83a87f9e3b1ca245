"""The Kafka doors, against real Postgres."""

from __future__ import annotations

import asyncio

from kinetic.assignment import handlers
from kinetic.common.database import Database
from kinetic.common.events import new_id
from kinetic.common.locks import lock_keys
from kinetic.contracts import topics
from kinetic.contracts.assignment import AssignmentHeld
from kinetic.contracts.ids import ContentId, TeamId
from kinetic.contracts.ingestion import LearningRecorded, LearningVerb, LearningVoided
from services.assignment.tests.company import (
    AT_ONCE,
    BEN,
    CARLA,
    NAMES,
    TEN_MINUTES,
    assign,
    assignment_ids,
    click,
    course,
    enter,
    fire,
    hand,
    person,
    record,
    states,
    told,
    told_types,
    until_it_waits,
)
from tests.support.offering import offer_all


async def test_one_click_assigns_each_person_once(database: Database) -> None:
    clicked = click(BEN, CARLA, BEN)
    await assign(database, clicked)
    await assign(database, clicked)
    assert await told_types(database) == ["assignment.held", "assignment.held"]
    assert await states(database) == {"ben": "held", "carla": "held"}


async def test_the_same_click_on_two_replicas_at_once_assigns_each_person_once(database: Database) -> None:
    clicked = click(BEN, CARLA)
    async with database.transaction() as tx:
        await handlers.hold_for(TEN_MINUTES)(tx, [clicked])
        other = asyncio.create_task(assign(database, clicked))
        await until_it_waits(database, other)
    await other
    assert await told_types(database) == ["assignment.held", "assignment.held"]


async def test_a_record_waits_for_whoever_decides_about_its_learner(database: Database) -> None:
    async with database.transaction() as tx:
        await lock_keys(tx, "person", [BEN])
        reported = asyncio.create_task(hand(database, handlers.on_learning, record(LearningVerb.COMPLETED)))
        await until_it_waits(database, reported)
        assert not reported.done()
    await reported


async def test_a_held_assignment_says_until_when_it_can_be_undone(database: Database) -> None:
    await assign(database, click(BEN))
    held = (await told(database))[0].data
    assert isinstance(held, AssignmentHeld)
    assert held.undo_until - held.occurred_at == TEN_MINUTES


async def test_the_whole_life_keeps_the_correlation_of_the_signal(database: Database) -> None:
    clicked = click(BEN)
    await assign(database, clicked, AT_ONCE)
    await fire(database)
    (registration,) = await assignment_ids(database)
    completion = record(LearningVerb.COMPLETED, registration)
    await hand(database, handlers.on_learning, completion)

    held, requested, completed, reinforcement = await told(database)
    assert {one.correlation_id for one in (held, requested, completed, reinforcement)} == {clicked.correlation_id}
    assert [held.causation_id, requested.causation_id, reinforcement.causation_id] == [
        clicked.id,
        held.id,
        completed.id,
    ]
    assert completed.causation_id == completion.id


async def test_what_the_lms_reports_is_told_in_order_and_replay_changes_nothing(database: Database) -> None:
    await assign(database, click(BEN), AT_ONCE)
    await fire(database)
    (registration,) = await assignment_ids(database)
    batch = [record(verb, registration) for verb in (LearningVerb.ENROLLED, LearningVerb.STARTED, LearningVerb.PASSED)]
    await hand(database, handlers.on_learning, *batch)
    await hand(database, handlers.on_learning, *batch)
    lived = ["held", "requested", "enrolled", "started", "completed"]
    assert await told_types(database) == [*(f"assignment.{state}" for state in lived), "reinforcement.requested"]
    assert [getattr(envelope.data, "version", None) for envelope in await told(database)] == [1, 2, 3, 4, 5, None]


async def test_records_of_people_without_assignments_change_nothing(database: Database) -> None:
    await hand(database, handlers.on_learning, record(LearningVerb.COMPLETED), record(LearningVerb.ENROLLED, "R-17"))
    assert await told(database) == []


def test_a_record_that_is_taken_back_is_left_out_because_progress_only_goes_forward() -> None:
    (learning,) = (door for door in handlers.doors(TEN_MINUTES) if door.topic == topics.LEARNING)
    assert LearningRecorded.type in learning.models
    assert LearningVoided.type not in learning.models


async def test_a_click_waits_for_content_and_people_that_are_not_known_yet(empty: Database) -> None:
    doors = handlers.doors(TEN_MINUTES)
    await assign(empty, click(BEN))
    await offer_all(empty, doors)
    await enter(empty, course())
    await offer_all(empty, doors)
    assert await states(empty) == {}
    await enter(empty, *(person(person_id) for person_id in NAMES))
    await offer_all(empty, doors)
    assert await states(empty) == {"ben": "held"}
    async with empty.transaction() as tx:
        assert await tx.fetch_value("SELECT count(*) FROM waiting") == 0


async def test_a_click_that_lacks_something_waits_and_later_clicks_of_its_team_wait_behind_it(
    database: Database,
) -> None:
    unknown = click(CARLA, content_id=ContentId(new_id()))
    await hand(database, handlers.hold_for(TEN_MINUTES), click(BEN), unknown, click(CARLA))
    assert await states(database) == {"ben": "held"}
    async with database.transaction() as tx:
        waiting = await tx.fetch("SELECT waits_for FROM waiting")
    assert [row["waits_for"] for row in waiting] == [f"content/{unknown.data.content_id}"] * 2


async def test_a_click_of_another_team_passes_one_that_waits(database: Database) -> None:
    unknown = click(CARLA, content_id=ContentId(new_id()), team_id=TeamId(new_id()))
    await hand(database, handlers.hold_for(TEN_MINUTES), unknown, click(BEN))
    assert await states(database) == {"ben": "held"}
    async with database.transaction() as tx:
        assert await tx.fetch_value("SELECT waits_for FROM waiting") == f"content/{unknown.data.content_id}"
