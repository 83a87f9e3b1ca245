"""Timers: whatever is due later is a row, claimed in a transaction by whichever replica comes first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Set
from dataclasses import dataclass
from time import monotonic

from kinetic.common import metrics
from kinetic.common.database import Database, Transaction
from kinetic.common.failures import is_outage
from kinetic.common.locks import try_lock_keys

log = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS = 5.0
ROWS_AT_ONCE = 100
FIRST_REST_SECONDS = 1.0
LONGEST_REST_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Timer:
    """`fire` handles some of what is due by the database's clock and returns how many.

    It claims with SKIP LOCKED, locks the aggregate first, and checks again that the row is still due.
    """

    name: str
    every_seconds: float
    fire: Callable[[Transaction], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Due:
    """What may be due of aggregates of one kind, e.g. ``team``.

    `find` names those of which one of the first so many rows is due, but for those in a list; it locks nothing.
    `handle` gets aggregates that are locked, reads again what is due of them, and returns how many rows that was.
    """

    kind: str
    find: Callable[[Transaction, int, Collection[str]], Awaitable[Set[str]]]
    handle: Callable[[Transaction, Set[str]], Awaitable[int]]


def aggregate_timer(name: str, every_seconds: float, due: Due) -> Timer:
    """A timer over aggregates. All that are due are handled together; when that fails, each alone.

    One that fails alone rests, longer each time, and holds up no other. Its rows stay due: they are tried again.
    """
    return Timer(name, every_seconds, _Round(name, due).fire)


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


@dataclass(frozen=True, slots=True)
class _Rest:
    failures: int
    until: float


class _Round:
    """Who rests is remembered by each replica for itself: forgetting it costs one more attempt."""

    def __init__(self, name: str, due: Due) -> None:
        self._name = name
        self._due = due
        self._rests: dict[str, _Rest] = {}

    async def fire(self, tx: Transaction) -> int:
        found = await self._due.find(tx, ROWS_AT_ONCE, self._resting())
        free = await try_lock_keys(tx, self._due.kind, found)
        if not free:
            return 0
        try:
            return await self._handle(tx, free)
        except Exception as error:
            if is_outage(error):
                raise
        return sum([await self._handle_alone(tx, key) for key in sorted(free)])

    def _resting(self) -> list[str]:
        now = monotonic()
        self._rests = {key: rest for key, rest in self._rests.items() if now < rest.until + LONGEST_REST_SECONDS}
        return [key for key, rest in self._rests.items() if now < rest.until]

    async def _handle(self, tx: Transaction, keys: Set[str]) -> int:
        async with tx.savepoint():
            handled = await self._due.handle(tx, keys)
        for key in keys:
            self._rests.pop(key, None)
        return handled

    async def _handle_alone(self, tx: Transaction, key: str) -> int:
        try:
            return await self._handle(tx, {key})
        except Exception as error:
            if is_outage(error):
                raise
            self._let_rest(key, error)
            return 0

    def _let_rest(self, key: str, error: Exception) -> None:
        failures = self._rests[key].failures + 1 if key in self._rests else 1
        seconds = min(FIRST_REST_SECONDS * 2.0 ** min(failures - 1, 20), LONGEST_REST_SECONDS)
        self._rests[key] = _Rest(failures, monotonic() + seconds)
        metrics.TIMERS_FAILED.labels(self._name).inc()
        log.error(
            "timer %s: %s %s failed (%s in a row) and rests for %.0f s",
            *(self._name, self._due.kind, key, failures, seconds),
            exc_info=error,
        )
