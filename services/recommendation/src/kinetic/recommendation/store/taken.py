"""Who has done which content, or has it assigned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kinetic.common.database import Transaction
from kinetic.common.retention import KEPT, SWEPT_AT_ONCE
from kinetic.contracts.ids import ContentId, PersonId
from kinetic.recommendation.domain.taken import Taken


async def save(tx: Transaction, found: Sequence[Taken]) -> None:
    """Keep each as of its newest version, whichever comes first."""
    await tx.execute_many(
        """INSERT INTO taken (taken_id, person_id, content_id, stands, version, taken_at)
           VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (taken_id) DO UPDATE SET
               stands = excluded.stands, version = excluded.version, taken_at = excluded.taken_at
           WHERE taken.version < excluded.version""",
        [(one.taken_id, one.person_id, one.content_id, one.stands, one.version, one.at) for one in _in_order(found)],
    )


async def load(
    tx: Transaction, content_ids: Iterable[ContentId], person_ids: Iterable[PersonId]
) -> dict[ContentId, frozenset[PersonId]]:
    """Who of `person_ids` has done each of `content_ids`, or has it assigned."""
    rows = await tx.fetch(
        """SELECT content_id, array_agg(DISTINCT person_id) AS people FROM taken
           WHERE stands AND person_id = ANY($1::uuid[]) AND content_id = ANY($2::uuid[]) GROUP BY content_id""",
        list(person_ids),
        list(content_ids),
    )
    return {row["content_id"]: frozenset(row["people"]) for row in rows}


async def sweep(tx: Transaction) -> int:
    """Forget some of what was taken long ago: after a year somebody may be asked again; how many."""
    return await tx.execute(
        """DELETE FROM taken WHERE taken_id IN (
               SELECT taken_id FROM taken WHERE taken_at < clock_timestamp() - $1::interval LIMIT $2)""",
        KEPT,
        SWEPT_AT_ONCE,
    )


async def erase_people(tx: Transaction, person_ids: Iterable[PersonId]) -> None:
    """Forget erased people."""
    await tx.execute("DELETE FROM taken WHERE person_id = ANY($1::uuid[])", list(person_ids))


def _in_order(found: Sequence[Taken]) -> list[Taken]:
    """Rows are locked in one order everywhere, so that no two replicas wait for each other in a circle."""
    return sorted(found, key=lambda one: (one.taken_id, one.version))
