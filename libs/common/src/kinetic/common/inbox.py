"""The inbox: an event that was handled once is never handled again."""

from __future__ import annotations

from collections.abc import Sequence

from kinetic.common.database import Transaction
from kinetic.common.events import Envelope
from kinetic.contracts.event import Event


async def keep_unseen(tx: Transaction, envelopes: Sequence[Envelope[Event]]) -> list[Envelope[Event]]:
    """Those of `envelopes` that no committed transaction has handled, in their order, each once.

    A second replica that holds the same event waits here until the first has committed or rolled back.
    """
    if not envelopes:
        return []
    ids = sorted({envelope.id for envelope in envelopes})  # one order for all replicas: no deadlock
    rows = await tx.fetch(
        "INSERT INTO inbox (event_id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id", ids
    )
    fresh = {row["event_id"] for row in rows}
    first = {envelope.id: envelope for envelope in reversed(envelopes) if envelope.id in fresh}
    return [envelope for envelope in envelopes if first.get(envelope.id) is envelope]


async def mark_dead(tx: Transaction, event_ids: Sequence[str]) -> None:
    """Remember events as given up, so that a redelivery does not try them again."""
    await tx.execute(
        """INSERT INTO inbox (event_id, dead) SELECT unnest($1::uuid[]), true
           ON CONFLICT (event_id) DO UPDATE SET dead = true""",
        sorted(event_ids),
    )


async def revive(tx: Transaction, event_id: str) -> bool:
    """Turn a dead event into a handled one, for its replay. False when it is not dead (any more)."""
    return await tx.execute("UPDATE inbox SET dead = false WHERE event_id = $1 AND dead", event_id) == 1


async def sweep(tx: Transaction, retention_days: int) -> int:
    """Forget some of the events that were handled longer ago than `retention_days`; how many. Call it until it is 0."""
    return await tx.execute(
        """DELETE FROM inbox WHERE ctid IN (
               SELECT ctid FROM inbox WHERE handled_at < clock_timestamp() - make_interval(days => $1) LIMIT 10000)""",
        retention_days,
    )
