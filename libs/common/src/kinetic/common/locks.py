"""Locks on aggregates: the reason why two replicas never decide about one team from two old states."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from aiokafka.partitioner import murmur2

from kinetic.common.database import Transaction
from kinetic.contracts.topics import PARTITIONS

BUCKETS: Final = 256 * PARTITIONS
"""Of each kind. A lock is taken on the bucket of a key, so that no batch and no number of replicas fills Postgres' lock table.

A multiple of the partitions, over Kafka's own hash: keys that replicas read from different partitions share no bucket.
"""


@lru_cache(maxsize=16_384)
def bucket_of(key: str) -> int:
    """The bucket in which `key` is locked together with others."""
    bucket: int = (murmur2(key.encode()) & 0x7FFFFFFF) % BUCKETS
    return bucket


def lock_number(service: str, kind: str, name: str) -> int:
    """A stable signed 64-bit number for an advisory lock, e.g. of ``skill-gap/team/17``."""
    digest = blake2b(f"{service}/{kind}/{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


async def lock_keys(tx: Transaction, kind: str, keys: Iterable[str]) -> None:
    """Hold the aggregates `keys` of `kind` until the transaction ends.

    Take it before their state is loaded and before outbox ids are drawn. The order is the same for
    everybody, so two batches never wait for each other in a circle. Take several kinds in one fixed order.
    """
    numbers = sorted({_number(tx, kind, key) for key in keys})
    if numbers:
        await tx.fetch("SELECT pg_advisory_xact_lock(number) FROM unnest($1::bigint[]) AS number", numbers)


async def try_lock_keys(tx: Transaction, kind: str, keys: Iterable[str]) -> set[str]:
    """Those of `keys` that nobody else holds, held from now on. For timers: what is busy is due again soon."""
    keys_of: dict[int, set[str]] = {}
    for key in keys:
        keys_of.setdefault(_number(tx, kind, key), set()).add(key)
    rows = await tx.fetch(
        "SELECT number FROM unnest($1::bigint[]) AS number WHERE pg_try_advisory_xact_lock(number)", sorted(keys_of)
    )
    return set().union(*(keys_of[row["number"]] for row in rows))


def _number(tx: Transaction, kind: str, key: str) -> int:
    return lock_number(tx.service, kind, str(bucket_of(key)))
