"""Which intake topics are read: in every replica those of the integrations that there are now, each in a group of its own.

So a new integration is read within seconds, and one whose records are slow, wrong or too many holds up no other.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import asyncpg
from aiokafka.errors import KafkaError

from kinetic.common.database import Database, DatabaseUnavailable
from kinetic.common.settings import CommonSettings
from kinetic.common.subscriptions import create_broker, subscribe
from kinetic.common.topic_admin import ensure_topics
from kinetic.contracts import topics
from kinetic.ingestion.committer import Committer
from kinetic.ingestion.intake_door import IntakeDoor
from kinetic.ingestion.journal import Journal
from kinetic.ingestion.store import integrations
from kinetic.ingestion.store.integrations import Intake

log = logging.getLogger(__name__)

FOLLOW_EVERY_SECONDS: Final = 1.0
TOPIC_SECONDS: Final = 15.0
STOP_SECONDS: Final = 15.0


async def open_topics(settings: CommonSettings, name: str) -> None:
    """Create the topics of an integration if need be. KafkaError, OSError or TimeoutError when the broker does not."""
    topic = topics.intake(name)
    async with asyncio.timeout(TOPIC_SECONDS):
        await ensure_topics(settings.kafka, [topic, topic.dead], settings.topic_replication, settings.topic_min_in_sync)


class Intakes:
    """The intake topics that this replica reads. `doors` are those that are open, by topic."""

    def __init__(self, settings: CommonSettings, committer: Committer, journal: Journal) -> None:
        self.doors: dict[str, IntakeDoor] = {}
        self._settings = settings
        self._committer = committer
        self._journal = journal
        self._readers: dict[Intake, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()

    async def run(self, database: Database, beat: Callable[[], None]) -> None:
        """Follow the integrations until cancelled. Whatever stops being read is begun again."""
        try:
            while True:
                beat()
                try:
                    self._follow(database, await _wanted(database))
                except (DatabaseUnavailable, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                    log.warning("the integrations that write to Kafka are not known: %s", error)
                await asyncio.sleep(FOLLOW_EVERY_SECONDS)
        finally:
            self._follow(database, set())
            await asyncio.gather(*self._ending, return_exceptions=True)

    def _follow(self, database: Database, wanted: set[Intake]) -> None:
        for intake, reader in list(self._readers.items()):
            if reader.done() or intake not in wanted:
                del self._readers[intake]
                self._ending.add(reader)
                reader.add_done_callback(self._ending.discard)
                reader.cancel()
        for intake in wanted - self._readers.keys():
            self._readers[intake] = asyncio.create_task(self._read(intake, database), name=f"intake {intake.name}")

    async def _read(self, intake: Intake, database: Database) -> None:
        try:
            await self._read_while_well(IntakeDoor(intake, self._committer, self._journal), database)
        except (KafkaError, OSError, TimeoutError) as error:
            log.warning("the intake of %s is not read: %s", intake.name, error)
        except Exception:
            log.exception("the intake of %s is not read", intake.name)

    async def _read_while_well(self, door: IntakeDoor, database: Database) -> None:
        await open_topics(self._settings, door.intake.name)
        broker = create_broker(self._settings.kafka, database.service)
        subscription = subscribe(broker, door, database)
        try:
            await broker.connect()
            await subscription.subscriber.start()
            self.doors[door.topic] = door
            while subscription.is_alive:
                await asyncio.wait(set(subscription.subscriber.tasks), timeout=FOLLOW_EVERY_SECONDS)
        finally:
            if self.doors.get(door.topic) is door:
                del self.doors[door.topic]
            subscription.loop.drain()
            await asyncio.wait({asyncio.ensure_future(broker.stop())}, timeout=STOP_SECONDS)


async def _wanted(database: Database) -> set[Intake]:
    async with database.transaction() as tx:
        return set(await integrations.intakes(tx))
