"""Where FastStream hands over: it owns connections and subscriptions, the batch loop owns offsets and failures."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, cast

from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from kinetic.common.batches import BatchLoop, D
from kinetic.common.database import Database
from kinetic.common.reading import CarefulConsumer

log = logging.getLogger(__name__)

MAX_RECORDS = 1000
BATCH_TIMEOUT_MS = 50
FETCH_MAX_WAIT_MS = 200
GRACEFUL_SECONDS = 10.0
BATCH_LIMIT_SECONDS = 240.0


@dataclass(frozen=True)
class Subscription(Generic[D]):
    """A door that is read by a consumer group."""

    loop: BatchLoop[D]
    subscriber: Any

    @property
    def door(self) -> D:
        """What is read and how it is handled."""
        return self.loop.door

    @property
    def is_alive(self) -> bool:
        """Whether its task runs and no batch has been at hand for too long."""
        busy_since = self.loop.busy_since
        running = self.subscriber.running and any(not task.done() for task in self.subscriber.tasks)
        return running and (busy_since is None or time.monotonic() - busy_since < BATCH_LIMIT_SECONDS)


class CarefulBroker(KafkaBroker):
    """A broker connection whose consumers are stopped by no record."""

    async def _connect(self) -> Any:
        builder = cast("partial[Any]", await super()._connect())
        self.config.broker_config.builder = partial(CarefulConsumer, **builder.keywords)
        return self.config.broker_config.builder


def create_broker(bootstrap_servers: str, service: str) -> KafkaBroker:
    """A broker connection that never creates topics by itself."""
    return CarefulBroker(
        bootstrap_servers.split(","),
        client_id=f"kinetic-{service}",
        allow_auto_create_topics=False,
        graceful_timeout=GRACEFUL_SECONDS,
        apply_types=False,  # nothing is injected: the batch loop reads the records
        logger=log,
        log_level=logging.DEBUG,  # it says two sentences per batch
    )


def group_of(service: str, topic: str) -> str:
    """The consumer group in which a service reads a topic."""
    return f"kinetic-{service}-{topic}"


def subscribe(broker: KafkaBroker, door: D, database: Database) -> Subscription[D]:
    """Read `door` in a consumer group of its own, so that a member that joins for one topic pauses no other.

    Nothing is read before `start`.
    """
    loop = BatchLoop(door, database)
    subscriber = broker.subscriber(
        door.topic,
        group_id=group_of(database.service, door.topic),
        batch=True,
        max_records=MAX_RECORDS,
        batch_timeout_ms=BATCH_TIMEOUT_MS,
        fetch_max_wait_ms=FETCH_MAX_WAIT_MS,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.MANUAL,
        parser=keep_raw,
        decoder=leave_undecoded,
        title=door.topic,
    )

    async def take(message: KafkaMessage) -> None:
        await loop.take(cast("Sequence[Any]", message.raw_message), cast("Any", subscriber).consumer)

    subscriber(take)
    return Subscription(loop, subscriber)


async def keep_raw(records: Any) -> KafkaMessage:
    """The batch as it came: FastStream's own parser raises, and so skips the batch, when a header is not UTF-8."""
    return KafkaMessage(body=b"", headers={}, raw_message=records, consumer=_UNUSED)


async def leave_undecoded(message: KafkaMessage) -> KafkaMessage:
    """The message as it is: the batch loop decodes each record by itself, so that a bad one harms only itself."""
    return message


class _NoConsumer:
    async def commit(self) -> None:
        raise NotImplementedError("offsets are committed by the batch loop")

    def seek(self, partition: Any, offset: int) -> None:
        raise NotImplementedError("partitions are rewound by the batch loop")


_UNUSED = _NoConsumer()
