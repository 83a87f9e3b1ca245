"""The relay by hand: one loop, one lock, a thousand rows at a time."""

from __future__ import annotations

import asyncio

import orjson
from aiokafka import AIOKafkaProducer

from benchmarks.floors.loop import Connection

ROWS = 1000
LOCK = 7_310_442
IDLE_SECONDS = 0.005


def create_producer(kafka: str) -> AIOKafkaProducer:
    """As safe as ours."""
    return AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True, max_batch_size=262_144)


async def relay(connection: Connection, producer: AIOKafkaProducer) -> None:
    """Send rows in the order of their ids and delete them, until cancelled."""
    await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
    while True:
        rows = await connection.fetch(
            "SELECT id, topic, key, headers::text, value FROM outbox ORDER BY id LIMIT $1", ROWS
        )
        if not rows:
            await asyncio.sleep(IDLE_SECONDS)
            continue
        sent = [
            await producer.send(
                row["topic"],
                row["value"],
                key=row["key"].encode(),
                headers=[(name, text.encode()) for name, text in orjson.loads(row["headers"]).items()],
            )
            for row in rows
        ]
        await asyncio.gather(*sent)
        await connection.execute("DELETE FROM outbox WHERE id = ANY($1::bigint[])", [row["id"] for row in rows])
