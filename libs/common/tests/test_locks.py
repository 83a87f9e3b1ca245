"""Locks on aggregates: bounded in number, and never shared by keys that different replicas read."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiokafka.partitioner import DefaultPartitioner

from kinetic.common.database import Database, Transaction
from kinetic.common.events import new_id
from kinetic.common.locks import BUCKETS, bucket_of, lock_keys, try_lock_keys
from kinetic.contracts.topics import PARTITIONS
from tests.support.counting import BRANCHES
from tests.support.databases import Templates

MANY = [new_id() for _ in range(2 * BUCKETS)]


@pytest.fixture
async def database(templates: Templates) -> AsyncIterator[Database]:
    async with templates.fresh("locks", BRANCHES) as database:
        yield database


async def held(tx: Transaction) -> int:
    count: int = await tx.fetch_value(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
    )
    return count


async def test_no_number_of_keys_takes_more_locks_than_there_are_buckets(database: Database) -> None:
    async with database.transaction() as tx:
        await lock_keys(tx, "team", MANY)
        assert 0 < await held(tx) <= BUCKETS


async def test_a_timer_gets_every_key_of_the_buckets_that_are_free(database: Database) -> None:
    busy = MANY[0]
    async with database.transaction() as batch, database.transaction() as timer:
        await lock_keys(batch, "team", [busy])
        free = await try_lock_keys(timer, "team", MANY)
    assert free == {key for key in MANY if bucket_of(key) != bucket_of(busy)}


async def test_kinds_and_services_do_not_share_buckets(database: Database) -> None:
    async with database.transaction() as batch, database.transaction() as timer:
        await lock_keys(batch, "team", MANY)
        assert await try_lock_keys(timer, "person", MANY) == set(MANY)


def test_keys_of_different_partitions_never_share_a_bucket() -> None:
    """So replicas, which read different partitions, never wait for each other because of a bucket."""
    partitions = list(range(PARTITIONS))
    partition_of = {key: DefaultPartitioner()(key.encode(), partitions, partitions) for key in MANY}
    of_bucket: dict[int, set[int]] = {}
    for key, partition in partition_of.items():
        of_bucket.setdefault(bucket_of(key), set()).add(partition)
    assert all(len(partitions) == 1 for partitions in of_bucket.values())
