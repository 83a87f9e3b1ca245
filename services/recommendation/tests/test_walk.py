"""Whatever happens, in whatever order and at once: in the end everybody was shown what is so, and nobody waited in a circle."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.recommendation.channels.digest import Digest
from kinetic.recommendation.channels.notice import Item
from kinetic.recommendation.deliverer import Deliverer
from services.recommendation.tests.company import fetch, run
from services.recommendation.tests.delivering import deliver
from services.recommendation.tests.walking import MANAGERS, Unsteady, Walk, seed_of

ITEMS = """
    SELECT nudge_id AS item_id, manager_id, state IN ('composed', 'seen') AS waits FROM nudge
    UNION ALL SELECT notice_id, manager_id, state = 'composed' FROM notice WHERE manager_id IS NOT NULL"""
COMES_DUE = """
    UPDATE delivery SET due_at = clock_timestamp() WHERE delivery_id IN (
        SELECT delivery_id FROM delivery WHERE standing = 'planned' ORDER BY delivery_id FOR UPDATE SKIP LOCKED)"""


@pytest.mark.parametrize("number", range(3))
async def test_in_the_end_everybody_was_shown_what_is_so(
    database: Database, http: httpx.AsyncClient, number: int
) -> None:
    walk = Walk(database, http, seed_of(number))
    slack = Unsteady(takes=frozenset(MANAGERS), rng=walk.rng)
    await walk.begin()
    for _ in range(3):
        slack.is_calm = False
        await everything_at_once(walk, slack)
        slack.is_calm = True
        await calm_down(walk, slack)
        entries = await fetch(database, "SELECT *, coalesce(nudge_id, notice_id) AS item_id FROM delivery")
        assert_nothing_is_left(entries)
        assert_shown(await fetch(database, ITEMS), entries, shown_by(slack))


async def everything_at_once(walk: Walk, slack: Unsteady) -> None:
    """Three things happen at a time, while two loops deliver. Whoever waits in a circle raises."""

    async def happens() -> None:
        for _ in range(8):
            await walk.step()

    async def delivers() -> None:
        delivering = Deliverer([slack], "")
        while True:
            if not await delivering.deliver_due(walk.database):
                await run(walk.database, COMES_DUE)
                await asyncio.sleep(walk.rng.random() * 0.3)

    loops = [asyncio.create_task(delivers()) for _ in range(2)]
    await asyncio.gather(*(happens() for _ in range(3)))
    for loop in loops:
        loop.cancel()
    ended = await asyncio.gather(*loops, return_exceptions=True)
    assert {type(end) for end in ended} == {asyncio.CancelledError}


async def calm_down(walk: Walk, slack: Unsteady) -> None:
    """Everything comes due until nothing happens any more."""
    await run(walk.database, "UPDATE delivery SET due_at = clock_timestamp() WHERE standing = 'sending'")
    for _ in range(4):
        await run(walk.database, "UPDATE gap SET due_at = clock_timestamp() WHERE is_open")
        await run(walk.database, "UPDATE notice SET due_at = clock_timestamp() WHERE state <> 'ended'")
        await walk.timers_fire()
        await deliver(walk.database, slack, at_once=True)


def assert_nothing_is_left(entries: Sequence[Any]) -> None:
    """What goes out with another goes out with one that was sent; nothing waits, and nothing has no manager who gets it."""
    by_id = {entry["delivery_id"]: entry for entry in entries}
    for entry in entries:
        leads = by_id[entry["carried_by"]] if entry["carried_by"] else entry
        assert (leads["carried_by"], entry["standing"] == "carried") == (None, leads is not entry)
        assert leads["standing"] in ("sent", "unknown", "moot")


def assert_shown(items: Sequence[Any], entries: Sequence[Any], shown: Mapping[tuple[str, str], Item]) -> None:
    """Of everything that was sent the last that was shown is what it is now, and what waits for an answer was sent."""
    by_id = {entry["delivery_id"]: entry for entry in entries}
    for item in items:
        mine = [entry for entry in entries if entry["item_id"] == item["item_id"]]
        newest = max(mine, key=lambda entry: entry["occasion"])
        leads = by_id.get(newest["carried_by"], newest)
        if item["waits"]:
            assert (newest["manager_id"], leads["standing"]) == (item["manager_id"], "sent")
        if leads["standing"] == "sent":
            last = shown[f"{leads['item_id']}.{leads['occasion']}", item["item_id"]]
            assert (last.outcome is None) == item["waits"]


def shown_by(slack: Unsteady) -> dict[tuple[str, str], Item]:
    """The last that a message showed of each of its items."""
    return {
        (sent.occasion, message.item_id): message
        for sent in slack.got
        for message in (sent.message.messages if isinstance(sent.message, Digest) else (sent.message,))
    }
