"""A service small enough to see through: it counts what it reads, per key, and tells each count.

Its ledger is what the promises are checked against: every event once, in the order of its key, told once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from kinetic.common import outbox
from kinetic.common import tables as machinery
from kinetic.common.database import Database, Transaction
from kinetic.common.doors import Door
from kinetic.common.events import Emission, Envelope, headers_of, read_headers, seal
from kinetic.common.locks import lock_keys
from kinetic.common.migrate import Branch
from kinetic.common.relay import Relay, create_producer
from kinetic.common.subscriptions import Subscription, create_broker, subscribe
from kinetic.common.topic_admin import ensure_topics
from kinetic.contracts.event import Event
from kinetic.contracts.topics import Topic, dead_letter_topic
from tests.support.databases import Templates
from tests.support.stack import Backends

BRANCHES = (Branch.of("kinetic.common", machinery.metadata),)
LEDGER = "CREATE TABLE IF NOT EXISTS ledger (key text, number int, total int, place bigserial)"

Effect = Callable[[Transaction, Sequence[Envelope[Any]]], Awaitable[None]]


class Noted(Event):
    """The `number`th event of `name`."""

    type: ClassVar[str] = "test.noted.v1"
    topic: ClassVar[str] = "test.noted"

    name: str
    number: int

    @property
    def key(self) -> str:
        return self.name


class Counted(Event):
    """How many events of `name` have been counted."""

    type: ClassVar[str] = "test.counted.v1"
    topic: ClassVar[str] = "test.counted"

    name: str
    number: int
    total: int

    @property
    def key(self) -> str:
        return self.name


async def count(tx: Transaction, events: Sequence[Envelope[Any]]) -> None:
    """Lock, load, decide, save, tell: what every handler does."""
    await lock_keys(tx, "name", {event.data.name for event in events})
    for event in events:
        total = 1 + await tx.fetch_value("SELECT count(*) FROM ledger WHERE key = $1", event.data.name)
        await tx.execute(
            "INSERT INTO ledger (key, number, total) VALUES ($1, $2, $3)", event.data.name, event.data.number, total
        )
        counted = Counted(name=event.data.name, number=event.data.number, total=total)
        await outbox.append(tx, [event.causes(counted)])


@dataclass
class Bench:
    """One run of the counting service: topics and a database of its own, as many replicas as a test wants."""

    stack: Backends
    database: Database
    suffix: str
    replicas: list[tuple[Subscription, Any]] = field(default_factory=list)

    @property
    def noted(self) -> str:
        return f"test.noted.{self.suffix}"

    @property
    def counted(self) -> str:
        return f"test.counted.{self.suffix}"

    async def create_topics(self, partitions: int = 4) -> None:
        topics = [Topic(name, partitions, {}) for name in (self.noted, self.counted, dead_letter_topic(self.noted))]
        await ensure_topics(self.stack.kafka, topics, 1, 1)

    async def note(self, pairs: Sequence[tuple[str, int]]) -> list[Envelope[Event]]:
        """Write one event per (name, number) to Kafka, in order."""
        async with self.database.transaction() as tx:
            now = await tx.now()
        envelopes = [seal(Emission(Noted(name=name, number=number)), "/test", now) for name, number in pairs]
        await self.write(envelopes)
        return envelopes

    async def write(self, envelopes: Sequence[Envelope[Event]]) -> None:
        """Write envelopes as they are, ids included."""
        await self.write_raw(
            [
                (envelope.data.key, envelope.data.model_dump_json().encode(), headers_of(envelope))
                for envelope in envelopes
            ]
        )

    async def write_raw(self, records: Sequence[tuple[str, bytes | None, dict[str, str]]], topic: str = "") -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.stack.kafka, acks="all", enable_idempotence=True)
        await producer.start()
        try:
            for key, value, headers in records:
                raw = [(name, text.encode()) for name, text in headers.items()]
                await producer.send_and_wait(topic or self.noted, value, key=key.encode(), headers=raw)
        finally:
            await producer.stop()

    @asynccontextmanager
    async def replica(self, handle: Effect = count) -> AsyncIterator[Subscription]:
        """A consumer of the noted topic in the service's group."""
        broker = create_broker(self.stack.kafka, self.database.service)
        subscription = subscribe(broker, Door(self.noted, (Noted,), handle), self.database)
        await broker.connect()
        await subscription.subscriber.start()
        try:
            yield subscription
        finally:
            subscription.loop.drain()
            await broker.stop()

    @asynccontextmanager
    async def relay(self) -> AsyncIterator[Relay]:
        """A relay of the service's outbox."""
        relay = Relay(self.database, lambda: create_producer(self.stack.kafka, self.database.service), lambda: None)
        task = asyncio.create_task(relay.run())
        try:
            yield relay
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def ledger(self) -> list[tuple[str, int, int]]:
        """(name, number, total) in the order of their effects."""
        async with self.database.transaction() as tx:
            rows = await tx.fetch("SELECT key, number, total FROM ledger ORDER BY place")
        return [(row["key"], row["number"], row["total"]) for row in rows]

    async def read_all(self, topic: str) -> list[tuple[dict[str, str], bytes | None]]:
        """Every record of a topic, partition by partition."""
        consumer = AIOKafkaConsumer(topic, bootstrap_servers=self.stack.kafka, auto_offset_reset="earliest")
        await consumer.start()
        try:
            ends = await consumer.end_offsets(consumer.assignment())
            found: list[tuple[dict[str, str], bytes | None]] = []
            while any([await consumer.position(at) < end for at, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    found += [(read_headers(record.headers), record.value) for record in records]
            return found
        finally:
            await consumer.stop()


@asynccontextmanager
async def counting(stack: Backends, templates: Templates, partitions: int = 4) -> AsyncIterator[Bench]:
    """A counting service with fresh topics and a fresh database."""
    suffix = uuid4().hex[:12]
    async with templates.fresh(f"counting-{suffix[:4]}", BRANCHES) as database:
        async with database.transaction() as tx:
            await tx.execute(LEDGER)
        bench = Bench(stack, database, suffix)
        Noted.topic, Counted.topic = bench.noted, bench.counted
        await bench.create_topics(partitions)
        yield bench


async def eventually(check: Callable[[], Awaitable[bool]], seconds: float = 30.0) -> bool:
    """Whether `check` comes true in time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < deadline:
        if await check():
            return True
        await asyncio.sleep(0.05)
    return False
