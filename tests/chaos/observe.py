"""What an outsider can see of a run: the topics, the lag of the groups, and the outboxes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from kinetic.common.database import schema_of
from kinetic.common.events import read_headers


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


async def lag(kafka: str, services: Iterable[str]) -> int:
    """How many records the groups of `services` have not committed yet."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka)
    await admin.start()
    await consumer.start()
    try:
        behind = 0
        prefixes = tuple(f"kinetic-{service}-" for service in services)
        groups = [name for name, _ in await admin.list_consumer_groups() if name.startswith(prefixes)]
        for group in groups:
            offsets = await admin.list_consumer_group_offsets(group)
            ends = await consumer.end_offsets([TopicPartition(at.topic, at.partition) for at in offsets])
            behind += sum(max(0, ends[at] - held.offset) for at, held in offsets.items())
        return behind
    finally:
        await consumer.stop()
        await admin.close()


async def count(dsn: str, sql: str) -> int:
    """The one number that a query answers."""
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval(sql))
    finally:
        await connection.close()


async def count_rows(dsn: str, services: Iterable[str], table: str) -> int:
    """The rows of a machinery table, over all of `services`."""
    counts = (f"(SELECT count(*) FROM {schema_of(service)}.{table})" for service in services)
    return await count(dsn, f"SELECT {' + '.join(counts)}")


async def pressures(dsn: str, half_life_days: float) -> dict[str, float]:
    """Team id → the sum that skill-gap keeps under this half-life."""
    connection = await asyncpg.connect(dsn)
    try:
        sql = "SELECT team_id::text, pressure ->> $1 AS sum FROM skill_gap.assessment"
        rows = await connection.fetch(sql, str(half_life_days))
    finally:
        await connection.close()
    return {row["team_id"]: float(row["sum"] or 0) for row in rows}
