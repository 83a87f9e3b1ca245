"""The check before an assignment leaves for the LMS, against real Postgres."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from kinetic.assignment import handlers
from kinetic.common.database import Database
from kinetic.common.locks import lock_keys
from kinetic.common.retention import first_id_of
from kinetic.contracts.assignment import AssignmentBlocked, AssignmentRefused, AssignmentRequested
from kinetic.contracts.ingestion import PersonErased
from services.assignment.tests.company import (
    AT_ONCE,
    BEN,
    CARLA,
    DANA,
    LEE,
    RAVI,
    Entry,
    assign,
    assignment_ids,
    click,
    confirm,
    course,
    enter,
    fire,
    fire_within,
    person,
    run,
    states,
    told,
    told_types,
    until_it_waits,
)


async def test_the_lms_is_asked_once_with_its_own_ids_when_the_undo_window_is_over(database: Database) -> None:
    await assign(database, click(BEN), AT_ONCE)
    assert await fire(database) == 1
    assert await fire(database) == 0
    requested = (await told(database))[-1].data
    assert isinstance(requested, AssignmentRequested)
    assert (requested.lms, requested.lms_person_id, requested.lms_content_id) == ("example-lms", "L-1", "C-1")
    assert (requested.directory_version, requested.version) == (7, 2)
    assert await told_types(database) == ["assignment.held", "assignment.requested"]


async def test_nothing_leaves_while_the_undo_window_is_open(database: Database) -> None:
    await assign(database, click(BEN))
    assert await fire(database) == 0
    assert await states(database) == {"ben": "held"}


async def test_a_report_of_a_report_may_be_assigned(database: Database) -> None:
    await assign(database, click(CARLA), AT_ONCE)
    await fire(database)
    assert await states(database) == {"carla": "requested"}


async def test_a_person_who_moved_is_refused(database: Database) -> None:
    await assign(database, click(BEN, CARLA), AT_ONCE)
    await enter(database, person(LEE, Entry(version=2, manager=RAVI)))
    await fire(database)
    assert await states(database) == {"ben": "requested", "carla": "refused"}
    refused = next(e.data for e in await told(database) if isinstance(e.data, AssignmentRefused))
    assert (refused.person_id, refused.reason) == (CARLA, "not_a_report")


async def test_a_person_who_left_is_refused(database: Database) -> None:
    await assign(database, click(BEN), AT_ONCE)
    await enter(database, person(BEN, Entry(version=2, manager=DANA, active=False)))
    await fire(database)
    refused = (await told(database))[-1].data
    assert isinstance(refused, AssignmentRefused)
    assert refused.reason == "inactive"


async def test_retired_content_is_refused(database: Database) -> None:
    await assign(database, click(BEN), AT_ONCE)
    await enter(database, course(2, retired=True))
    await fire(database)
    refused = (await told(database))[-1].data
    assert isinstance(refused, AssignmentRefused)
    assert refused.reason == "content_retired"


@pytest.mark.parametrize("age", [timedelta(seconds=61), None])
async def test_the_timer_holds_back_while_the_directory_is_stale(database: Database, age: timedelta | None) -> None:
    await assign(database, click(BEN), AT_ONCE)
    if age is None:
        async with database.transaction() as tx:
            await tx.execute("DELETE FROM directory_state")
    else:
        await confirm(database, age)
    assert await fire(database) == 0
    assert await states(database) == {"ben": "held"}
    await confirm(database)
    assert await fire(database) == 1
    assert await states(database) == {"ben": "requested"}


async def test_without_an_account_it_is_blocked_once_and_leaves_when_the_account_arrives(database: Database) -> None:
    await enter(database, person(BEN, Entry(version=2, manager=DANA, lms_id=None)))
    await assign(database, click(BEN), AT_ONCE)
    await fire(database)
    blocked = (await told(database))[-1].data
    assert isinstance(blocked, AssignmentBlocked)
    assert blocked.reason == "no_lms_account"
    assert await fire(database) == 0

    await enter(database, person(BEN, Entry(version=3, manager=DANA, lms_id=None)))
    assert await fire(database) == 1
    assert await fire(database) == 0
    await enter(database, person(BEN, Entry(version=4, manager=DANA)))
    assert await fire(database) == 1
    assert await told_types(database) == ["assignment.held", "assignment.blocked", "assignment.requested"]


async def test_content_that_the_lms_does_not_offer_blocks_until_the_catalogue_says_otherwise(
    database: Database,
) -> None:
    await enter(database, course(2, lms_id=None))
    await assign(database, click(BEN), AT_ONCE)
    await fire(database)
    blocked = (await told(database))[-1].data
    assert isinstance(blocked, AssignmentBlocked)
    assert blocked.reason == "not_in_lms"
    await enter(database, course(3))
    await fire(database)
    assert await states(database) == {"ben": "requested"}


async def test_the_timer_leaves_a_busy_person_for_later(database: Database) -> None:
    await assign(database, click(BEN, CARLA), AT_ONCE)
    async with database.transaction() as busy:
        await lock_keys(busy, "person", [BEN])
        assert await fire(database) == 1
    assert await states(database) == {"ben": "held", "carla": "requested"}
    assert await fire(database) == 1
    assert await states(database) == {"ben": "requested", "carla": "requested"}


async def test_an_assignment_that_cannot_be_decided_holds_up_nobody_else(database: Database) -> None:
    await assign(database, click(BEN, CARLA), AT_ONCE)
    await run(database, "UPDATE assignment SET cause = '0' WHERE person_id = $1", BEN)
    assert await fire(database) == 1
    assert await states(database) == {"ben": "held", "carla": "requested"}


async def test_an_erased_person_has_no_assignments(database: Database) -> None:
    await assign(database, click(BEN, CARLA), AT_ONCE)
    await enter(database, PersonErased(person_id=BEN, version=9))
    assert await assignment_ids(database, [BEN]) == []
    assert await states(database) == {"carla": "held"}


async def test_assignments_are_forgotten_in_time(database: Database) -> None:
    await assign(database, click(BEN, CARLA), AT_ONCE)
    async with database.transaction() as tx:
        long_ago = first_id_of(await tx.now() - timedelta(days=401))
        await tx.execute("UPDATE assignment SET assignment_id = $1 WHERE person_id = $2", long_ago, BEN)
        await handlers.sweep(tx)
    assert await states(database) == {"carla": "held"}


async def test_an_account_that_arrives_while_the_request_is_decided_is_not_missed(database: Database) -> None:
    await enter(database, person(BEN, Entry(version=2, manager=DANA, lms_id=None)))
    await assign(database, click(BEN), AT_ONCE)
    async with database.transaction() as tx:
        await fire_within(tx)
        arrival = asyncio.create_task(enter(database, person(BEN, Entry(version=3, manager=DANA))))
        await until_it_waits(database, arrival)
    await arrival
    await fire(database)
    assert await states(database) == {"ben": "requested"}
