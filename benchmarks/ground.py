"""What is measured on: a Kafka, a Postgres, databases copied from a prepared one, topics filled beforehand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import asyncpg
from aiokafka import AIOKafkaProducer

from kinetic.common.database import Database
from kinetic.common.events import Cause, Emission, headers_of, new_id, seal
from kinetic.common.migrate import migrate
from kinetic.common.service import Service
from kinetic.common.topic_admin import ensure_topics
from kinetic.contracts import topics
from kinetic.contracts.event import Event
from kinetic.contracts.ids import EventId
from kinetic.contracts.topics import Topic
from tests.support.databases import with_database
from tests.support.stack import Backends

PARTITIONS = 12
TRACE = "00-{:032x}-00f067aa0ba902b7-01"

Prepare = Callable[[Database], Awaitable[None]]


@dataclass
class Ground:
    """The backends of a run, and the databases prepared so far."""

    backends: Backends
    _prepared: dict[str, str] = field(default_factory=dict)

    @property
    def kafka(self) -> str:
        """Bootstrap servers."""
        return self.backends.kafka

    async def create_topics(self) -> None:
        """Every topic that services tell."""
        await ensure_topics(self.kafka, topics.ALL, 1, 1)

    async def prepare(self, name: str, service: Service, fill: Prepare) -> None:
        """Make the database that runs of `name` are copied from."""
        prepared = f"bench_{new_id().replace('-', '')}"
        await self._run(f'CREATE DATABASE "{prepared}"')
        dsn = with_database(self.backends.postgres, prepared)
        await migrate(dsn, service.name, service.branches)
        database = Database(dsn, service.name, pool_size=3)
        await fill(database)
        await database.close()
        connection = await asyncpg.connect(dsn)
        await connection.execute("VACUUM (FREEZE, ANALYZE)")
        await connection.execute("CHECKPOINT")
        await connection.close()
        self._prepared[name] = prepared

    @asynccontextmanager
    async def database(self, name: str, service: Service) -> AsyncIterator[Database]:
        """A copy of the prepared database, dropped afterwards. Its service has a name, and so a group, of its own."""
        copy = f"run_{new_id().replace('-', '')}"
        await self._run(f'CREATE DATABASE "{copy}" TEMPLATE "{self._prepared[name]}" STRATEGY file_copy')
        database = Database(with_database(self.backends.postgres, copy), service.name)
        database.service = f"{service.name}-{copy[-12:]}"  # a channel is named after it, of at most 63 bytes
        try:
            yield database
        finally:
            await database.close()
            await self._run(f'DROP DATABASE "{copy}" WITH (FORCE)')

    async def fill_topic(self, topic: str, events: Sequence[Event]) -> None:
        """Create `topic` and write `events` as other services would: each caused by an event of some trace."""
        await ensure_topics(self.kafka, [Topic(topic, PARTITIONS, {})], 1, 1)
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka, acks="all", linger_ms=5, max_batch_size=262_144)
        await producer.start()
        try:
            sent = [await producer.send(topic, **_record(event, number)) for number, event in enumerate(events)]
            await asyncio.gather(*sent)
        finally:
            await producer.stop()

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(self.backends.postgres)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def _record(event: Event, number: int) -> dict[str, object]:
    beginning = EventId(new_id())
    cause = Cause(beginning, beginning, TRACE.format(number + 1))
    headers = headers_of(seal(Emission(event, cause), "/kinetic/benchmark", datetime.now(UTC)))
    return {
        "value": event.model_dump_json().encode(),
        "key": event.key.encode(),
        "headers": [(name, text.encode()) for name, text in headers.items()],
    }
