"""The timers of recommendation: what comes due meanwhile is not forgotten, and what is broken holds up no other team."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from unittest.mock import patch

from kinetic.common.database import Database, Transaction
from kinetic.recommendation.domain.gap import Gap
from kinetic.recommendation.store import gaps
from services.recommendation.tests.company import (
    OTHER_TEAM,
    STRANGER,
    TEAM,
    allow,
    changed,
    consider,
    course,
    fetch,
    fire,
    offer,
    opened,
    run,
    tell,
    told_types,
    until_done_or_waiting,
)

BREAK = 'UPDATE gap SET told = \'{"type": "kinetic.gap.opened.v1", "data": {}}\' WHERE team_id = $1'


async def test_content_that_arrives_while_a_changed_gap_is_decided_is_not_missed(database: Database) -> None:
    await offer(database, course(retired=True, version=2))
    gap = opened()
    await tell(database, gap)
    async with _before_gaps_are_saved(database, offer(database, course(version=3))):
        await tell(database, changed(gap))
    await consider(database)
    assert await told_types(database) == ["nudge.composed"]


async def test_content_that_arrives_while_a_due_gap_is_considered_is_not_missed(database: Database) -> None:
    await offer(database, course(retired=True, version=2))
    await tell(database, opened())
    await run(database, "UPDATE gap SET due_at = clock_timestamp()")
    async with _before_gaps_are_saved(database, offer(database, course(version=3))):
        await consider(database)
    await until_nothing_is_due(database)
    assert await told_types(database) == ["nudge.composed"]


async def test_a_gap_that_was_considered_is_not_due_any_more(database: Database) -> None:
    await allow(database, weekly_budget=0)
    await tell(database, opened())
    await run(database, "UPDATE gap SET due_at = clock_timestamp()")
    assert [await consider(database), await consider(database)] == [1, 0]


async def test_a_gap_that_cannot_be_considered_holds_up_no_other_team(database: Database) -> None:
    await offer(database, course(retired=True, version=2))
    await tell(database, opened(), opened(team_id=OTHER_TEAM, person_ids=(STRANGER,)))
    await offer(database, course(version=3))
    await run(database, BREAK, TEAM)
    assert await consider(database) == 1
    assert await told_types(database) == ["nudge.composed"]


async def test_a_nudge_that_cannot_expire_holds_up_no_other_team(database: Database) -> None:
    await tell(database, opened(), opened(team_id=OTHER_TEAM, person_ids=(STRANGER,)))
    await run(database, "UPDATE nudge SET expires_at = clock_timestamp()")
    await run(database, "UPDATE nudge SET offer = '{}' WHERE team_id = $1", TEAM)
    async with database.transaction() as tx:
        assert await fire(tx, "expire") == 1
    rows = await fetch(database, "SELECT team_id FROM nudge WHERE state = 'expired'")
    assert [row["team_id"] for row in rows] == [OTHER_TEAM]


async def until_nothing_is_due(database: Database) -> None:
    while await consider(database):
        pass


@asynccontextmanager
async def _before_gaps_are_saved(database: Database, work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Between loading and saving gaps, let `work` commit, or wait for what this transaction holds."""
    save = gaps.save

    async def save_late(tx: Transaction, decided: Sequence[Gap], now: datetime) -> None:
        if not tasks:
            tasks.append(asyncio.create_task(work))
            await until_done_or_waiting(database, tasks[0])
        await save(tx, decided, now)

    tasks: list[asyncio.Task[None]] = []
    with patch.object(gaps, "save", save_late):
        yield
    await asyncio.gather(*tasks)
