"""The outbox relay: rows of a shard go to Kafka in order, by one relay at a time, and are deleted once it has them."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2

from kinetic.common import metrics
from kinetic.common.database import Database
from kinetic.common.locks import lock_number
from kinetic.common.outbox import SHARDS, WAKE_UP_CHANNEL
from kinetic.common.waking import wait_until_woken
from kinetic.contracts.topics import MAX_MESSAGE_BYTES

log = logging.getLogger(__name__)

BATCH_ROWS = 1000
IDLE_POLL_SECONDS = 0.5
CLAIM_EVERY_SECONDS = 1.0
SEND_TIMEOUT_SECONDS = 30.0
STOP_TIMEOUT_SECONDS = 5.0


class OutboxProducer(AIOKafkaProducer):  # type: ignore[misc]  # aiokafka has no types
    """A producer that stops at once, without waiting for what is under way: its rows are still in the outbox."""

    async def stop(self) -> None:
        """Cut every connection. aiokafka's own would wait for acknowledgements that may never come."""
        self._closed = True
        sender = self._sender.sender_task
        if sender is not None:
            sender.cancel()
        await self.client.close()
        if sender is not None:
            sender.cancel()  # once more: it waits for requests that nobody will answer
            await asyncio.wait({sender})


ProducerFactory = Callable[[], AIOKafkaProducer]


def create_producer(bootstrap_servers: str, service: str) -> OutboxProducer:
    """A producer that is acknowledged by all in-sync replicas and writes nothing twice by itself."""
    return OutboxProducer(
        bootstrap_servers=bootstrap_servers.split(","),
        client_id=f"kinetic-{service}-relay",
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=262_144,
        max_request_size=MAX_MESSAGE_BYTES,
        request_timeout_ms=20_000,
        partitioner=partition_of,
    )


def partition_of(key: bytes, partitions: Sequence[int], available: Sequence[int]) -> int:
    """Where Kafka's own clients send `key`, whether the partition is available or not."""
    del available
    return partitions[_hash(key) % len(partitions)]


@lru_cache(maxsize=16_384)
def _hash(key: bytes) -> int:
    """Kafka's hash. Remembered, because keys come again and aiokafka computes it in Python."""
    number: int = murmur2(key) & 0x7FFFFFFF
    return number


class Relay:
    """Relays the outbox of one service. Start several: each holds some of the shards, by session locks.

    The rows are read and deleted on the connection that holds the locks, so a relay that has lost its session
    cannot go on. A send that may or may not have arrived is repeated: readers know the event by its id.
    """

    def __init__(self, database: Database, create: ProducerFactory, beat: Callable[[], None]) -> None:
        self._database = database
        self._create = create
        self._beat = beat
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Relay until cancelled. Whatever fails, begin again with a new session and a new producer."""
        while True:
            try:
                await self._run_session()
            except (KafkaError, OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("relay begins again: %s", error)
            except Exception:
                log.exception("relay begins again after a surprise")
            self._beat()
            await asyncio.sleep(random.uniform(0.2, 0.6))

    async def _run_session(self) -> None:
        connection = await self._database.connect()
        producer = self._create()
        try:
            await connection.add_listener(f"{WAKE_UP_CHANNEL}_{self._database.service}", self._on_notify)
            async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
                await producer.start()
            await self._relay_claimed_shards(connection, producer)
        finally:
            metrics.RELAY_SHARDS_HELD.set(0)
            connection.terminate()
            await stop_quietly(producer)

    async def _relay_claimed_shards(self, connection: Any, producer: AIOKafkaProducer) -> None:
        clock = asyncio.get_running_loop().time
        held = await self._claim(connection, random.sample(range(SHARDS), SHARDS // 2))  # leave some to the others
        claim_at = clock() + CLAIM_EVERY_SECONDS
        while True:
            if len(held) < SHARDS and clock() >= claim_at:
                held |= await self._claim(connection, sorted(set(range(SHARDS)) - held))
                claim_at = clock() + CLAIM_EVERY_SECONDS
            metrics.RELAY_SHARDS_HELD.set(len(held))
            relayed = await self._relay_batch(connection, producer, sorted(held))
            self._beat()
            if relayed < BATCH_ROWS:
                await wait_until_woken(self._wake, IDLE_POLL_SECONDS)

    async def _claim(self, connection: Any, shards: Sequence[int]) -> set[int]:
        """Those of `shards` that no other relay holds; they are held until the session ends."""
        rows = await connection.fetch(
            """SELECT shard FROM unnest($1::int[], $2::bigint[]) AS wanted (shard, number)
               WHERE pg_try_advisory_lock(number)""",
            shards,
            [lock_number(self._database.service, "outbox-shard", str(shard)) for shard in shards],
        )
        return {row["shard"] for row in rows}

    async def _relay_batch(self, connection: Any, producer: AIOKafkaProducer, shards: Sequence[int]) -> int:
        self._wake.clear()
        rows = await connection.fetch(
            "SELECT id, topic, key, headers, value FROM outbox WHERE shard = ANY($1::smallint[]) ORDER BY id LIMIT $2",
            shards,
            BATCH_ROWS,
        )
        if rows:
            async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
                await send_in_order(producer, rows)
            await connection.execute("DELETE FROM outbox WHERE id = ANY($1::bigint[])", [row["id"] for row in rows])
            metrics.OUTBOX_RELAYED.inc(len(rows))
        return len(rows)

    def _on_notify(self, *_: Any) -> None:
        self._wake.set()


async def send_in_order(producer: AIOKafkaProducer, rows: Sequence[Any]) -> None:
    """Hand all rows to the producer in order, then wait for every acknowledgement. KafkaError when one fails.

    The idempotent producer keeps one batch per partition in flight, so what was handed over first arrives first.
    """
    sent = [
        await producer.send(
            row["topic"],
            row["value"],
            key=row["key"].encode(),
            headers=[(name, value.encode()) for name, value in row["headers"].items()],
        )
        for row in rows
    ]
    await asyncio.gather(*sent)


async def stop_quietly(producer: AIOKafkaProducer) -> None:
    """Stop a producer that may be stuck; give up after a few seconds."""
    try:
        async with asyncio.timeout(STOP_TIMEOUT_SECONDS):
            await producer.stop()
    except (KafkaError, OSError, TimeoutError) as error:
        log.warning("producer did not stop cleanly: %s", error)
