"""What the brokers say: topics and their settings, and how far each consumer group has read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import GroupCoordinatorNotAvailableError, GroupLoadInProgressError, for_code

from kinetic.cli.doctor.judgements.groups import GroupState
from kinetic.cli.doctor.judgements.setup import Published
from kinetic.cli.doctor.judgements.topics import Partition, TopicState
from kinetic.cli.watching import admin_of, consumer_of
from kinetic.common.events import read_headers
from kinetic.common.subscriptions import group_of
from kinetic.contracts import topics
from kinetic.contracts.ingestion import DirectoryConfirmed

LOOK_AGAIN_SECONDS: Final = 5.0
_PAUSE_SECONDS: Final = 0.5
_POLL_MS: Final = 200
_LAST_RECORDS: Final = 500
_ENTRIES, _ERROR, _NAME = 4, 0, 3

Offsets = Mapping[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class Cluster:
    """The brokers, and those of the topics asked for that exist."""

    brokers: int
    topics: Mapping[str, TopicState]


async def read_cluster(kafka: str, names: Iterable[str]) -> Cluster:
    """The topics of these names with their settings. Unreachable when Kafka does not answer."""
    async with admin_of(kafka) as admin:
        brokers = len((await admin.describe_cluster())["brokers"])
        # All of them: to name a topic that is missing could create it.
        described = {entry["topic"]: entry for entry in await admin.describe_topics()}
        there = sorted(set(names) & described.keys())
        settings = await _settings(admin, there)
    return Cluster(brokers, {name: _topic(described[name], settings[name]) for name in there})


async def read_groups(kafka: str, readers: Sequence[tuple[str, str]]) -> list[GroupState]:
    """How each service reads each topic, looked at again when something waits.

    `readers` are pairs of service and topic, one at least.
    """
    async with admin_of(kafka) as admin, consumer_of(kafka, {topic for _, topic in readers}) as (consumer, partitions):
        await _until_coordinated(admin, group_of(*readers[0]))
        members = await _members(admin, [group_of(service, topic) for service, topic in readers])
        first = await _committed(admin, readers, partitions)
        ends, begins = await consumer.end_offsets(partitions), await consumer.beginning_offsets(partitions)
        before = [_behind(read, begins, ends) for read in first]
        then = await _look_again(admin, readers, partitions, first, before)
    return [
        GroupState(
            service=service,
            topic=topic,
            members=members[group_of(service, topic)],
            behind=sum(_behind(later, begins, ends).values()),
            standing=sum(_standing(waiting, earlier, later).values()),
        )
        for (service, topic), waiting, earlier, later in zip(readers, before, first, then, strict=True)
    ]


async def read_published(kafka: str) -> Published:
    """What the compacted topics hold: whether there is a catalogue and a map, and the directory's latest heartbeat."""
    async with consumer_of(kafka, topics.COMPACTED) as (consumer, partitions):
        ends, begins = await consumer.end_offsets(partitions), await consumer.beginning_offsets(partitions)
        filled = {at.topic for at in partitions if ends[at] > begins[at]}
        directory = [at for at in partitions if at.topic == topics.DIRECTORY]
        heartbeats = [await _heartbeat(consumer, at, begins[at], ends[at]) for at in directory]
    newest = next((heartbeat for heartbeat in heartbeats if heartbeat), None)
    return Published(
        has_directory=topics.DIRECTORY in filled,
        directory_version=newest.version if newest else None,
        directory_confirmed_at=newest.confirmed_at if newest else None,
        has_catalogue=topics.CATALOGUE in filled,
        has_map=topics.CAPABILITIES in filled,
    )


async def _heartbeat(consumer: AIOKafkaConsumer, at: TopicPartition, begin: int, end: int) -> DirectoryConfirmed | None:
    """The last heartbeat among the last records of a partition; None when there is none."""
    if end <= begin:
        return None
    consumer.assign([at])
    consumer.seek(at, max(begin, end - _LAST_RECORDS))
    last = None
    while await consumer.position(at) < end:
        for record in (await consumer.getmany(at, timeout_ms=_POLL_MS)).get(at, ()):
            last = _confirmation_in(record) or last
    return last


def _confirmation_in(record: ConsumerRecord[bytes, bytes]) -> DirectoryConfirmed | None:
    try:
        if read_headers(record.headers).get("ce_type") != DirectoryConfirmed.type:
            return None
        return DirectoryConfirmed.model_validate_json(record.value or b"null")
    except ValueError:
        return None


async def _settings(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found: dict[str, dict[str, str]] = {}
    for answer in await admin.describe_configs(resources) if resources else ():
        for resource in answer.resources:
            if resource[_ERROR]:
                raise for_code(resource[_ERROR])(f"the settings of {resource[_NAME]}")
            found[resource[_NAME]] = {entry[0]: entry[1] for entry in resource[_ENTRIES]}
    return found


def _topic(described: Mapping[str, Any], settings: Mapping[str, str]) -> TopicState:
    partitions = tuple(
        Partition(is_led=part["leader"] >= 0, copies=len(part["replicas"]), in_sync=len(part["isr"]))
        for part in described["partitions"]
    )
    return TopicState(described["topic"], partitions, settings)


async def _look_again(
    admin: AIOKafkaAdminClient,
    readers: Sequence[tuple[str, str]],
    partitions: Sequence[TopicPartition],
    first: Sequence[Offsets],
    waiting: Sequence[Offsets],
) -> Sequence[Offsets]:
    """The offsets when every partition in which records waited has come forward, or after `LOOK_AGAIN_SECONDS`."""
    then = first
    until = time.monotonic() + LOOK_AGAIN_SECONDS
    while any(map(_standing, waiting, first, then)) and time.monotonic() < until:
        await asyncio.sleep(_PAUSE_SECONDS)
        then = await _committed(admin, readers, partitions)
    return then


async def _until_coordinated(admin: AIOKafkaAdminClient, group: str) -> None:
    """Where nobody has ever read, the broker first makes a place for offsets. The caller bounds the time."""
    while True:
        try:
            await admin.find_coordinator(group)
        except (GroupCoordinatorNotAvailableError, GroupLoadInProgressError):
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            return


async def _members(admin: AIOKafkaAdminClient, groups: Sequence[str]) -> dict[str, int]:
    # One by one: aiokafka 0.14 misreads an answer about several groups.
    answers = await asyncio.gather(*(admin.describe_consumer_groups([group]) for group in groups))
    found = dict.fromkeys(groups, 0)
    for answer in (answer for described in answers for answer in described):
        for error, group, _, _, _, members, *_ in answer.groups:
            if error:
                raise for_code(error)(f"the group {group}")
            found[group] = len(members)
    return found


async def _committed(
    admin: AIOKafkaAdminClient, readers: Sequence[tuple[str, str]], partitions: Sequence[TopicPartition]
) -> list[Offsets]:
    return await asyncio.gather(
        *(
            _committed_by(admin, group_of(service, topic), [at for at in partitions if at.topic == topic])
            for service, topic in readers
        )
    )


async def _committed_by(admin: AIOKafkaAdminClient, group: str, partitions: list[TopicPartition]) -> Offsets:
    if not partitions:
        return {}
    offsets = await admin.list_consumer_group_offsets(group, partitions=partitions)
    return {at: read.offset for at, read in offsets.items()}


def _standing(waiting: Offsets, earlier: Offsets, later: Offsets) -> Offsets:
    """Records that wait in partitions whose offset has not moved."""
    return {at: number for at, number in waiting.items() if later.get(at) == earlier.get(at)}


def _behind(read: Offsets, begins: Offsets, ends: Offsets) -> Offsets:
    """Records that are not read yet, by partition, where there are some."""
    left = {at: ends[at] - max(offset, begins[at]) for at, offset in read.items()}
    return {at: number for at, number in left.items() if number > 0}
