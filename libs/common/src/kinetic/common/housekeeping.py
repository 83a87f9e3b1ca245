"""What every service does on the side: waiting events are offered again, old rows go, gauges are read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import asyncpg

from kinetic.common import dead_letters, inbox, metrics, waiting
from kinetic.common.batches import BatchLoop
from kinetic.common.database import Transaction
from kinetic.common.doors import Door
from kinetic.common.events import Envelope, read_envelope
from kinetic.common.failures import WHOLE_BATCH_ATTEMPTS, cause_of, is_outage
from kinetic.common.timers import Timer
from kinetic.contracts.event import Event

BACKLOG_COUNTED_UP_TO = 1_000_000


def timers_for(loops: Mapping[str, BatchLoop], inbox_retention_days: int) -> tuple[Timer, ...]:
    """The timers of the machinery. `loops` is keyed by topic."""
    return (
        Timer("waiting", 0.5, partial(offer_again, loops)),
        Timer("waiting-limit", 60.0, waiting.give_up_overdue),
        Timer("gauges", 5.0, read_gauges),
        Timer("sweep", 300.0, partial(sweep, inbox_retention_days)),
    )


async def offer_again(loops: Mapping[str, BatchLoop], tx: Transaction) -> int:
    """Hand the waiting events of one key to their handler, in order, until one has to wait again; how many were offered."""
    claimed = await waiting.claim_due_key(tx, loops)
    if claimed is None:
        return 0
    loop = loops[claimed.topic]
    for row in claimed.rows:
        if not await _take_up(loop, tx, row):
            break
    return len(claimed.rows)


async def _take_up(loop: BatchLoop, tx: Transaction, row: asyncpg.Record) -> bool:
    """Offer one event. False when it has to wait again, and with it what is behind it."""
    try:
        async with tx.savepoint():
            await loop.door.handle(tx, [_envelope(loop.door, row["headers"], row["value"])])
    except Exception as error:
        if is_outage(error):
            raise
        return await _give_up_or_postpone(loop, tx, row, cause_of(error))
    if await waiting.still_waiting(tx, row["event_id"], row["attempts"]):
        return False
    loop.prove()
    await waiting.release(tx, row["event_id"])
    return True


async def _give_up_or_postpone(loop: BatchLoop, tx: Transaction, row: asyncpg.Record, cause: str) -> bool:
    """An event that fails several times, by a handler that works for others, is dead. Whether it is."""
    failures = await waiting.postpone(tx, row["event_id"], cause)
    if failures < WHOLE_BATCH_ATTEMPTS or not loop.is_proven:
        return False
    await waiting.give_up(tx, row, cause)
    metrics.EVENTS_DEAD.labels(row["topic"], cause.partition(":")[0][:60]).inc()
    return True


async def read_gauges(tx: Transaction) -> int:
    """Read the gauges that only the database knows. Nothing is ever due: 0."""
    row = await tx.fetch_one(
        """SELECT count(*) AS events, coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 AS age
           FROM (SELECT created_at FROM outbox ORDER BY id LIMIT $1) AS oldest""",
        BACKLOG_COUNTED_UP_TO,
    )
    if row is not None:
        metrics.OUTBOX_BACKLOG.set(row["events"])
        metrics.OUTBOX_OLDEST_SECONDS.set(row["age"])
    metrics.EVENTS_WAITING.clear()
    for topic, events in (await waiting.counts(tx)).items():
        metrics.EVENTS_WAITING.labels(topic).set(events)
    return 0


async def sweep(inbox_retention_days: int, tx: Transaction) -> int:
    """Forget some of what has outlived its retention; how much."""
    return await dead_letters.sweep(tx) + await inbox.sweep(tx, inbox_retention_days)


def _envelope(door: Door, headers: dict[str, str], value: bytes) -> Envelope[Event]:
    envelope = read_envelope(headers, value, door.models)
    if envelope is None:
        raise LookupError(f"{door.topic} no longer takes {headers.get('ce_type')}")
    return envelope
