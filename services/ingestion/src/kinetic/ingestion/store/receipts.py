"""Receipts: what was accepted before is recognised by its sender and what that sender calls it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from kinetic.common.database import Transaction
from kinetic.contracts.ids import EventId

_SWEEP_ROWS = 5000


@dataclass(frozen=True, slots=True)
class Receipts:
    """What those of some deliveries became that somebody signed for before, and the database's time."""

    repeated: Mapping[str, tuple[EventId, ...]]
    now: datetime


def digest_of(sender: str, source: str, delivery_id: str) -> str:
    """128 bits that stand for the three, in the form of a UUID. Long ids of senders stay out of the index.

    `sender` is who was let in, so that nobody can take the ids of others.
    """
    names = f"{len(sender)}:{sender}{len(source)}:{source}{delivery_id}"
    return blake2b(names.encode(), digest_size=16).hexdigest()


async def keep_unseen(tx: Transaction, deliveries: Mapping[str, tuple[EventId, ...]]) -> Receipts:
    """Sign for `deliveries` (digest → the ids their events would have), except those that were signed for before.

    Another transaction that is signing for one of them is waited for. The order is the same for everybody.
    """
    digests = sorted(deliveries)
    signed = await tx.fetch(
        """WITH signed AS (
               INSERT INTO receipt (digest, event_ids)
               SELECT digest, ids::uuid[] FROM unnest($1::uuid[], $2::text[]) AS delivered (digest, ids)
               ON CONFLICT (digest) DO NOTHING RETURNING 1)
           SELECT count(*), clock_timestamp() FROM signed""",
        digests,
        ["{" + ",".join(deliveries[digest]) + "}" for digest in digests],
    )
    count, now = signed[0]
    return Receipts({} if count == len(digests) else await _find_repeated(tx, deliveries), now)


async def _find_repeated(
    tx: Transaction, deliveries: Mapping[str, tuple[EventId, ...]]
) -> dict[str, tuple[EventId, ...]]:
    rows = await tx.fetch(
        "SELECT replace(digest::text, '-', '') AS digest, event_ids FROM receipt WHERE digest = ANY($1::uuid[])",
        list(deliveries),
    )
    receipts = {row["digest"]: tuple(row["event_ids"]) for row in rows}
    return {digest: event_ids for digest, event_ids in receipts.items() if event_ids != deliveries[digest]}


async def withdraw(tx: Transaction, digests: Collection[str]) -> None:
    """Some of what this transaction has signed for is not taken after all."""
    await tx.execute("DELETE FROM receipt WHERE digest = ANY($1::uuid[])", list(digests))


async def sweep(tx: Transaction, days: int) -> int:
    """Forget some of the receipts older than `days`; how many."""
    return await tx.execute(
        """DELETE FROM receipt WHERE ctid = ANY(ARRAY(
               SELECT ctid FROM receipt WHERE received_at < clock_timestamp() - make_interval(days => $1) LIMIT $2))""",
        days,
        _SWEEP_ROWS,
    )
