"""The outbox: what a transaction wants to tell becomes a row of the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zlib import crc32

from kinetic.common.database import Transaction
from kinetic.common.events import Emission, Envelope, headers_of, seal
from kinetic.common.telemetry import emitted_traceparent
from kinetic.contracts import topics
from kinetic.contracts.event import Event

SHARDS = 16
WAKE_UP_CHANNEL = "kinetic_outbox"

_COLUMNS = ("shard", "topic", "key", "headers", "value")
MAX_EVENT_BYTES = 3_500_000
"""Below what the topics take (`max.message.bytes`), so that no row can ever block its shard."""


class EventTooLarge(ValueError):
    """Refused where it is told, since a relay could neither send nor skip it."""


OutboxRecord = tuple[int, str, str, dict[str, str], bytes | None]


def shard_of(key: str) -> int:
    """The shard of a key, or of a compacted topic: all its events are relayed by one relay at a time."""
    return crc32(key.encode()) % SHARDS


def size_of(record: OutboxRecord) -> int:
    """The bytes of its key, headers and value."""
    _, _, key, headers, value = record
    return len(value or b"") + len(key.encode()) + sum(len(f"{name}{text}".encode()) for name, text in headers.items())


async def append(tx: Transaction, emissions: Sequence[Emission]) -> list[Envelope[Event]]:
    """Tell `emissions` when, and only when, this transaction commits. Call it under the locks of their keys."""
    if not emissions:
        return []
    now = await tx.now()
    source = f"/kinetic/{tx.service}"
    sealed = [seal(emission, source, now, _traceparent(emission)) for emission in emissions]
    await append_records(tx, (record_of(envelope) for envelope in sealed))
    return sealed


async def append_records(tx: Transaction, records: Iterable[OutboxRecord]) -> None:
    """Append finished rows (shard, topic, key, headers, value). EventTooLarge for one that Kafka would never take."""
    rows = list(records)
    for row in rows:
        if (size := size_of(row)) > MAX_EVENT_BYTES:
            raise EventTooLarge(f"an event of {size} bytes for {row[1]}, at most {MAX_EVENT_BYTES}")
    await tx.copy("outbox", _COLUMNS, rows)
    await tx.execute("SELECT pg_notify($1, '')", f"{WAKE_UP_CHANNEL}_{tx.service}")


async def backlog(tx: Transaction, limit: int) -> int:
    """How many rows wait for Kafka, counted up to `limit`."""
    count: int = await tx.fetch_value("SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT $1) AS waiting", limit)
    return count


def _traceparent(emission: Emission) -> str | None:
    parent = emission.cause.traceparent if emission.cause else None
    return emitted_traceparent(parent, f"emit {emission.data.type}")


def record_of(envelope: Envelope[Event]) -> OutboxRecord:
    """The row of an event that is already sealed, for those who promise its id before it is told."""
    data = envelope.data
    ordered = data.topic if data.topic in topics.COMPACTED else data.key
    return shard_of(ordered), data.topic, data.key, headers_of(envelope), data.model_dump_json().encode()
