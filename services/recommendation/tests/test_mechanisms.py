"""Each mechanism behind promises 2, 5 and 6 in this service, and what happens when a test takes it away."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import ModuleType
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from kinetic.common.database import Database, Transaction
from kinetic.common.locks import lock_keys
from kinetic.contracts.ids import PersonId
from kinetic.directory import actors
from kinetic.directory import store as directory
from kinetic.directory.actors import Actor
from kinetic.recommendation import asking, clicks, handlers
from services.recommendation.tests.company import (
    BEN,
    CARLA,
    DANA,
    OTHER_TEAM,
    RAVI,
    STRANGER,
    allow,
    confirm,
    enter,
    envelope,
    fetch,
    opened,
    person,
    run,
    team,
    tell,
    told_types,
    until_done_or_waiting,
)
from services.recommendation.tests.notices import ask, reinforcement

DANA_ACTS = Actor(DANA, directory_version=7)
DANAS_TOKEN = {"Authorization": "Bearer dana:manager"}


@pytest.mark.parametrize(("off", "composed"), [(False, 1), (True, 2)])
async def test_last_budget_is_spent_once_by_two_transactions(database: Database, off: bool, composed: int) -> None:
    await enter(database, team(OTHER_TEAM, manager_id=DANA, version=2), person(STRANGER, DANA, version=2))
    await allow(database, weekly_budget=1)
    with _without_lock(handlers, "manager", off):
        async with database.transaction() as tx:
            await handlers.on_gaps(tx, [envelope(opened())])
            other = tell(database, opened(team_id=OTHER_TEAM, person_ids=(STRANGER,)))
            ending = await _meanwhile(database, other)
        await ending
    assert (await told_types(database)).count("nudge.composed") == composed


@pytest.mark.parametrize(("off", "came"), [(False, 1), (True, 2)])
async def test_last_budget_is_spent_once_by_a_nudge_and_a_notice(database: Database, off: bool, came: int) -> None:
    await allow(database, weekly_budget=1)
    with _without_lock(asking, "manager", off):
        async with database.transaction() as tx:
            await handlers.on_gaps(tx, [envelope(opened())])
            ending = await _meanwhile(database, ask(database, reinforcement()))
        await ending
    composed = [name for name in await told_types(database) if name.endswith(".composed")]
    assert len(composed) == came


@pytest.mark.parametrize(("off", "composed"), [(False, 1), (True, 2)])
async def test_a_request_that_two_replicas_read_at_once_is_one_notice(
    database: Database, off: bool, composed: int
) -> None:
    request = envelope(reinforcement())
    await run(database, "DROP INDEX notice_open")
    with _without_lock(handlers, "person", off), _without_lock(asking, "manager", off):
        async with database.transaction() as tx:
            await handlers.on_assignments(tx, [request])
            ending = await _meanwhile(database, ask(database, request))
        await ending
    assert (await told_types(database)).count("notice.composed") == composed


@pytest.mark.parametrize(("off", "accepted"), [(False, 1), (True, 2)])
async def test_the_teams_lock_makes_a_second_click_find_what_the_first_did(
    database: Database, off: bool, accepted: int
) -> None:
    nudge_id = await _nudged(database)
    with _without_lock(clicks, "team", off):
        async with database.transaction() as tx:
            await clicks.assign(tx, DANA_ACTS, nudge_id, 1, None)
            ending = await _meanwhile(database, _click(database, nudge_id))
        await ending
    assert (await told_types(database)).count("nudge.accepted") == accepted


@pytest.mark.parametrize(("off", "status"), [(False, 503), (True, 200)])
async def test_the_heartbeat_keeps_anybody_from_acting_on_an_old_directory(
    database: Database, http: httpx.AsyncClient, off: bool, status: int
) -> None:
    nudge_id = await _nudged(database)
    await confirm(database, age=timedelta(seconds=61))
    with patch.object(actors, "STALE_AFTER_SECONDS", float("inf") if off else actors.STALE_AFTER_SECONDS):
        answer = await http.post(f"/nudges/{nudge_id}/assign", headers=DANAS_TOKEN, json={"version": 1})
    assert answer.status_code == status


@pytest.mark.parametrize(("off", "status"), [(False, 422), (True, 200)])
async def test_the_directory_check_keeps_other_peoples_reports_out(
    database: Database, http: httpx.AsyncClient, off: bool, status: int
) -> None:
    nudge_id = await _nudged(database)
    await enter(database, person(CARLA, RAVI, version=2))
    with _without_reporting_lines(off):
        answer = await http.post(f"/nudges/{nudge_id}/assign", headers=DANAS_TOKEN, json={"version": 1})
    assert answer.status_code == status


async def _nudged(database: Database) -> str:
    await tell(database, opened())
    (row,) = await fetch(database, "SELECT nudge_id FROM nudge")
    return str(row["nudge_id"])


async def _click(database: Database, nudge_id: str) -> None:
    async with database.transaction() as tx:
        await clicks.assign(tx, DANA_ACTS, nudge_id, 1, None)


async def _meanwhile(database: Database, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Let `work` come as far as it can while the caller's transaction is open."""
    task = asyncio.create_task(work)
    await until_done_or_waiting(database, task)
    return task


@contextmanager
def _without_lock(module: ModuleType, kind: str, off: bool) -> Iterator[None]:
    """`module` takes no lock of `kind`."""

    async def lock_others(tx: Transaction, asked: str, keys: Iterable[str]) -> None:
        if not off or asked != kind:
            await lock_keys(tx, asked, keys)

    with patch.object(module, "lock_keys", lock_others):
        yield


@contextmanager
def _without_reporting_lines(off: bool) -> Iterator[None]:
    """Everybody reports to everybody."""

    async def everybody(tx: Transaction, manager_id: str) -> set[PersonId]:
        return {BEN, CARLA}

    with patch.object(directory, "reports_of", everybody if off else directory.reports_of):
        yield
