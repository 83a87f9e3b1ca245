"""Timers: whatever is due later is a row, claimed in a transaction by whichever replica comes first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from kinetic.common import metrics
from kinetic.common.database import Database, Transaction
from kinetic.common.failures import is_outage

log = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Timer:
    """`fire` handles some of what is due by the database's clock and returns how many.

    It claims with SKIP LOCKED, locks the aggregate first, and checks again that the row is still due.
    """

    name: str
    every_seconds: float
    fire: Callable[[Transaction], Awaitable[int]]


async def run_timer(timer: Timer, database: Database, beat: Callable[[], None]) -> None:
    """Fire until cancelled: at once again while there was something to do, else after a pause."""
    failures = 0
    while True:
        beat()
        try:
            async with database.transaction() as tx:
                fired = await timer.fire(tx)
        except Exception as error:  # a timer's rows stay due: nothing is lost by trying again
            failures += 1
            told = None if is_outage(error) else error
            log.warning("timer %s failed (%s in a row): %s", timer.name, failures, error, exc_info=told)
            await asyncio.sleep(min(0.2 * 2 ** min(failures, 8), LONGEST_PAUSE_SECONDS))
            continue
        failures = 0
        if fired:
            metrics.TIMERS_FIRED.labels(timer.name).inc(fired)
        else:
            await asyncio.sleep(timer.every_seconds)
