"""Requests share transactions, and none of them pays for another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import asyncpg
import pytest

from kinetic.common.database import Database, DatabaseUnavailable, Transaction
from kinetic.common.failures import Overloaded
from kinetic.contracts import topics
from kinetic.ingestion import committer as committing
from kinetic.ingestion.committer import WORTH_A_WRITER, Committer
from kinetic.ingestion.domain.intake import Origin
from kinetic.ingestion.domain.occurrences import Measurement, TeamPlace
from kinetic.ingestion.intake import Delivery, Outcome, Receipt, take_in
from kinetic.ingestion.store.receipts import digest_of

NOW = datetime(2026, 1, 5, tzinfo=UTC)
ORIGIN = Origin("principal/tool")


def delivery(number: int, kpi: str = "lead-time") -> Delivery:
    return Delivery(
        digest_of(ORIGIN.sender, "/x", str(number)),
        (Measurement(TeamPlace("payments"), kpi, 1.0, 1, NOW, NOW),),
        ORIGIN,
    )


@asynccontextmanager
async def running(committer: Committer, database: Database, writers: int = 1) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(committer.run(database, lambda: None)) for _ in range(writers)]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def transactions_used(database: Database) -> int:
    async with database.transaction() as tx:
        rows: int = await tx.fetch_value("SELECT count(DISTINCT xmin::text) FROM receipt")
    return rows


async def test_concurrent_requests_share_a_transaction(database: Database, company: Any, ledger: Any) -> None:
    committer = Committer(1000, 1000, 1000)
    requests = [asyncio.create_task(committer.commit([delivery(number)])) for number in range(100)]
    await asyncio.sleep(0)

    async with running(committer, database):
        outcomes = await asyncio.gather(*requests)

    assert await transactions_used(database) == 1
    answered = [outcome.event_ids[0] for (outcome,) in outcomes if isinstance(outcome, Receipt)]
    assert await ledger.told_ids(topics.MEASUREMENTS) == answered


async def test_many_do_not_wait_for_another_group_and_what_comes_one_by_one_shares_a_transaction(
    database: Database, company: Any
) -> None:
    committer = Committer(1000, 1000, 1000)
    going_on = asyncio.Event()

    async def hold_the_first(tx: Transaction, deliveries: Sequence[Delivery], full: Collection[str]) -> list[Outcome]:
        if len(deliveries) == 1:
            await going_on.wait()
        return await take_in(tx, deliveries, full)

    with patch.object(committing, "take_in", hold_the_first):
        async with running(committer, database, writers=2):
            first = asyncio.create_task(committer.commit([delivery(0)]))
            await asyncio.sleep(0.1)
            many = [committer.commit([delivery(number)]) for number in range(1, WORTH_A_WRITER + 1)]
            assert len(await asyncio.gather(*many)) == WORTH_A_WRITER
            one = asyncio.create_task(committer.commit([delivery(501)]))
            await asyncio.sleep(0.1)
            another = asyncio.create_task(committer.commit([delivery(502)]))
            assert not first.done()
            going_on.set()
            await asyncio.gather(first, one, another)

    assert await transactions_used(database) == 3


async def fail_on_poison(tx: Transaction, deliveries: Sequence[Delivery], full: Collection[str]) -> list[Outcome]:
    """As `take_in`, but Postgres refuses a KPI called poison."""
    for entry in deliveries:
        if any(isinstance(o, Measurement) and o.kpi == "poison" for o in entry.occurrences):
            await tx.execute("SELECT 1 / 0")
    return await take_in(tx, deliveries, full)


async def test_delivery_that_fails_harms_only_itself(database: Database, company: Any, ledger: Any) -> None:
    committer = Committer(1000, 1000, 1000)
    batches = [[delivery(1), delivery(2, "poison"), delivery(3)], [delivery(4)], [delivery(5, "poison")]]
    requests = [asyncio.create_task(committer.commit(batch)) for batch in batches]
    await asyncio.sleep(0)

    with patch.object(committing, "take_in", fail_on_poison):
        async with running(committer, database):
            outcomes = await asyncio.gather(*requests)

    kinds = [[type(outcome) for outcome in batch] for batch in outcomes]
    poisoned = asyncpg.DivisionByZeroError
    assert kinds == [[Receipt, poisoned, Receipt], [Receipt], [poisoned]]
    told = await ledger.told_ids(topics.MEASUREMENTS)
    assert told == [receipt.event_ids[0] for batch in outcomes for receipt in batch if isinstance(receipt, Receipt)]


async def test_outage_is_told_to_every_request_and_nothing_is_kept(database: Database) -> None:
    away = Database("postgresql://kinetic@127.0.0.1:1/kinetic", "ingestion")
    committer = Committer(1000, 1000, 1000)

    async with running(committer, away):
        failed = await asyncio.gather(*(committer.commit([delivery(n)]) for n in range(3)), return_exceptions=True)

    assert [type(error) for error in failed] == [DatabaseUnavailable] * 3


async def test_writer_goes_on_after_an_outage(database: Database, company: Any) -> None:
    committer = Committer(1000, 1000, 1000)
    failures = iter([ConnectionResetError("gone")])

    async def fail_once(tx: Transaction, deliveries: Sequence[Delivery], full: Collection[str]) -> list[Outcome]:
        for error in failures:
            raise error
        return await take_in(tx, deliveries, full)

    with patch.object(committing, "take_in", fail_once):
        async with running(committer, database):
            with pytest.raises(ConnectionResetError):
                await committer.commit([delivery(1)])
            assert await committer.commit([delivery(1)])


async def test_full_queue_refuses_and_takes_nothing(database: Database, company: Any, ledger: Any) -> None:
    committer = Committer(queue_limit=500, backlog_limit=1000, parked_limit=1000)
    waiting = asyncio.create_task(committer.commit([delivery(number) for number in range(500)]))
    await asyncio.sleep(0)

    with pytest.raises(Overloaded):
        await committer.commit([delivery(500)])

    async with running(committer, database):
        await waiting
    assert await ledger.count("receipt") == 500


async def test_full_backlog_refuses_until_kafka_has_taken_some(database: Database, company: Any, ledger: Any) -> None:
    committer = Committer(queue_limit=500, backlog_limit=10, parked_limit=1000)
    with patch.object(committing, "BACKLOG_CHECK_SECONDS", 0.05):
        async with running(committer, database):
            await committer.commit([delivery(number) for number in range(10)])
            assert await becomes(committer, Overloaded)

            await ledger.run("DELETE FROM outbox")

            assert await becomes(committer, list)


async def becomes(committer: Committer, kind: type[object]) -> bool:
    """Whether a delivery is answered with a `kind` before long."""
    for _ in range(200):
        (answer,) = await asyncio.gather(committer.commit([delivery(10)]), return_exceptions=True)
        if isinstance(answer, kind):
            return True
        await asyncio.sleep(0.02)
    return False


async def test_caller_who_leaves_does_not_stop_the_writer(database: Database, company: Any) -> None:
    committer = Committer(1000, 1000, 1000)
    left, stays = (asyncio.create_task(committer.commit([delivery(number)])) for number in range(2))
    await asyncio.sleep(0)
    left.cancel()

    async with running(committer, database):
        assert await stays
