"""Each mechanism behind the promises, and how a test takes it away. Nothing in the services knows of these switches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from typing import Any
from unittest.mock import patch

import faststream
from aiokafka import TopicPartition

from kinetic.common import batches, inbox, locks, outbox, subscriptions
from kinetic.common.database import Database, Transaction
from kinetic.common.outbox import SHARDS, OutboxRecord
from kinetic.common.relay import Relay
from tests.support import counting


@contextmanager
def without_inbox() -> Iterator[None]:
    """Every event counts as unseen."""

    async def keep_all(tx: Transaction, envelopes: Sequence[Any]) -> list[Any]:
        return list(envelopes)

    with patch.object(inbox, "keep_unseen", keep_all):
        yield


@contextmanager
def without_outbox_in_the_transaction(database: Database) -> Iterator[None]:
    """The outbox row is written by a transaction of its own, as two writes without an outbox would be."""
    append = outbox.append_records

    async def append_apart(tx: Transaction, records: Iterable[OutboxRecord]) -> None:
        async with database.transaction() as own:
            await append(own, records)

    with patch.object(outbox, "append_records", append_apart):
        yield


@contextmanager
def without_aggregate_lock() -> Iterator[None]:
    """Nobody waits for anybody."""

    async def lock_nothing(tx: Transaction, kind: str, keys: Iterable[str]) -> None:
        return

    with patch.object(locks, "lock_keys", lock_nothing), patch.object(counting, "lock_keys", lock_nothing):
        yield


@contextmanager
def without_shard_lock() -> Iterator[None]:
    """Every relay believes that it holds every shard."""

    async def claim_all(self: Relay, connection: Any, shards: Sequence[int]) -> set[int]:
        return set(range(SHARDS))

    with patch.object(Relay, "_claim", claim_all):
        yield


@contextmanager
def without_explicit_offsets() -> Iterator[None]:
    """FastStream's default: acknowledge first, handle later."""

    async def commit_nothing(consumer: Any, records: Any) -> None:
        return

    with patch.object(subscriptions, "AckPolicy", _AckFirst), patch.object(batches, "commit", commit_nothing):
        yield


class _AckFirst:
    MANUAL = faststream.AckPolicy.ACK_FIRST


@contextmanager
def without_rewind_of_all_partitions() -> Iterator[None]:
    """Only the partition of the first record is rewound, as a plain negative acknowledgement did."""

    def rewind_first(consumer: Any, records: Sequence[Any]) -> None:
        first = records[0]
        consumer.seek(TopicPartition(first.topic, first.partition), first.offset)

    with patch.object(batches, "rewind", rewind_first):
        yield


@contextmanager
def without_savepoints() -> Iterator[None]:
    """A record that fails leaves what it had written."""

    @asynccontextmanager
    async def nothing(self: Transaction) -> AsyncIterator[None]:
        yield

    with patch.object(Transaction, "savepoint", nothing):
        yield


def switched(off: bool, switch: Callable[[], AbstractContextManager[None]]) -> AbstractContextManager[None]:
    """The mechanism taken away, or left as it is."""
    return switch() if off else nullcontext()


async def settle(seconds: float = 1.0) -> None:
    """Let what should not happen have its time to happen."""
    await asyncio.sleep(seconds)
