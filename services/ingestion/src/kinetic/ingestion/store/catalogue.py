"""The catalogue: content and the handles that name it."""

from __future__ import annotations

from collections.abc import Sequence

from kinetic.common.database import Transaction
from kinetic.contracts.ingestion import ContentChanged
from kinetic.ingestion.domain.catalogue import Catalogue

SUBJECT = "catalogue"


async def lock_catalogue(tx: Transaction) -> Catalogue:
    """The catalogue, held against every other change until the transaction ends."""
    version = await tx.fetch_value("SELECT version FROM publication WHERE subject = $1 FOR UPDATE", SUBJECT)
    return await _load(tx, version)


async def load_catalogue(tx: Transaction) -> Catalogue:
    """The catalogue as it stands."""
    version = await tx.fetch_value("SELECT version FROM publication WHERE subject = $1", SUBJECT)
    return await _load(tx, version)


async def _load(tx: Transaction, version: int) -> Catalogue:
    content = [ContentChanged.model_validate(row["state"]) for row in await tx.fetch("SELECT state FROM content")]
    return Catalogue(version, {item.content_id: item for item in content})


async def save_catalogue(tx: Transaction, version: int, content: Sequence[ContentChanged]) -> None:
    """Keep changed content. The catalogue is locked."""
    await tx.execute("UPDATE publication SET version = $2 WHERE subject = $1", SUBJECT, version)
    await tx.execute_many(
        """INSERT INTO content (content_id, state) VALUES ($1, $2)
           ON CONFLICT (content_id) DO UPDATE SET state = excluded.state""",
        [(item.content_id, item.model_dump(mode="json")) for item in content],
    )
    await tx.execute(
        "DELETE FROM content_handle WHERE content_id = ANY($1::uuid[])", [item.content_id for item in content]
    )
    handles = [
        (system, external_id, item.content_id) for item in content for system, external_id in item.external_ids.items()
    ]
    await tx.execute_many("INSERT INTO content_handle (system, id, content_id) VALUES ($1, $2, $3)", handles)
