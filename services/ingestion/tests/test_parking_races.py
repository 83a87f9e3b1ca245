"""Transactions that meet in one lane: nothing that was acknowledged is left behind."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from kinetic.common.database import Database
from kinetic.contracts import topics
from kinetic.contracts.ids import EventId
from kinetic.ingestion.domain.attribution import Known, lane_of
from kinetic.ingestion.domain.intake import Arrival, Origin, decide_intake
from kinetic.ingestion.domain.occurrences import Measurement, TeamPlace
from kinetic.ingestion.handlers import expire_parked
from kinetic.ingestion.intake import Delivery, Fate, Receipt, release_due_lane, take_in
from kinetic.ingestion.store import parking
from kinetic.ingestion.store.receipts import digest_of

NOW = datetime(2026, 1, 5, tzinfo=UTC)
ORIGIN = Origin("principal/tool")
MEASUREMENT = Measurement(TeamPlace("new"), "lead-time", 1.0, 1, NOW, NOW)


async def take(database: Database, number: int) -> Receipt:
    """Take in one measurement of a team that nobody knows."""
    async with database.transaction() as tx:
        (receipt,) = await take_in(tx, [Delivery(digest_of(ORIGIN.sender, "/x", str(number)), (MEASUREMENT,), ORIGIN)])
    assert isinstance(receipt, Receipt)
    return receipt


async def add_team(admin: Any) -> None:
    answer = await admin.put("/directory", json={"teams": [{"slug": "new", "name": "new", "unit": "unit"}]})
    assert answer.status_code == 200


async def release(database: Database) -> None:
    """Fire the timer until nothing is due."""
    fired = 1
    while fired:
        async with database.transaction() as tx:
            fired = await release_due_lane(tx)


async def test_what_is_parked_while_its_lane_is_released_is_told_after_it(
    admin: Any, company: Any, ledger: Any, database: Database
) -> None:
    late = EventId("019b0000-0000-7000-8000-000000000001")
    async with database.transaction() as tx:
        lanes = await parking.lock_lanes(tx, [lane_of(MEASUREMENT)])
        intake = decide_intake([Arrival.of(late, MEASUREMENT, ORIGIN)], Known(), lanes)
        first = await take(database, 1)
        await add_team(admin)
        await parking.park(tx, intake.parked, await tx.now())
        await release(database)

    await release(database)

    assert await ledger.told_ids(topics.MEASUREMENTS) == [*first.event_ids, late]
    assert (await ledger.count("parked"), await ledger.count("parking_lane")) == (0, 0)


async def test_transactions_that_park_in_one_lane_at_once_do_not_block_each_other_for_ever(
    company: Any, ledger: Any, database: Database
) -> None:
    await take(database, 0)

    receipts = await asyncio.gather(*(take(database, number) for number in range(1, 30)))

    assert {receipt.fate for receipt in receipts} == {Fate.PARKED}
    assert await ledger.count("parked") == 30


async def test_parked_event_without_a_lane_expires_too(company: Any, ledger: Any, database: Database) -> None:
    await take(database, 1)
    await ledger.run("DELETE FROM parking_lane")
    await ledger.run("UPDATE parked SET accepted_at = clock_timestamp() - interval '25 hours'")

    async with database.transaction() as tx:
        assert await expire_parked(tx) == 1

    async with database.transaction() as tx:
        assert await tx.fetch_value("SELECT expired_reason FROM parked")
