"""Receipts: what was accepted before is recognised by its sender and what that sender calls it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from kinetic.common.database import Transaction
from kinetic.contracts.ids import EventId

_SWEEP_ROWS = 5000


@dataclass(frozen=True, slots=True)
class Receipts:
    """Which of some deliveries are new, what the others became before, and the database's time."""

    fresh: frozenset[str]
    repeated: Mapping[str, tuple[EventId, ...]]
    now: datetime


def digest_of(sender: str, source: str, delivery_id: str) -> str:
    """128 bits that stand for the three, in the form of a UUID. Long ids of senders stay out of the index.

    `sender` is who was let in, so that nobody can take the ids of others.
    """
    names = f"{len(sender)}:{sender}{len(source)}:{source}{delivery_id}"
    return blake2b(names.encode(), digest_size=16).hexdigest()


async def keep_unseen(tx: Transaction, deliveries: Mapping[str, Sequence[EventId]]) -> Receipts:
    """Sign for `deliveries` (digest → the ids their events would have) that nobody has signed for.

    Another transaction that is signing for one of them is waited for. The order is the same for everybody.
    """
    digests = sorted(deliveries)
    rows = await tx.fetch(
        """WITH signed AS (
               INSERT INTO receipt (digest, event_ids)
               SELECT digest, ids::uuid[] FROM unnest($1::uuid[], $2::text[]) AS delivered (digest, ids)
               ON CONFLICT (digest) DO NOTHING RETURNING digest)
           SELECT clock_timestamp() AS now, replace(digest::text, '-', '') AS digest FROM signed
           UNION ALL SELECT clock_timestamp(), NULL""",
        digests,
        ["{" + ",".join(deliveries[digest]) + "}" for digest in digests],
    )
    fresh = frozenset(row["digest"] for row in rows if row["digest"])
    repeated = await _find(tx, [digest for digest in digests if digest not in fresh])
    return Receipts(fresh, repeated, rows[-1]["now"])


async def withdraw(tx: Transaction, digests: Collection[str]) -> None:
    """Some of what this transaction has signed for is not taken after all."""
    if not digests:
        return
    await tx.execute("DELETE FROM receipt WHERE digest = ANY($1::uuid[])", list(digests))


async def _find(tx: Transaction, digests: Sequence[str]) -> dict[str, tuple[EventId, ...]]:
    if not digests:
        return {}
    rows = await tx.fetch(
        "SELECT replace(digest::text, '-', '') AS digest, event_ids FROM receipt WHERE digest = ANY($1::uuid[])",
        digests,
    )
    return {row["digest"]: tuple(row["event_ids"]) for row in rows}


async def sweep(tx: Transaction, days: int) -> int:
    """Forget some of the receipts older than `days`; how many."""
    return await tx.execute(
        """DELETE FROM receipt WHERE ctid = ANY(ARRAY(
               SELECT ctid FROM receipt WHERE received_at < clock_timestamp() - make_interval(days => $1) LIMIT $2))""",
        days,
        _SWEEP_ROWS,
    )
