"""The transaction of the xAPI door: statements are taken all together or not at all, and can be taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kinetic.common.database import Transaction
from kinetic.common.events import Envelope, new_id
from kinetic.contracts.event import Event
from kinetic.contracts.ids import EventId
from kinetic.contracts.ingestion import LearningVoided
from kinetic.ingestion.domain.attribution import lane_of
from kinetic.ingestion.domain.intake import Arrival, Intake, Origin
from kinetic.ingestion.domain.occurrences import Learning
from kinetic.ingestion.intake import SOURCE, ParkingFull, envelope_of, place, tell
from kinetic.ingestion.store import parking
from kinetic.ingestion.store import statements as store
from kinetic.ingestion.store.receipts import digest_of
from kinetic.ingestion.xapi.meaning import Meaning, Nothing, Voiding

_DOOR = "xapi"


@dataclass(frozen=True, slots=True)
class Said:
    """A statement as a door took it: its id, a digest of what it says, and what it means."""

    statement_id: str
    fingerprint: str
    meaning: Meaning


class Conflict(Exception):
    """These statements were sent before and said something else. Nothing was taken."""

    def __init__(self, statement_ids: Sequence[str]) -> None:
        super().__init__(", ".join(statement_ids))
        self.statement_ids = statement_ids


class End(StrEnum):
    """What became of a statement."""

    TOLD = "told"
    PARKED = "parked"
    REPEATED = "repeated"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one statement, the event that it became or will become, and why it waits or means nothing."""

    end: End
    event_id: EventId | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    """A statement under the digest by which it is kept, and the arrival that it is if it is a learning record."""

    digest: str
    said: Said
    arrival: Arrival | None

    @property
    def row(self) -> store.Row:
        event_id = self.arrival.event_id if self.arrival else None
        return store.Row(self.digest, self.said.fingerprint, event_id)


async def take_statements(
    tx: Transaction, said: Sequence[Said], origin: Origin, full: Collection[str] = ()
) -> list[Taken]:
    """Take statements; what became of each. They count when this transaction commits.

    Raises Conflict, and ParkingFull when the sender is in `full` and one would have to be parked: roll back then.
    """
    entries = {entry.digest: entry for entry in (_entry(one, origin) for one in said)}
    kept = await _keep(tx, entries, origin)
    fresh = [entry for digest, entry in entries.items() if digest in kept.fresh]
    voided = _voided_by([entry for digest, entry in entries.items() if digest in kept.fresh | kept.voided], origin)
    coming = [entry.arrival for entry in fresh if entry.arrival and entry.digest not in voided]

    await parking.lock_lanes(tx, {arrival.lane for arrival in coming} | await store.lanes_of(tx, voided))
    taken_back = await store.void(tx, voided)
    now = await tx.now()
    intake = await place(tx, coming, now, full)
    if intake.refused:
        raise ParkingFull("too much of this sender is parked")

    await parking.drop(tx, [back.event_id for back in taken_back])
    await parking.park(tx, intake.parked, now)
    await tell(tx, [*(envelope_of(told, now) for told in intake.told), *_voidings(taken_back, now)])
    await store.note_learners(tx, intake.told)
    ends = _ends(intake, fresh)
    return [ends.get(_digest(one.statement_id, origin), Taken(End.REPEATED)) for one in said]


def arrival_of(learning: Learning, origin: Origin) -> Arrival:
    """The learning record that a statement is, in its lane."""
    # An LMS reports on much that is in no catalogue: only what is about the same content waits behind it.
    return Arrival(EventId(new_id()), learning, f"{lane_of(learning)}/{learning.content.id}", origin)


def _entry(said: Said, origin: Origin) -> _Entry:
    arrival = arrival_of(said.meaning, origin) if isinstance(said.meaning, Learning) else None
    return _Entry(_digest(said.statement_id, origin), said, arrival)


def _digest(statement_id: str, origin: Origin) -> str:
    return digest_of(origin.sender, _DOOR, statement_id)


async def _keep(tx: Transaction, entries: Mapping[str, _Entry], origin: Origin) -> store.Kept:
    """Keep the statements, and a place for those that they take back and that did not come yet."""
    targets = _voided_by(entries.values(), origin) - entries.keys()
    kept = await store.keep_unseen(tx, [*(entry.row for entry in entries.values()), *map(store.Row, targets)])
    if kept.conflicting:
        raise Conflict([entries[digest].said.statement_id for digest in sorted(kept.conflicting)])
    return kept


def _voided_by(entries: Iterable[_Entry], origin: Origin) -> set[str]:
    meanings = (entry.said.meaning for entry in entries)
    return {_digest(meaning.statement_id, origin) for meaning in meanings if isinstance(meaning, Voiding)}


def _voidings(taken_back: Iterable[store.TakenBack], now: datetime) -> Iterator[Envelope[Event]]:
    """Nobody heard of what was not told: only the rest is told to be void."""
    for back in taken_back:
        if back.person_id is not None:
            event_id = EventId(new_id())
            voided = LearningVoided(person_id=back.person_id, voided_event_id=back.event_id)
            yield Envelope(event_id, SOURCE, now, back.event_id, voided, back.event_id)


def _ends(intake: Intake, fresh: Sequence[_Entry]) -> dict[str, Taken]:
    reasons = {parked.arrival.event_id: parked.missing.reason for parked in intake.parked}
    told = {one.arrival.event_id for one in intake.told}
    return {entry.digest: _end(entry, told, reasons) for entry in fresh}


def why_ignored(meaning: Meaning) -> str:
    """Why what is no learning record is told to nobody."""
    return meaning.reason if isinstance(meaning, Nothing) else "it takes another statement back"


def _end(entry: _Entry, told: Collection[EventId], reasons: Mapping[EventId, str]) -> Taken:
    if entry.arrival is None:
        return Taken(End.IGNORED, reason=why_ignored(entry.said.meaning))
    event_id = entry.arrival.event_id
    if event_id in told:
        return Taken(End.TOLD, event_id)
    if event_id in reasons:
        return Taken(End.PARKED, event_id, reasons[event_id])
    return Taken(End.IGNORED, reason="it is taken back in the same request")
