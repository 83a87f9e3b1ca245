"""Ours and the floor read the same records: events per second from the first batch at hand to the last commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import isclose
from time import perf_counter
from typing import Any
from unittest.mock import patch

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.company import Company
from benchmarks.floors import loop
from benchmarks.ground import PARTITIONS, Ground
from benchmarks.measuring import Row, Say, at_least, side_by_side
from benchmarks.stages import Stage
from kinetic.common import subscriptions
from kinetic.common.batches import BatchLoop
from kinetic.common.database import Database
from kinetic.common.doors import Door, KafkaRecord
from kinetic.common.offsets import Consumer
from kinetic.common.relay import Relay, create_producer
from kinetic.common.subscriptions import create_broker, subscribe

LIMIT_SECONDS = 300.0
TARGET = 0.6
SAME = 0.01
"""States may differ a little: pressure decays while the runs go on."""


@dataclass
class Progress:
    """What a batch loop has done so far."""

    count: int
    handled: int = 0
    started: float = 0.0
    failed: bool = False
    done: asyncio.Event = field(default_factory=asyncio.Event)


def watched(progress: Progress) -> type[BatchLoop]:
    """The batch loop with a clock at its door."""

    class Watched(BatchLoop):
        async def take(self, records: Sequence[KafkaRecord], consumer: Consumer) -> None:
            progress.started = progress.started or perf_counter()
            await super().take(records, consumer)
            progress.failed = self.failures > 0
            progress.handled += len(records)
            if progress.failed or progress.handled >= progress.count:
                progress.done.set()

    return Watched


@dataclass
class StageRun:
    """Both sides of one stage over the same records."""

    ground: Ground
    stage: Stage
    count: int
    fingerprint: tuple[float, ...] = ()

    async def prepare(self, company: Company) -> None:
        """Make the database and write the records."""
        await self.ground.prepare(self.stage.name, self.stage.create(), lambda d: self.stage.fill(d, company))
        await self.ground.fill_topic(self.stage.input, self.stage.feed(company, self.count))

    async def ours(self) -> float:
        """Events per second of the service: its batch loop, its door and its relay, until Kafka has what it tells."""
        service = self.stage.create()
        async with self.ground.database(self.stage.name, service) as database:
            seconds = await self._consume(database)
            await self._compare(database)
        return self.count / seconds

    async def floor(self) -> float:
        """Events per second of the floor."""
        service = self.stage.create()
        async with self.ground.database(self.stage.name, service) as database:
            connection = await loop.connect(database.dsn, database.schema)
            async with floor_clients(self.ground.kafka, self.stage.input, database.service) as (consumer, producer):
                draining = loop.drain(consumer, producer, connection, self.stage.floor(), self.count)
                seconds = await asyncio.wait_for(draining, LIMIT_SECONDS)
            await connection.close()
            await self._compare(database)
        return self.count / seconds

    async def _consume(self, database: Database) -> float:
        progress = Progress(self.count)
        door = Door(self.stage.input, self.stage.door.takes, self.stage.door.handle)
        broker = create_broker(self.ground.kafka, database.service)
        with patch.object(subscriptions, "BatchLoop", watched(progress)):
            subscription = subscribe(broker, door, database)
        async with relaying(database, self.ground.kafka):
            await broker.connect()
            await subscription.subscriber.start()
            await asyncio.wait_for(progress.done.wait(), LIMIT_SECONDS)
            if progress.failed:
                raise AssertionError(f"a batch of {self.stage.name} failed: see the log")
            await asyncio.wait_for(until_relayed(database), LIMIT_SECONDS)
            ended = perf_counter()
        await broker.stop()
        return ended - progress.started

    async def _compare(self, database: Database) -> None:
        """AssertionError when the two sides have left different states: then they did not do the same work."""
        async with database.transaction() as tx:
            row = await tx.fetch_one(self.stage.fingerprint)
            letters = await tx.fetch_value("SELECT count(*) FROM dead_letter")
            waiting = await tx.fetch_value("SELECT count(*) FROM waiting")
        if letters or waiting:
            raise AssertionError(f"{self.stage.name}: {letters} dead letters, {waiting} waiting")
        found = tuple(float(value or 0) for value in row or ())
        self.fingerprint = self.fingerprint or found
        if not all(isclose(*pair, rel_tol=SAME) for pair in zip(found, self.fingerprint, strict=True)):
            raise AssertionError(f"{self.stage.name}: different states {found} and {self.fingerprint}")


@asynccontextmanager
async def relaying(database: Database, kafka: str) -> AsyncIterator[None]:
    """The service's relay at work."""
    relay = Relay(database, lambda: create_producer(kafka, database.service), lambda: None)
    task = asyncio.create_task(relay.run())
    await asyncio.sleep(2.0)  # until it holds every shard
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until_relayed(database: Database) -> None:
    """Return when the outbox is empty."""
    while True:
        async with database.transaction() as tx:
            if not await tx.fetch_value("SELECT EXISTS (SELECT FROM outbox)"):
                return
        await asyncio.sleep(0.01)


@asynccontextmanager
async def floor_clients(kafka: str, topic: str, group: str) -> AsyncIterator[tuple[AIOKafkaConsumer, AIOKafkaProducer]]:
    """A consumer of `topic` and a producer as safe as ours."""
    settings: dict[str, Any] = {"enable_auto_commit": False, "auto_offset_reset": "earliest"}
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=group, **settings)
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True, max_batch_size=262_144)
    await producer.start()
    await consumer.start()
    consumer.assign(loop.partitions_of(topic, PARTITIONS))
    try:
        yield consumer, producer
    finally:
        await consumer.stop()
        await producer.stop()


async def measure_stage(ground: Ground, stage: Stage, company: Company, count: int, runs: int, say: Say) -> Row:
    """One line of the table."""
    run = StageRun(ground, stage, count)
    await run.prepare(company)
    ours, floor = await side_by_side(stage.name, run.ours, run.floor, runs, say)
    return at_least(stage.name, ours, floor, "events/s", TARGET)
