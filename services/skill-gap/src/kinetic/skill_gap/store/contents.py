"""What content teaches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kinetic.common.database import Transaction
from kinetic.contracts.ids import ContentId
from kinetic.contracts.ingestion import ContentChanged, Teaches
from kinetic.skill_gap.domain.evidence import Taught


async def save(tx: Transaction, contents: Sequence[ContentChanged]) -> None:
    """Keep the newest version of what each content item teaches."""
    await tx.execute_many(
        """INSERT INTO content (content_id, teaches, valid_for_days, version) VALUES ($1, $2, $3, $4)
           ON CONFLICT (content_id) DO UPDATE SET
               teaches = excluded.teaches, valid_for_days = excluded.valid_for_days, version = excluded.version
           WHERE content.version < excluded.version""",
        [(c.content_id, [t.model_dump(mode="json") for t in c.teaches], c.valid_for_days, c.version) for c in contents],
    )


async def load(tx: Transaction, content_ids: Iterable[ContentId]) -> dict[ContentId, Taught]:
    """What each known content item teaches."""
    rows = await tx.fetch(
        "SELECT content_id, teaches, valid_for_days FROM content WHERE content_id = ANY($1::uuid[])",
        sorted(set(content_ids)),
    )
    return {
        row["content_id"]: Taught([Teaches.model_validate(item) for item in row["teaches"]], row["valid_for_days"])
        for row in rows
    }
