"""A new service first reads the compacted topics to where they ended when it first started."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import TopicPartition

from kinetic.common.database import Database
from kinetic.common.subscriptions import Subscription

POLL_SECONDS = 0.1

EndOffsets = dict[TopicPartition, int]


async def wait_until_bootstrapped(database: Database, subscriptions: Sequence[Subscription]) -> None:
    """Return when the group has committed past every remembered end. `subscriptions` are started and compacted."""
    for subscription in subscriptions:
        consumer = subscription.subscriber.consumer
        ends = await _remember_ends(database, await _end_offsets(consumer, subscription.door.topic))
        while not await _has_passed(consumer, ends):
            await asyncio.sleep(POLL_SECONDS)


async def _end_offsets(consumer: Any, topic: str) -> EndOffsets:
    partitions = await _partitions(consumer, topic)
    ends: EndOffsets = await consumer.end_offsets([TopicPartition(topic, partition) for partition in partitions])
    return ends


async def _partitions(consumer: Any, topic: str) -> set[int]:
    while not (partitions := consumer.partitions_for_topic(topic)):
        await asyncio.sleep(POLL_SECONDS)
    return set(partitions)


async def _remember_ends(database: Database, ends: EndOffsets) -> EndOffsets:
    """The ends as they were at the very first start, which this may be."""
    async with database.transaction() as tx:
        await tx.execute_many(
            "INSERT INTO bootstrap (topic, partition, end_offset) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            [(at.topic, at.partition, offset) for at, offset in ends.items()],
        )
        rows = await tx.fetch(
            "SELECT topic, partition, end_offset FROM bootstrap WHERE topic = ANY($1)", [at.topic for at in ends]
        )
    return {TopicPartition(row["topic"], row["partition"]): row["end_offset"] for row in rows}


async def _has_passed(consumer: Any, ends: EndOffsets) -> bool:
    for at, end in ends.items():
        if end and (await consumer.committed(at) or 0) < end:
            return False
    return True
