"""The capability maps, whole and versioned."""

from __future__ import annotations

from datetime import datetime

from kinetic.common.database import Transaction
from kinetic.contracts.skill_gap import CapabilitiesPublished
from kinetic.skill_gap.store import assessments

_MAPS: dict[tuple[int, datetime], CapabilitiesPublished] = {}


async def load(tx: Transaction) -> CapabilitiesPublished | None:
    """The capability map in force; None before the first. A version never changes, so each is read once."""
    version = await tx.fetch_one("SELECT version, published_at FROM capability_map ORDER BY version DESC LIMIT 1")
    if version is None:
        return None
    known = _MAPS.get((version["version"], version["published_at"]))
    if known is None:
        document = await tx.fetch_value("SELECT document FROM capability_map WHERE version = $1", version["version"])
        known = CapabilitiesPublished.model_validate(document)
        _MAPS.clear()
        _MAPS[known.version, version["published_at"]] = known
    return known


async def lock(tx: Transaction) -> int:
    """Hold the map against another edit; the version that is in force, 0 before the first."""
    await tx.execute("LOCK TABLE capability_map IN SHARE ROW EXCLUSIVE MODE")
    version: int = await tx.fetch_value("SELECT coalesce(max(version), 0) FROM capability_map")
    return version


async def save(tx: Transaction, published: CapabilitiesPublished, published_by: str) -> None:
    """Keep a new version; every team is assessed again under it."""
    await tx.execute(
        "INSERT INTO capability_map (version, document, published_by, published_at) VALUES ($1, $2, $3, $4)",
        published.version,
        published.model_dump(mode="json"),
        published_by,
        published.published_at,
    )
    await assessments.mark_all_due(tx)


async def sweep(tx: Transaction, before: datetime) -> None:
    """Forget maps that another replaced before then."""
    await tx.execute(
        """DELETE FROM capability_map AS old WHERE EXISTS (
               SELECT 1 FROM capability_map AS later WHERE later.version > old.version AND later.published_at < $1)""",
        before,
    )
