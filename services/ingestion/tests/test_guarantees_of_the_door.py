"""Each mechanism of the door at work, and the violation when a test takes it away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from kinetic.common.database import Database, Transaction
from kinetic.contracts import topics
from kinetic.contracts.ids import EventId
from kinetic.ingestion import intake
from kinetic.ingestion.domain.attribution import Missing
from kinetic.ingestion.domain.intake import Origin
from kinetic.ingestion.domain.occurrences import Measurement, TeamPlace
from kinetic.ingestion.intake import Delivery, Receipt, release_due_lane, take_in
from kinetic.ingestion.store import parking, receipts
from kinetic.ingestion.store.receipts import Receipts, digest_of

NOW = datetime(2026, 1, 5, tzinfo=UTC)
ORIGIN = Origin("principal/tool")


def delivery(number: int, team: str = "payments") -> Delivery:
    return Delivery(
        digest_of(ORIGIN.sender, "/x", str(number)),
        (Measurement(TeamPlace(team), "lead-time", 1.0, 1, NOW, NOW),),
        ORIGIN,
    )


@contextmanager
def without_receipts() -> Iterator[None]:
    """Every delivery counts as new."""

    async def keep_all(tx: Transaction, deliveries: Mapping[str, tuple[EventId, ...]]) -> Receipts:
        return Receipts({}, await tx.now())

    with patch.object(receipts, "keep_unseen", keep_all):
        yield


@contextmanager
def without_team_lock() -> Iterator[None]:
    """Outbox ids are drawn while another replica draws its own."""

    async def lock_nothing(tx: Transaction, kind: str, keys: Iterable[str]) -> None:
        return

    with patch.object(intake, "lock_keys", lock_nothing):
        yield


@contextmanager
def without_lanes() -> Iterator[None]:
    """Nobody looks whether something waits already."""

    async def see_nothing(tx: Transaction, names: Iterable[str]) -> dict[str, Missing]:
        return {}

    with patch.object(parking, "lock_lanes", see_nothing):
        yield


def switch(on: bool, off: AbstractContextManager[None]) -> AbstractContextManager[None]:
    return nullcontext() if on else off


@pytest.mark.parametrize("on", [True, False])
async def test_receipts_make_ten_deliveries_one_event(database: Database, company: Any, ledger: Any, on: bool) -> None:
    with switch(on, without_receipts()):
        for _ in range(10):
            async with database.transaction() as tx:
                await take_in(tx, [delivery(1)])

    assert len(await ledger.told_ids(topics.MEASUREMENTS)) == (1 if on else 10)


@pytest.mark.parametrize("on", [True, False])
async def test_team_lock_makes_the_order_of_ids_the_order_of_commits(
    database: Database, company: Any, on: bool
) -> None:
    """A relay that reads between two commits would otherwise send the later event first."""
    first_drew, second_began = asyncio.Event(), asyncio.Event()
    committed: list[str] = []

    async def draw_first() -> None:
        async with database.transaction() as tx:
            await take_in(tx, [delivery(1)])
            first_drew.set()
            await second_began.wait()
            await asyncio.sleep(0.5)
        committed.append("first")

    async def draw_second() -> None:
        await first_drew.wait()
        second_began.set()
        async with database.transaction() as tx:
            await take_in(tx, [delivery(2)])
        committed.append("second")

    with switch(on, without_team_lock()):
        await asyncio.gather(draw_first(), draw_second())

    assert committed == (["first", "second"] if on else ["second", "first"])


@pytest.mark.parametrize("on", [True, False])
async def test_lane_keeps_what_comes_later_behind_what_is_parked(
    admin: httpx.AsyncClient, database: Database, company: Any, ledger: Any, on: bool
) -> None:
    async with database.transaction() as tx:
        (first,) = await take_in(tx, [delivery(1, "new")])
    await admin.put("/directory", json={"teams": [{"slug": "new", "name": "New", "unit": "unit"}]})

    with switch(on, without_lanes()):
        async with database.transaction() as tx:
            (second,) = await take_in(tx, [delivery(2, "new")])
    async with database.transaction() as tx:
        await release_due_lane(tx)

    assert isinstance(first, Receipt)
    assert isinstance(second, Receipt)
    in_order = [first.event_ids[0], second.event_ids[0]]
    assert await ledger.told_ids(topics.MEASUREMENTS) == (in_order if on else in_order[::-1])
