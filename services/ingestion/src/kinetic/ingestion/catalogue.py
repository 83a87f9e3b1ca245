"""The one way in which the catalogue changes, whichever door asks: keep, wake what waited for it, and tell."""

from __future__ import annotations

from kinetic.common import outbox
from kinetic.common.database import Transaction
from kinetic.common.events import Emission
from kinetic.ingestion.domain.attribution import content_name
from kinetic.ingestion.domain.catalogue import CatalogueChange
from kinetic.ingestion.domain.occurrences import Handle
from kinetic.ingestion.store import catalogue as store
from kinetic.ingestion.store import parking


async def change_catalogue(tx: Transaction, change: CatalogueChange) -> None:
    """Apply a change, without mistakes, to the catalogue, which is locked."""
    if not change.content:
        return
    await store.save_catalogue(tx, change.version, change.content)
    handles = (Handle(*claim) for item in change.content for claim in item.external_ids.items())
    await parking.wake(tx, [content_name(handle) for handle in handles])
    await outbox.append(tx, [Emission(item) for item in change.content])
