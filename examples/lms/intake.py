"""Reads `kinetic.assignments`: what a batch asks for is on disk before its offsets are committed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from examples.lms.requests import SYSTEM, Malformed, Request, read_request

TOPIC: Final = "kinetic.assignments"

_BATCH: Final = 500
_PAUSE_SECONDS: Final = 0.5

_logger: Final = logging.getLogger(__name__)


async def consume(bootstrap: str, take: Callable[[Sequence[Request], float], None]) -> None:
    """Hand every batch to `take` until cancelled. After a crash a batch may come again: `take` must know what it took."""
    consumer = await _started(bootstrap)
    try:
        while True:
            batches = await consumer.getmany(timeout_ms=1000, max_records=_BATCH)
            if not batches:
                continue
            take(read_requests(record for records in batches.values() for record in records), time.time())
            await _commit(consumer, {partition: records[-1].offset + 1 for partition, records in batches.items()})
    finally:
        await _stopped(consumer)


def read_requests(records: Iterable[ConsumerRecord]) -> list[Request]:
    """What the records ask of this platform. A malformed one is logged and passed over: the next one may be fine."""
    requests: list[Request] = []
    for record in records:
        try:
            headers = {name: value.decode() for name, value in record.headers if value is not None}
            request = read_request(headers, record.value)
        except (Malformed, UnicodeDecodeError) as error:
            _logger.error("passed over %s/%s at %s: %s", record.topic, record.partition, record.offset, error)
            continue
        if request is not None:
            requests.append(request)
    return requests


async def _commit(consumer: AIOKafkaConsumer, offsets: dict[TopicPartition, int]) -> None:
    try:
        await consumer.commit(offsets)
    except KafkaError as error:
        # The broker is away, or another member has the partition now: the batch may come again, which changes nothing.
        _logger.info("offsets were not committed: %r", error)


async def _started(bootstrap: str) -> AIOKafkaConsumer:
    while True:
        consumer = AIOKafkaConsumer(
            TOPIC,
            bootstrap_servers=bootstrap,
            group_id=SYSTEM,
            client_id=SYSTEM,
            # One process, one name: after a kill the next one goes on at once instead of waiting for the session to end.
            group_instance_id=SYSTEM,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=10_000,
            metadata_max_age_ms=5_000,
        )
        try:
            await consumer.start()
        except KafkaError as error:
            _logger.info("Kafka does not answer yet: %r", error)
            await _stopped(consumer)
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            return consumer


async def _stopped(consumer: AIOKafkaConsumer) -> None:
    try:
        async with asyncio.timeout(5):
            await consumer.stop()
    except (TimeoutError, KafkaError) as error:
        _logger.info("the consumer did not stop cleanly: %r", error)
