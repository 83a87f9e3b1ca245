"""What an outsider can see of a run: the topics, the lag of the groups, and the outboxes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from kinetic.common.database import schema_of
from kinetic.common.events import read_headers
from tests.support.cluster import SERVICES


@dataclass(frozen=True, slots=True)
class Told:
    """One record of a topic."""

    id: str
    type: str
    data: dict[str, Any]


async def read_topic(kafka: str, topic: str) -> list[Told]:
    """Every record of a topic; the records of one key in their order."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest", max_poll_records=5000)
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        told: list[Told] = []
        while any([await consumer.position(at) < end for at, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                for record in records:
                    headers = read_headers(record.headers)
                    told.append(Told(headers["ce_id"], headers["ce_type"], json.loads(record.value)))
        return told
    finally:
        await consumer.stop()


async def lag(kafka: str) -> int:
    """How many records the groups of all services have not committed yet."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka)
    await admin.start()
    await consumer.start()
    try:
        behind = 0
        for service in SERVICES:
            offsets = await admin.list_consumer_group_offsets(f"kinetic-{service}")
            ends = await consumer.end_offsets([TopicPartition(at.topic, at.partition) for at in offsets])
            behind += sum(max(0, ends[at] - held.offset) for at, held in offsets.items())
        return behind
    finally:
        await consumer.stop()
        await admin.close()


async def count_in_all_schemas(dsn: str, table: str) -> int:
    """The rows of a machinery table, over all services."""
    connection = await asyncpg.connect(dsn)
    try:
        return sum([await connection.fetchval(f"SELECT count(*) FROM {schema_of(s)}.{table}") for s in SERVICES])
    finally:
        await connection.close()


async def fetch(dsn: str, sql: str, *arguments: Any) -> Sequence[Any]:
    """Rows of a query."""
    connection = await asyncpg.connect(dsn)
    try:
        rows: Sequence[Any] = await connection.fetch(sql, *arguments)
        return rows
    finally:
        await connection.close()
