"""Reading topics without a consumer group: nobody's offsets move, so watching changes nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from kinetic.cli.errors import Unreachable
from kinetic.common.events import Envelope, Unreadable, read_envelope, read_headers
from kinetic.contracts.event import Event
from kinetic.contracts.registry import BY_TYPE

_POLL_MS = 200
_BATCH = 2000
_CLIENT = "kinetic-cli"


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a topic, whether it is an event or not."""

    topic: str
    headers: Mapping[str, str]
    value: bytes | None

    def event(self) -> Envelope[Event] | None:
        """The event in it; None when it is of an unknown type or unreadable."""
        try:
            return read_envelope(self.headers, self.value, BY_TYPE)
        except Unreadable:
            return None


async def follow(kafka: str, topics: Iterable[str]) -> AsyncGenerator[list[Record], None]:
    """What the topics hold and then what comes, in small batches that may be empty, until the caller leaves."""
    async with consumer_of(kafka, topics) as (consumer, partitions):
        await consumer.seek_to_beginning(*partitions)
        while True:
            fetched = await consumer.getmany(timeout_ms=_POLL_MS, max_records=_BATCH)
            yield [_record(record) for records in fetched.values() for record in records]


async def read_since(kafka: str, topics: Iterable[str], since: datetime) -> AsyncGenerator[Record, None]:
    """Every record written from `since` up to now, partition by partition."""
    async with consumer_of(kafka, topics) as (consumer, partitions):
        ends = await consumer.end_offsets(partitions)
        found = await consumer.offsets_for_times(dict.fromkeys(partitions, int(since.timestamp() * 1000)))
        left = {at: ends[at] for at, start in found.items() if start and start.offset < ends[at]}
        consumer.assign(list(left))
        for at in left:
            consumer.seek(at, found[at].offset)
        while left:
            for at, records in (await consumer.getmany(timeout_ms=_POLL_MS, max_records=_BATCH)).items():
                for record in records:
                    if record.offset < ends[at]:
                        yield _record(record)
            # The position passes the end also where the last records were compacted away.
            left = {at: end for at, end in left.items() if await consumer.position(at) < end}


async def has_taken_in(kafka: str, group: str, topic: str, at_least: int) -> bool:
    """Whether `topic` holds `at_least` records and the consumer groups whose names begin with `group` have read them all."""
    async with consumer_of(kafka, [topic]) as (consumer, partitions):
        ends = await consumer.end_offsets(partitions)
    if sum(ends.values()) < at_least:
        return False
    async with admin_of(kafka) as admin:
        groups = [name for name, _type in await admin.list_consumer_groups() if name.startswith(group)]
        committed = [await admin.list_consumer_group_offsets(name, partitions=partitions) for name in groups]
    return all(any(read[at].offset >= end for read in committed) for at, end in ends.items() if end)


def since_id(event_id: str, margin: timedelta = timedelta(minutes=1)) -> datetime:
    """When a UUIDv7 was made (RFC 9562, section 5.7: milliseconds in its first 48 bits), less a margin for clocks.

    Raises ValueError when it is no UUIDv7.
    """
    parsed = UUID(event_id)
    if parsed.version != 7:
        raise ValueError("not a UUIDv7")
    return datetime.fromtimestamp((parsed.int >> 80) / 1000, UTC) - margin


@asynccontextmanager
async def consumer_of(
    kafka: str, topics: Iterable[str]
) -> AsyncIterator[tuple[AIOKafkaConsumer, list[TopicPartition]]]:
    """A consumer of all partitions of those topics that exist, in no group. Unreachable when Kafka does not answer."""
    partitions = await _partitions(kafka, topics)
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.split(","), client_id=_CLIENT, enable_auto_commit=False)
    try:
        await consumer.start()
        consumer.assign(partitions)
        yield consumer, partitions
    finally:
        await consumer.stop()


async def _partitions(kafka: str, topics: Iterable[str]) -> list[TopicPartition]:
    """The partitions of those topics that exist. Asked of the broker first, since naming a topic may create it."""
    async with admin_of(kafka) as admin:
        there = sorted(set(topics) & set(await admin.list_topics()))
        described = await admin.describe_topics(there) if there else []
    return [TopicPartition(entry["topic"], part["partition"]) for entry in described for part in entry["partitions"]]


@asynccontextmanager
async def admin_of(kafka: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client of the broker's administration. Unreachable when Kafka does not answer."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.split(","), client_id=_CLIENT)
    try:
        await admin.start()
        yield admin
    except (KafkaError, OSError) as error:
        reason = type(error).__name__
        raise Unreachable(
            f"no answer from Kafka at {kafka} ({reason}): is it running? KINETIC_KAFKA says where"
        ) from error
    finally:
        await admin.close()


def _record(record: ConsumerRecord[bytes, bytes]) -> Record:
    try:
        headers = read_headers(record.headers)
    except Unreadable:
        headers = {}
    return Record(record.topic, headers, record.value)
