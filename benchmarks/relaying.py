"""The outbox relay against a single loop by hand, while others go on writing to the outbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import perf_counter

from benchmarks import records
from benchmarks.company import Company
from benchmarks.consuming import relaying
from benchmarks.floors import relay as by_hand
from benchmarks.floors.loop import connect
from benchmarks.ground import TRACE, Ground
from benchmarks.measuring import Row, Say, at_least, side_by_side
from kinetic.common import outbox
from kinetic.common.database import Database
from kinetic.common.events import Cause, Emission, new_id, seal
from kinetic.contracts.event import Event
from kinetic.contracts.ids import EventId
from kinetic.feedback.app import create_service

NAME = "outbox relay"
TARGET = 0.8
WRITERS, ROWS_AT_ONCE, PAUSE_SECONDS = 4, 50, 0.1
LIMIT_SECONDS = 120.0

Relaying = Callable[[Database, str], AbstractAsyncContextManager[None]]


async def measure_relay(ground: Ground, company: Company, count: int, rounds: int, say: Say) -> Row:
    """Rows per second: `count` rows are committed at once, and four writers add 2,000 a second meanwhile."""
    await ground.prepare(NAME, create_service(), _leave_empty)
    rows = _rows(company, count)

    def run(relay: Relaying) -> Callable[[], Awaitable[float]]:
        return lambda: _relay_all(ground, relay, rows)

    ours, floor = await side_by_side(NAME, run(relaying), run(relaying_by_hand), rounds, say)
    return at_least(NAME, ours, floor, "rows/s", TARGET)


async def _relay_all(ground: Ground, relay: Relaying, rows: list[outbox.OutboxRecord]) -> float:
    async with ground.database(NAME, create_service()) as database, relay(database, ground.kafka):
        async with database.transaction() as tx:
            await outbox.append_records(tx, rows)
            last = await tx.fetch_value("SELECT max(id) FROM outbox")
        started = perf_counter()
        writers = [asyncio.create_task(_write(database, rows)) for _ in range(WRITERS)]
        try:
            await asyncio.wait_for(_until_gone(database, last), LIMIT_SECONDS)
            return len(rows) / (perf_counter() - started)
        finally:
            for writer in writers:
                writer.cancel()
            await asyncio.gather(*writers, return_exceptions=True)


async def _until_gone(database: Database, last: int) -> None:
    while True:
        async with database.transaction() as tx:
            if not await tx.fetch_value("SELECT EXISTS (SELECT FROM outbox WHERE id <= $1)", last):
                return
        await asyncio.sleep(0.01)


async def _write(database: Database, rows: list[outbox.OutboxRecord]) -> None:
    while True:
        async with database.transaction() as tx:
            await outbox.append_records(tx, rows[:ROWS_AT_ONCE])
        await asyncio.sleep(PAUSE_SECONDS)


@asynccontextmanager
async def relaying_by_hand(database: Database, kafka: str) -> AsyncIterator[None]:
    """The floor's relay at work."""
    connection, producer = await connect(database.dsn, database.schema), by_hand.create_producer(kafka)
    await producer.start()
    task = asyncio.create_task(by_hand.relay(connection, producer))
    await asyncio.sleep(0.5)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await producer.stop()
        await connection.close()


def _rows(company: Company, count: int) -> list[outbox.OutboxRecord]:
    return [
        outbox.record_of(seal(_caused(event), "/kinetic/benchmark", records.NOW))
        for event in records.signals(company, count)
    ]


def _caused(event: Event) -> Emission:
    beginning = EventId(new_id())
    return Emission(event, Cause(beginning, beginning, TRACE.format(1)))


async def _leave_empty(database: Database) -> None:
    del database
