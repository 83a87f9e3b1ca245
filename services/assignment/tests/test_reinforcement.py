"""What was learnt is brought up where the team meets: asked of the manager once, when nobody is still learning it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from unittest.mock import patch

import httpx
import pytest

from kinetic.assignment import handlers
from kinetic.common.database import Database, Transaction
from kinetic.common.events import Envelope
from kinetic.common.locks import lock_keys
from kinetic.contracts.assignment import ReinforcementRequested
from kinetic.contracts.ids import PersonId
from kinetic.contracts.ingestion import LearningRecorded, LearningVerb, PersonErased
from kinetic.contracts.notices import Urgency
from kinetic.contracts.recommendation import NudgeAccepted
from services.assignment.tests.company import (
    AT_ONCE,
    BEN,
    CARLA,
    COURSE,
    DANA,
    LEE,
    TEAM,
    assign,
    assignment_ids,
    click,
    enter,
    fire,
    hand,
    record,
    run,
    told,
    until_it_waits,
)
from tests.support.http import token


def passed(person_id: PersonId) -> Envelope[LearningRecorded]:
    """Somebody has passed the course."""
    return record(LearningVerb.PASSED, person_id=person_id)


async def learn(database: Database, *people: PersonId) -> None:
    """These have passed, one after the other."""
    for person_id in people:
        await hand(database, handlers.on_learning, passed(person_id))


async def requests(database: Database) -> list[Envelope[ReinforcementRequested]]:
    """What managers are asked."""
    return [one for one in await told(database) if isinstance(one.data, ReinforcementRequested)]  # type: ignore[misc]


@pytest.fixture
async def clicked(database: Database) -> Envelope[NudgeAccepted]:
    """Dana has assigned the course to three, and the LMS was asked."""
    clicked = click(LEE, BEN, CARLA)
    await assign(database, clicked, AT_ONCE)
    await fire(database)
    return clicked


async def test_the_last_completion_asks_its_manager_to_bring_it_up(
    database: Database, clicked: Envelope[NudgeAccepted]
) -> None:
    await learn(database, LEE, BEN)
    assert await requests(database) == []
    await learn(database, CARLA)
    (asked,) = await requests(database)
    data = asked.data
    assert (data.manager_id, data.team_id, data.content_id, data.nudge_id) == (
        DANA,
        TEAM,
        COURSE,
        clicked.data.nudge_id,
    )
    assert (data.completed, data.assigned, data.urgency, data.path) == (
        3,
        3,
        Urgency.DAILY_SLOT,
        f"/?nudge={clicked.data.nudge_id}",
    )
    assert data.expires_at - data.occurred_at == timedelta(days=14)
    assert asked.correlation_id == clicked.correlation_id
    assert asked.causation_id == [one for one in await told(database) if one.data.type.endswith("completed.v1")][-1].id


async def test_completions_that_are_reported_again_ask_nothing_again(
    database: Database, clicked: Envelope[NudgeAccepted]
) -> None:
    await learn(database, LEE, BEN, CARLA, CARLA, LEE)
    await hand(database, handlers.on_learning, passed(BEN), passed(CARLA))
    assert len(await requests(database)) == 1


async def test_completions_of_one_batch_ask_once(database: Database, clicked: Envelope[NudgeAccepted]) -> None:
    await hand(database, handlers.on_learning, passed(LEE), passed(BEN), passed(CARLA))
    assert [one.data.completed for one in await requests(database)] == [3]


async def test_who_was_taken_off_is_counted_and_not_waited_for(
    database: Database, clicked: Envelope[NudgeAccepted], http: httpx.AsyncClient
) -> None:
    (bens,) = await assignment_ids(database, [BEN])
    await http.post(f"/assignments/{bens}/withdraw", headers=token("dana", "manager"))
    await learn(database, LEE, CARLA)
    assert [(one.data.completed, one.data.assigned) for one in await requests(database)] == [(2, 3)]


async def test_who_failed_may_try_again_and_is_waited_for(database: Database, clicked: Envelope[NudgeAccepted]) -> None:
    (bens,) = await assignment_ids(database, [BEN])
    await hand(database, handlers.on_learning, record(LearningVerb.FAILED, bens))
    await learn(database, LEE, CARLA)
    assert await requests(database) == []
    await hand(database, handlers.on_learning, record(LearningVerb.PASSED, bens))
    assert len(await requests(database)) == 1


async def test_who_was_erased_is_neither_counted_nor_waited_for(
    database: Database, clicked: Envelope[NudgeAccepted]
) -> None:
    await enter(database, PersonErased(person_id=BEN, version=9))
    await learn(database, LEE, CARLA)
    assert [(one.data.completed, one.data.assigned) for one in await requests(database)] == [(2, 2)]


async def test_what_no_nudge_led_to_asks_nothing(database: Database, clicked: Envelope[NudgeAccepted]) -> None:
    await run(database, "UPDATE assignment SET nudge_id = NULL")
    await learn(database, LEE, BEN, CARLA)
    assert await requests(database) == []


@pytest.mark.parametrize(("off", "asked"), [(False, 1), (True, 0)])
async def test_the_managers_lock_lets_the_later_of_two_completions_at_once_see_the_other(
    database: Database, clicked: Envelope[NudgeAccepted], off: bool, asked: int
) -> None:
    await learn(database, LEE)
    with _without_managers_lock(off):
        async with database.transaction() as tx:
            await handlers.on_learning(tx, [passed(BEN)])
            other = asyncio.create_task(learn(database, CARLA))
            await until_it_waits(database, other)
        await other
    assert len(await requests(database)) == asked


def _without_managers_lock(off: bool) -> AbstractContextManager[object]:
    async def lock_others(tx: Transaction, kind: str, keys: Iterable[str]) -> None:
        if kind != "manager":
            await lock_keys(tx, kind, keys)

    return patch.object(handlers, "lock_keys", lock_others) if off else nullcontext()
