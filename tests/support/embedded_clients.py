"""Short conversations with Kafka and Postgres, through the clients the services use."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic


def create_topic(servers: str, topic: str) -> None:
    async def create() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=servers)
        await admin.start()
        try:
            await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
        finally:
            await admin.close()

    asyncio.run(create())


def produce(servers: str, topic: str, *values: bytes, timeout_ms: int = 5_000) -> list[int]:
    """Send with acks=all, one after the other, and return the offsets."""

    async def send() -> list[int]:
        async with AIOKafkaProducer(bootstrap_servers=servers, acks="all", request_timeout_ms=timeout_ms) as producer:
            return [(await producer.send_and_wait(topic, value)).offset for value in values]

    return asyncio.run(send())


def read(servers: str, topic: str, count: int) -> list[bytes]:
    """The first `count` values of the topic's only partition; fewer when no more come within 10 s."""

    async def receive() -> list[bytes]:
        async with AIOKafkaConsumer(bootstrap_servers=servers) as consumer:
            partition = TopicPartition(topic, 0)
            consumer.assign([partition])
            await consumer.seek_to_beginning(partition)
            records = await asyncio.wait_for(_collect(consumer, count), 10)
            return [record.value for record in records]

    return asyncio.run(receive())


def read_as_group(servers: str, topic: str, group: str, count: int) -> list[bytes]:
    """The next `count` values for a consumer group, committed."""

    async def receive() -> list[bytes]:
        consumer = AIOKafkaConsumer(
            topic, bootstrap_servers=servers, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False
        )
        async with consumer:
            records = await asyncio.wait_for(_collect(consumer, count), 20)
            await consumer.commit()
            return [record.value for record in records]

    return asyncio.run(receive())


def query(dsn: str, *statements: str) -> list[Any]:
    """Run each statement in its own transaction; returns the rows of the last as tuples."""

    async def ask() -> list[Any]:
        connection = await asyncpg.connect(dsn, timeout=5)
        try:
            rows = [await connection.fetch(statement) for statement in statements]
            return [tuple(row) for row in rows[-1]]
        finally:
            await connection.close()

    return asyncio.run(ask())


async def _collect(consumer: AIOKafkaConsumer, count: int) -> list[Any]:
    return [await consumer.getone() for _ in range(count)]
