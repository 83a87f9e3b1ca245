"""Rows of gaps are taken last: whoever waits for a manager, or for notices, holds none that somebody with that lock may want."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.common.locks import lock_keys
from kinetic.contracts.assignment import AssignmentHeld
from services.recommendation.tests.company import (
    DANA,
    LEE,
    allow,
    consider,
    enter,
    opened,
    run,
    team,
    tell,
    until_done_or_waiting,
)
from services.recommendation.tests.delivering import DANAS
from services.recommendation.tests.notices import ask, reinforcement
from services.recommendation.tests.test_policy import ADMIN, OPEN_WIDE
from services.recommendation.tests.test_taken import assigned

TAKE_GAPS = "SELECT FROM gap FOR UPDATE NOWAIT"


async def test_what_assignment_tells_and_asks_in_one_batch_takes_managers_before_rows_of_gaps(
    database: Database,
) -> None:
    await tell(database, opened())
    async with database.transaction() as tx:
        await lock_keys(tx, "manager", [DANA])
        batch = asyncio.create_task(ask(database, assigned(AssignmentHeld, 1), reinforcement()))
        await until_done_or_waiting(database, batch)
        assert not batch.done()
        await tx.fetch(TAKE_GAPS)
    await batch


async def test_the_timer_of_gaps_takes_managers_before_rows_of_gaps(database: Database) -> None:
    await tell(database, opened())
    await run(database, "UPDATE gap SET due_at = clock_timestamp()")
    async with database.transaction() as tx:
        await lock_keys(tx, "manager", [DANA])
        timer = asyncio.create_task(consider(database))
        await until_done_or_waiting(database, timer)
        assert not timer.done()
        await tx.fetch(TAKE_GAPS)
    assert await timer == 1


async def test_the_directory_takes_notices_before_gaps(database: Database) -> None:
    await tell(database, opened())
    await ask(database, reinforcement())
    async with database.transaction() as tx:
        await tx.fetch("SELECT FROM notice FOR UPDATE")
        entering = asyncio.create_task(enter(database, team(manager_id=LEE, version=2)))
        await until_done_or_waiting(database, entering)
        assert not entering.done()
        await tx.fetch(TAKE_GAPS)
    await entering


@pytest.mark.parametrize(
    ("path", "headers", "body"), [("/policy", ADMIN, OPEN_WIDE), ("/preferences", DANAS, {"weekly_budget": 0})]
)
async def test_who_makes_things_due_takes_notices_before_gaps(
    database: Database, http: httpx.AsyncClient, path: str, headers: dict[str, str], body: dict[str, object]
) -> None:
    await allow(database, weekly_budget=0)
    await tell(database, opened())
    await ask(database, reinforcement())
    async with database.transaction() as tx:
        await tx.fetch("SELECT FROM notice FOR UPDATE")
        request = asyncio.create_task(http.put(path, headers=headers, json=body))
        await until_done_or_waiting(database, request)
        assert not request.done()
        await tx.fetch(TAKE_GAPS)
    assert (await request).status_code == 200
