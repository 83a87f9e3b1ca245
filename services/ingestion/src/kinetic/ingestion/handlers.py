"""The timers of ingestion, and a topic that it always reads: which KPIs there are. Others come and go: see `intakes.py`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from kinetic.common import outbox
from kinetic.common.database import Transaction
from kinetic.common.doors import Door
from kinetic.common.events import Emission, Envelope
from kinetic.common.metrics import PARKED
from kinetic.common.timers import Timer
from kinetic.contracts import topics
from kinetic.contracts.skill_gap import CapabilitiesPublished
from kinetic.ingestion.domain.attribution import kpi_name
from kinetic.ingestion.intake import release_due_lane
from kinetic.ingestion.settings import Settings
from kinetic.ingestion.store import deliveries, directory, kpis, parking, receipts, statements


async def confirm_directory(tx: Transaction) -> int:
    """Tell that the directory is as of its version: by one replica, and only when all of that version was told."""
    heartbeat = await directory.claim_heartbeat(tx)
    if heartbeat is None:
        return 0
    await outbox.append(tx, [Emission(heartbeat)])
    return 1


async def expire_parked(tx: Transaction) -> int:
    """Give up what waited for a day, forget what expired long ago, and count the rest."""
    expired = await parking.expire(tx)
    await parking.forget(tx)
    waiting, given_up = await parking.counts(tx)
    PARKED.labels("waiting").set(waiting)
    PARKED.labels("expired").set(given_up)
    return expired


async def on_capabilities(tx: Transaction, maps: Sequence[Envelope[CapabilitiesPublished]]) -> None:
    """Keep which KPIs are defined, and offer the measurements that waited for one again."""
    newest = max((published.data for published in maps), key=lambda published: published.version)
    keys = [kpi.key for kpi in newest.kpis]
    if await kpis.replace_kpis(tx, newest.version, keys):
        await parking.wake(tx, [kpi_name(key) for key in keys])


async def sweep_versions(tx: Transaction) -> int:
    """Forget versions of measurements that nobody corrects any more."""
    return await kpis.sweep(tx)


async def sweep_receipts(days: int, tx: Transaction) -> int:
    """Forget receipts that no sender repeats any more."""
    return await receipts.sweep(tx, days)


async def forget_deliveries(tx: Transaction) -> int:
    """Forget what became of deliveries long ago. Nothing is left to do: 0."""
    await deliveries.sweep(tx)
    return 0


async def forget_statements(tx: Transaction) -> int:
    """Forget statements that nobody takes back any more."""
    return await statements.sweep(tx)


doors = (Door(topics.CAPABILITIES, (CapabilitiesPublished,), on_capabilities),)


def timers_for(settings: Settings) -> tuple[Timer, ...]:
    """The timers of the service."""
    return (
        Timer("parking", 0.5, release_due_lane),
        Timer("parking-limit", 10.0, expire_parked),
        Timer("directory-heartbeat", 1.0, confirm_directory),
        Timer("deliveries", 60.0, forget_deliveries),
        Timer("statements", 60.0, forget_statements),
        Timer("receipts", 60.0, partial(sweep_receipts, settings.receipt_days)),
        Timer("measurements", 3600.0, sweep_versions),
    )
