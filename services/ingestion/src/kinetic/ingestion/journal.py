"""What became of the deliveries of each integration: noted in memory, and written together every second.

It shows an administrator what happens and promises nothing: what was noted in the last second is lost with the process.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import asyncpg

from kinetic.common.database import Database, DatabaseUnavailable
from kinetic.contracts.fields import storable
from kinetic.ingestion.domain.attribution import PERSON_FACT
from kinetic.ingestion.intake import Fate
from kinetic.ingestion.store import deliveries

log = logging.getLogger(__name__)

WRITE_EVERY_SECONDS: Final = 1.0
NOTED_AT_ONCE: Final = 50
"""The newest of one integration in one second; the others are only counted."""

LONGEST_REASON: Final = 2000


class Outcome(StrEnum):
    """What became of a delivery."""

    MAPPED = "mapped"
    PARKED = "parked"
    REPEATED = "repeated"
    SUPERSEDED = "superseded"
    IGNORED = "ignored"
    REFUSED = "refused"


OUTCOMES: Final = {
    Fate.ACCEPTED: Outcome.MAPPED,
    Fate.PARKED: Outcome.PARKED,
    Fate.REPEATED: Outcome.REPEATED,
    Fate.SUPERSEDED: Outcome.SUPERSEDED,
}
"""What a receipt says."""


@dataclass(frozen=True, slots=True)
class Note:
    """One delivery. `facts` are those of each observation by which rules find the team. A test event counts for nothing."""

    integration_id: str
    outcome: Outcome
    reason: str | None = None
    kinds: tuple[str, ...] = ()
    facts: tuple[Mapping[str, str], ...] = ()
    event_ids: tuple[str, ...] = ()
    is_test: bool = False
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def impersonal_facts(self) -> list[dict[str, str]]:
        """The facts without addresses of people."""
        return [{name: value for name, value in one.items() if name != PERSON_FACT} for one in self.facts]


class Journal:
    """The notes of this replica that are not written yet."""

    def __init__(self) -> None:
        self._newest: dict[tuple[str, bool], deque[Note]] = {}
        self._counts: Counter[tuple[str, str]] = Counter()

    def note(self, note: Note) -> None:
        """Note a delivery. It neither waits nor fails."""
        self._newest.setdefault((note.integration_id, note.is_test), deque(maxlen=NOTED_AT_ONCE)).append(note)
        if not note.is_test:
            self._counts[note.integration_id, note.outcome] += 1

    async def run(self, database: Database, beat: Callable[[], None]) -> None:
        """Write until cancelled."""
        while True:
            beat()
            await asyncio.sleep(WRITE_EVERY_SECONDS)
            try:
                await self.write(database)
            except (DatabaseUnavailable, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("what became of deliveries was not written: %s", error)

    async def write(self, database: Database) -> None:
        """Write what was noted since the last time."""
        if not self._newest:
            return
        notes, counts = [note for newest in self._newest.values() for note in newest], self._counts
        self._newest, self._counts = {}, Counter()
        async with database.transaction() as tx:
            await deliveries.save(tx, [_row(note) for note in notes])
            await deliveries.count(tx, counts)


def _row(note: Note) -> tuple[object, ...]:
    return (
        note.integration_id,
        note.at,
        note.outcome.value,
        note.reason and storable(note.reason, LONGEST_REASON),
        list(note.kinds),
        note.impersonal_facts,
        list(note.event_ids),
        note.is_test,
    )
