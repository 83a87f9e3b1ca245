"""Who was left out of an accepted nudge, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kinetic.common.database import Transaction
from kinetic.contracts.ids import NudgeId, PersonId
from kinetic.recommendation.domain.left_out import LeftOut, Standing


async def save(tx: Transaction, standings: Sequence[Standing]) -> None:
    """Keep where assignments stand, each as of its newest version. One that was never in doubt needs no row."""
    await tx.execute_many(
        """INSERT INTO left_out (assignment_id, nudge_id, person_id, reason, version)
           SELECT $1, $2, $3, $4::text, $5
           WHERE $4::text IS NOT NULL OR EXISTS (SELECT 1 FROM left_out WHERE assignment_id = $1)
           ON CONFLICT (assignment_id) DO UPDATE SET reason = excluded.reason, version = excluded.version
           WHERE left_out.version < excluded.version""",
        [(s.assignment_id, s.nudge_id, s.person_id, s.reason, s.version) for s in standings],
    )


async def load(tx: Transaction, nudge_ids: Iterable[NudgeId]) -> dict[NudgeId, list[LeftOut]]:
    """Who was left out of each nudge."""
    rows = await tx.fetch(
        """SELECT nudge_id, person_id, reason FROM left_out
           WHERE nudge_id = ANY($1::uuid[]) AND reason IS NOT NULL ORDER BY person_id""",
        list(nudge_ids),
    )
    found: dict[NudgeId, list[LeftOut]] = {}
    for row in rows:
        found.setdefault(row["nudge_id"], []).append(LeftOut.of(row["person_id"], row["reason"]))
    return found


async def sweep(tx: Transaction) -> int:
    """Forget those of nudges that are forgotten themselves; how many."""
    return await tx.execute(
        "DELETE FROM left_out WHERE NOT EXISTS (SELECT 1 FROM nudge WHERE nudge.nudge_id = left_out.nudge_id)"
    )


async def erase_people(tx: Transaction, person_ids: Iterable[PersonId]) -> None:
    """Forget erased people."""
    await tx.execute("DELETE FROM left_out WHERE person_id = ANY($1::uuid[])", list(person_ids))
