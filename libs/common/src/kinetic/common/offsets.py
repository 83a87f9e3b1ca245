"""Explicit offsets: a batch is committed partition by partition at last + 1, or rewound in every partition."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Protocol

from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from kinetic.common.doors import KafkaRecord

log = logging.getLogger(__name__)


class Consumer(Protocol):
    """The parts of an AIOKafkaConsumer that are used."""

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None: ...
    def seek(self, partition: TopicPartition, offset: int) -> None: ...


def next_offsets(records: Sequence[KafkaRecord]) -> dict[TopicPartition, int]:
    """The offset to continue from, of each partition in the batch."""
    offsets: dict[TopicPartition, int] = {}
    for record in records:
        partition = TopicPartition(record.topic, record.partition)
        offsets[partition] = max(offsets.get(partition, 0), record.offset + 1)
    return offsets


def first_offsets(records: Sequence[KafkaRecord]) -> dict[TopicPartition, int]:
    """The offset at which the batch began, of each partition in it."""
    offsets: dict[TopicPartition, int] = {}
    for record in records:
        partition = TopicPartition(record.topic, record.partition)
        offsets[partition] = min(offsets.get(partition, record.offset), record.offset)
    return offsets


async def commit(consumer: Consumer, records: Sequence[KafkaRecord]) -> None:
    """Commit after the database has. When it fails the records come again, and the inbox knows them."""
    try:
        await consumer.commit(next_offsets(records))
    except (CommitFailedError, IllegalStateError):
        log.info("partitions moved to another member before their offsets were committed")
    except KafkaError as error:
        log.warning("offsets were not committed, the records will come again: %s", error)


def rewind(consumer: Consumer, records: Sequence[KafkaRecord]) -> None:
    """Read the batch again from the beginning, in every partition that it touched."""
    for partition, offset in first_offsets(records).items():
        try:
            consumer.seek(partition, offset)
        except IllegalStateError:
            log.info("%s-%s moved to another member; it will read the batch", *partition)
