"""Locks on aggregates: the reason why two replicas never decide about one team from two old states."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from kinetic.common.database import Transaction


def lock_number(service: str, kind: str, key: str) -> int:
    """A stable signed 64-bit number for an advisory lock, e.g. of ``skill-gap/team/<id>``."""
    digest = blake2b(f"{service}/{kind}/{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


async def lock_keys(tx: Transaction, kind: str, keys: Iterable[str]) -> None:
    """Hold the aggregates `keys` of `kind` until the transaction ends.

    Take it before their state is loaded and before outbox ids are drawn. The order is the same for
    everybody, so two batches never wait for each other in a circle. Take several kinds in one fixed order.
    """
    numbers = sorted({lock_number(tx.service, kind, key) for key in keys})
    if numbers:
        await tx.fetch("SELECT pg_advisory_xact_lock(number) FROM unnest($1::bigint[]) AS number", numbers)


async def try_lock_keys(tx: Transaction, kind: str, keys: Iterable[str]) -> set[str]:
    """Those of `keys` that nobody else holds, held from now on. For timers: what is busy is due again soon."""
    numbers = {lock_number(tx.service, kind, key): key for key in keys}
    rows = await tx.fetch(
        "SELECT number FROM unnest($1::bigint[]) AS number WHERE pg_try_advisory_xact_lock(number)", sorted(numbers)
    )
    return {numbers[row["number"]] for row in rows}
