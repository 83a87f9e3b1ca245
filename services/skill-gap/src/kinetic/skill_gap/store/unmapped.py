"""What the work tells that no rule of the capability map takes: one row per source and kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from kinetic.common.database import Transaction
from kinetic.contracts.ingestion import SignalObserved
from kinetic.skill_gap.domain.unmapped import Unmapped, gather

MOST_KINDS: Final = 1000
"""Kinds come from outside. The ones that were seen last are kept."""


async def note(tx: Transaction, signals: Sequence[SignalObserved]) -> None:
    """Count signals that no rule takes. A row that somebody else counts in at the moment is left out, not waited for:
    the teams of many replicas share these rows.
    """
    found = gather(signals)
    rows = [(one.source, one.kind, one.seen, one.statement, one.last_at) for one in found]
    await tx.execute_many(
        """INSERT INTO unmapped_signal (source, kind, seen, statement, last_at) SELECT $1, $2, 0, $3, $4
           WHERE NOT EXISTS (SELECT 1 FROM unmapped_signal WHERE source = $1 AND kind = $2)
           ON CONFLICT (source, kind) DO NOTHING""",  # which alone would wait for whoever counts in the row
        [(source, kind, statement, last_at) for source, kind, _, statement, last_at in rows],
    )
    await tx.execute_many(
        """UPDATE unmapped_signal SET seen = seen + $3, last_at = greatest(last_at, $5),
               statement = CASE WHEN $5 >= last_at THEN $4 ELSE statement END
           WHERE (source, kind) IN (
               SELECT source, kind FROM unmapped_signal WHERE source = $1 AND kind = $2 FOR UPDATE SKIP LOCKED)""",
        rows,
    )


async def load(tx: Transaction, limit: int) -> list[Unmapped]:
    """Those that were seen most, and the newest of them first."""
    rows = await tx.fetch(
        """SELECT source, kind, seen, statement, last_at FROM unmapped_signal
           ORDER BY seen DESC, last_at DESC, source, kind LIMIT $1""",
        limit,
    )
    return [Unmapped(**row) for row in rows]


async def sweep(tx: Transaction, before: datetime) -> None:
    """Forget what was not seen since, and what is more than can be looked at."""
    await tx.execute(
        """DELETE FROM unmapped_signal WHERE last_at < $1 OR (source, kind) IN (
               SELECT source, kind FROM unmapped_signal ORDER BY last_at DESC OFFSET $2)""",
        before,
        MOST_KINDS,
    )
