"""The timers of ingestion. The topics that it reads come and go: see `intakes.py`."""

from __future__ import annotations

from functools import partial

from kinetic.common import outbox
from kinetic.common.database import Transaction
from kinetic.common.events import Emission
from kinetic.common.metrics import PARKED
from kinetic.common.timers import Timer
from kinetic.ingestion.intake import release_due_lane
from kinetic.ingestion.settings import Settings
from kinetic.ingestion.store import deliveries, directory, parking, receipts, statements


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


def timers_for(settings: Settings) -> tuple[Timer, ...]:
    """The timers of the service."""
    return (
        Timer("parking", 0.5, release_due_lane),
        Timer("parking-limit", 10.0, expire_parked),
        Timer("directory-heartbeat", 1.0, confirm_directory),
        Timer("deliveries", 60.0, forget_deliveries),
        Timer("statements", 60.0, forget_statements),
        Timer("receipts", 60.0, partial(sweep_receipts, settings.receipt_days)),
    )
