"""A consumer that no record can stop: what aiokafka cannot decode is found, handed over as such and stepped over."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import ConsumerStoppedError, CorruptRecordException, KafkaError, UnsupportedCodecError

from kinetic.common import metrics
from kinetic.common.doors import KafkaRecord, Undecodable

log = logging.getLogger(__name__)

ALONE_TIMEOUT_MS = 2000
GATHER_MS = 5
"""Time enough for the broker to answer. Without it a busy reader would be given one record at a time."""
PATIENCE_MS = 1000
"""FastStream sleeps after an empty answer, and what comes meanwhile waits: so there are few empty answers."""


class CarefulConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka has no types
    """When aiokafka cannot decode a record it raises, and what it had taken of other partitions is gone.

    This consumer then returns to what its group has committed and reads each partition alone, record by record.
    """

    def __init__(self, *topics: str, **settings: Any) -> None:
        super().__init__(*topics, **settings)
        self._is_careful = False

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int = 1000
    ) -> Mapping[TopicPartition, Sequence[KafkaRecord]]:
        """The next records, `Undecodable` ones among them. KafkaError when it is the broker's or the group's trouble."""
        try:
            if self._is_careful:
                read: Mapping[TopicPartition, Sequence[KafkaRecord]] = await self._read_each_alone(max_records)
            else:
                read = await self._read_at_once(partitions, timeout_ms, max_records)
        except ConsumerStoppedError:
            raise
        except Exception as error:
            self._fail(error)
            if _is_about_the_record(error):
                return {}
            raise
        self._is_careful = False
        return read

    async def _read_at_once(
        self, partitions: Sequence[TopicPartition], timeout_ms: int, limit: int
    ) -> Mapping[TopicPartition, Sequence[KafkaRecord]]:
        """What was fetched already came while the last batch was handled, and more of it waits at the broker: it goes along."""
        at_hand: dict[TopicPartition, list[KafkaRecord]] = await super().getmany(
            *partitions, timeout_ms=0, max_records=limit
        )
        left = limit - sum(map(len, at_hand.values()))
        if left <= 0:
            return at_hand
        more = await super().getmany(
            *partitions, timeout_ms=GATHER_MS if at_hand else max(timeout_ms, PATIENCE_MS), max_records=left
        )
        return {at: [*at_hand.get(at, ()), *more.get(at, ())] for at in {**at_hand, **more}}

    def _fail(self, error: Exception) -> None:
        self._is_careful = True
        for topic in self.subscription():
            metrics.BATCH_FAILURES.labels(topic).inc()
            log.warning("reading %s failed, partition by partition from here: %r", topic, error)

    async def _read_each_alone(self, limit: int) -> dict[TopicPartition, list[KafkaRecord]]:
        await self._return_to_committed()
        ends = await self.end_offsets(self.assignment())
        share = max(1, limit // max(1, len(ends)))
        return {at: await self._read_alone(at, end, share) for at, end in ends.items()}

    async def _return_to_committed(self) -> None:
        for at in self.assignment():
            committed = await self.committed(at)
            if committed is None:
                await self.seek_to_beginning(at)
            else:
                self.seek(at, committed)

    async def _read_alone(self, at: TopicPartition, end: int, limit: int) -> list[KafkaRecord]:
        read: list[KafkaRecord] = []
        while len(read) < limit and await self.position(at) < end:
            try:
                fetched = await super().getmany(at, timeout_ms=ALONE_TIMEOUT_MS, max_records=1)
            except Exception as error:
                if not _is_about_the_record(error):
                    raise
                fetched = {at: [await self._step_over(at, error)]}
            if not fetched:
                break
            read += fetched[at]
        return read

    async def _step_over(self, at: TopicPartition, error: Exception) -> Undecodable:
        offset = await self.position(at)
        self.seek(at, offset + 1)
        return Undecodable(at.topic, at.partition, offset, f"{type(error).__name__}: {error}")


def _is_about_the_record(error: Exception) -> bool:
    """Decoding and decompressing raise whatever they like; Kafka's own errors are about the broker or the group."""
    if isinstance(error, CorruptRecordException | UnsupportedCodecError):
        return True
    return not isinstance(error, KafkaError | ConsumerStoppedError)
