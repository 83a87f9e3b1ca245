"""The loop by hand: getmany → decode → one transaction → produce → commit, on one connection in one task."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, TypeAlias
from zlib import crc32

import asyncpg
import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from uuid_utils import uuid7

BATCH = 1000
SHARDS = 16


@dataclass(frozen=True, slots=True)
class Read:
    """One decoded record: its id, the life it belongs to, its trace, its type and its data."""

    id: str
    correlation_id: str
    traceparent: str
    type: str
    data: Any


@dataclass(frozen=True, slots=True)
class Told:
    """One event to tell, whole."""

    topic: str
    key: str
    headers: dict[str, str]
    value: bytes


Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Apply = Callable[["asyncpg.Connection[asyncpg.Record]", Sequence[Read]], Awaitable[Sequence[Told]]]


async def connect(dsn: str, schema: str) -> Connection:
    """A connection to one schema, with JSON as Python values."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": schema})
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda raw: orjson.loads(raw[1:]),
        format="binary",
    )
    return connection


async def drain(
    consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, connection: Connection, apply: Apply, count: int
) -> float:
    """Handle `count` records; seconds from the first batch at hand to its last commit."""
    handled, started = 0, 0.0
    while handled < count:
        batches = await consumer.getmany(timeout_ms=200, max_records=BATCH)
        started = started or (perf_counter() if batches else 0.0)
        records = [record for batch in batches.values() for record in batch]
        if records:
            await _handle(producer, connection, apply, records)
            await consumer.commit({at: batch[-1].offset + 1 for at, batch in batches.items() if batch})
            handled += len(records)
    return perf_counter() - started


async def _handle(producer: AIOKafkaProducer, connection: Connection, apply: Apply, records: Sequence[Any]) -> None:
    async with connection.transaction():
        unseen = await _keep_unseen(connection, [_decode(record) for record in records])
        told = await apply(connection, unseen)
        if told:
            rows = [(crc32(t.key.encode()) % SHARDS, t.topic, t.key, t.headers, t.value) for t in told]
            columns = ("shard", "topic", "key", "headers", "value")
            await connection.copy_records_to_table("outbox", records=rows, columns=columns)
    if told:
        await asyncio.gather(*[await _send(producer, event) for event in told])
        await connection.execute("DELETE FROM outbox")  # there is no other writer, and Kafka has them all


def _decode(record: Any) -> Read:
    headers = dict(record.headers)
    return Read(
        headers["ce_id"].decode(),
        headers["ce_correlationid"].decode(),
        headers["traceparent"].decode(),
        headers["ce_type"].decode(),
        orjson.loads(record.value),
    )


async def _keep_unseen(connection: Connection, read: Sequence[Read]) -> list[Read]:
    rows = await connection.fetch(
        """INSERT INTO inbox (event_id) SELECT unnest($1::text[])::uuid ON CONFLICT DO NOTHING
           RETURNING event_id::text AS id""",
        [one.id for one in read],
    )
    if len(rows) == len(read):
        return list(read)
    unseen = {row["id"] for row in rows}
    return [one for one in read if one.id in unseen]


async def _send(producer: AIOKafkaProducer, event: Told) -> Awaitable[Any]:
    headers = [(name, text.encode()) for name, text in event.headers.items()]
    sent: Awaitable[Any] = await producer.send(event.topic, event.value, key=event.key.encode(), headers=headers)
    return sent


def tell(cause: Read, event_type: str, topic: str, key: str, data: dict[str, Any], source: str, time: str) -> Told:
    """An event that follows from `cause`, with all headers that ours carries."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(uuid7()),
        "ce_type": event_type,
        "ce_source": source,
        "ce_time": time,
        "ce_correlationid": cause.correlation_id,
        "content-type": "application/json",
        "ce_causationid": cause.id,
        "traceparent": cause.traceparent,
    }
    return Told(topic, key, headers, orjson.dumps(data))


def stamp(moment: datetime) -> str:
    """A moment as it stands in events."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def partitions_of(topic: str, count: int) -> list[TopicPartition]:
    """All partitions of a topic."""
    return [TopicPartition(topic, number) for number in range(count)]
