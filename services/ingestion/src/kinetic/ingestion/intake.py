"""The transaction of the doors: whatever came in together is signed for, attributed, and told or parked together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kinetic.common import outbox
from kinetic.common.database import Transaction
from kinetic.common.events import Envelope, new_id
from kinetic.common.locks import lock_keys
from kinetic.contracts import topics
from kinetic.contracts.event import Event
from kinetic.contracts.ids import EventId
from kinetic.ingestion.domain.intake import Arrival, Intake, Origin, Told, decide_intake, place_again
from kinetic.ingestion.domain.occurrences import Occurrence, Signal, UnruledPlace
from kinetic.ingestion.domain.versions import Outdated, decide_outdated, measured_by, newest_of
from kinetic.ingestion.store import handles, integrations, kpis, parking, receipts, statements

SOURCE = "/kinetic/ingestion"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a sender delivered at once: a webhook or one CloudEvent. `digest` stands for what a repetition repeats."""

    digest: str
    occurrences: tuple[Occurrence, ...]
    origin: Origin


class Fate(StrEnum):
    """What became of a delivery."""

    ACCEPTED = "accepted"
    PARKED = "parked"
    REPEATED = "repeated"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a sender is answered. A repetition is answered with the events of the first time."""

    fate: Fate
    event_ids: tuple[EventId, ...]
    reason: str | None = None


class ParkingFull(Exception):
    """The delivery would have to be parked, and too much of its sender is parked already. Nothing of it was taken."""


Outcome = Receipt | Exception
"""A receipt, or why this delivery alone could not be taken."""


async def take_in(tx: Transaction, deliveries: Sequence[Delivery], full: Collection[str] = ()) -> list[Outcome]:
    """Take deliveries in, in their order; one outcome for each. They count when this transaction commits.

    Nothing more is parked for the senders in `full`.
    """
    offered: dict[str, list[Arrival]] = {}
    for delivery in deliveries:
        if delivery.digest not in offered:
            offered[delivery.digest] = _number(delivery)
    ids = {digest: tuple([arrival.event_id for arrival in arrivals]) for digest, arrivals in offered.items()}
    signed = await receipts.keep_unseen(tx, ids)

    arrivals = [arrival for digest, own in offered.items() if digest not in signed.repeated for arrival in own]
    measured = {of for arrival in arrivals if (of := measured_by(arrival))}
    outdated = decide_outdated(arrivals, await kpis.lock_versions(tx, measured)) if measured else {}
    current = [arrival for arrival in arrivals if arrival.event_id not in outdated]
    intake = await place(tx, current, signed.now, full)

    left = intake.refused | outdated.keys()
    if left:
        await receipts.withdraw(tx, [digest for digest, own in ids.items() if not left.isdisjoint(own)])
    await kpis.save_versions(tx, measured, newest_of([arrival for arrival in current if arrival.event_id not in left]))
    await parking.park(tx, intake.parked, signed.now)
    await tell(tx, [envelope_of(entry, signed.now) for entry in intake.told])
    return list(_outcomes(deliveries, signed, ids, intake, outdated))


async def place(tx: Transaction, arrivals: Sequence[Arrival], now: datetime, full: Collection[str] = ()) -> Intake:
    """What becomes of arrivals, whose lanes are held from here on."""
    lanes = await parking.lock_lanes(tx, {arrival.lane for arrival in arrivals})
    known = await handles.load_known(tx, [arrival.occurrence for arrival in arrivals], now)
    return decide_intake(arrivals, known, lanes, full)


async def release_due_lane(tx: Transaction) -> int:
    """The timer: tell the parked events of one lane, in their order, as far as they can be told; how many were tried."""
    lane = await parking.claim_due_lane(tx)
    if lane is None:
        return 0
    rules = await integrations.load_rules(tx, list(_unruled(lane.arrivals)))
    arrivals = [place_again(arrival, rules) for arrival in lane.arrivals]
    others = await parking.lock_lanes(tx, {arrival.lane for arrival in arrivals} - {lane.name})
    known = await handles.load_known(tx, [arrival.occurrence for arrival in arrivals], await tx.now())
    intake = decide_intake(arrivals, known, others)

    await parking.move(tx, [entry for entry in intake.parked if entry.lane != lane.name])
    await tell(tx, [envelope_of(entry, lane.accepted_at[entry.arrival.event_id]) for entry in intake.told])
    await statements.note_learners(tx, intake.told)
    await parking.release(tx, [entry.arrival.event_id for entry in intake.told])
    head = next((entry.missing for entry in intake.parked if entry.lane == lane.name), None)
    await parking.settle_lane(tx, lane.name, head)
    return max(len(arrivals), 1)


def _number(delivery: Delivery) -> list[Arrival]:
    return [Arrival.of(EventId(new_id()), occurrence, delivery.origin) for occurrence in delivery.occurrences]


def _unruled(arrivals: Sequence[Arrival]) -> set[str]:
    occurrences = (arrival.occurrence for arrival in arrivals)
    places = (occurrence.place for occurrence in occurrences if isinstance(occurrence, Signal))
    return {place.integration_id for place in places if isinstance(place, UnruledPlace)}


async def tell(tx: Transaction, envelopes: Sequence[Envelope[Event]]) -> None:
    """Lock the keys of the events, then append them to the outbox under the ids they were promised."""
    if not envelopes:
        return
    learned = {envelope.data.key for envelope in envelopes if envelope.data.topic == topics.LEARNING}
    await lock_keys(tx, "team", {envelope.data.key for envelope in envelopes} - learned)
    await lock_keys(tx, "person", learned)
    await outbox.append_records(tx, [outbox.record_of(envelope) for envelope in envelopes])


def envelope_of(told: Told, accepted_at: datetime) -> Envelope[Event]:
    """The event begins a life of its own, in the trace of the request that brought it."""
    event_id = told.arrival.event_id
    return Envelope(event_id, SOURCE, accepted_at, event_id, told.event, None, told.arrival.origin.traceparent)


def _outcomes(
    deliveries: Sequence[Delivery],
    signed: receipts.Receipts,
    ids: Mapping[str, tuple[EventId, ...]],
    intake: Intake,
    outdated: Mapping[EventId, Outdated],
) -> Iterator[Outcome]:
    reasons = {entry.arrival.event_id: entry.missing.reason for entry in intake.parked}
    seen = set(signed.repeated)
    for delivery in deliveries:
        digest = delivery.digest
        event_ids = signed.repeated.get(digest) or ids[digest]
        if not intake.refused.isdisjoint(event_ids):
            yield ParkingFull("too much of this sender is parked")
        elif event_ids and event_ids[0] in outdated:
            yield _nothing_new(outdated[event_ids[0]])
        elif digest in seen:
            yield Receipt(Fate.REPEATED, event_ids)
        else:
            seen.add(digest)
            reason = (
                next((reasons[event_id] for event_id in event_ids if event_id in reasons), None) if reasons else None
            )
            yield Receipt(Fate.PARKED if reason else Fate.ACCEPTED, event_ids, reason)


def _nothing_new(outdated: Outdated) -> Receipt:
    newest = outdated.newest
    if outdated.is_repeated:
        reason = f"version {newest.version} was taken before: a correction needs a newer one"
        return Receipt(Fate.REPEATED, (newest.event_id,), reason)
    return Receipt(Fate.SUPERSEDED, (), f"version {newest.version} was taken before")
