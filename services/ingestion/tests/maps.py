"""Capability maps as they arrive from skill-gap."""

from __future__ import annotations

from datetime import UTC, datetime

from kinetic.common.database import Database
from kinetic.common.events import Envelope, new_id
from kinetic.contracts.ids import EventId, KpiKey
from kinetic.contracts.skill_gap import CapabilitiesPublished, Direction, Kpi
from kinetic.ingestion.handlers import on_capabilities

PUBLISHED_AT = datetime(2026, 1, 1, tzinfo=UTC)


def capabilities(*keys: str, version: int = 1) -> Envelope[CapabilitiesPublished]:
    """A capability map with KPIs of these keys and nothing else."""
    published = CapabilitiesPublished(
        version=version,
        competencies=(),
        kpis=tuple(
            Kpi(key=KpiKey(key), name=key, unit="h", direction=Direction.LOWER_IS_BETTER, target=1, alarm=2)
            for key in keys
        ),
        goals=(),
        requirements=(),
        signal_rules=(),
        kpi_rules=(),
        published_at=PUBLISHED_AT,
    )
    event_id = EventId(new_id())
    return Envelope(event_id, "/kinetic/skill-gap", PUBLISHED_AT, event_id, published)


async def tell_map(database: Database, *keys: str, version: int = 1) -> None:
    """Let a capability map with KPIs of these keys arrive."""
    async with database.transaction() as tx:
        await on_capabilities(tx, [capabilities(*keys, version=version)])
