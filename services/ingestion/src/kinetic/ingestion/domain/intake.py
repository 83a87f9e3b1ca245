"""What becomes of occurrences: told at once, or parked in their lane until their handles are known."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from kinetic.contracts.event import Event
from kinetic.contracts.ids import EventId
from kinetic.ingestion.domain.attribution import Known, Missing, Rule, attribute, lane_of, place_of
from kinetic.ingestion.domain.occurrences import Occurrence, Signal, UnruledPlace


@dataclass(frozen=True, slots=True)
class Origin:
    """Who sent something, as ``integration/<id>`` or ``principal/<subject>``, and the trace of the request."""

    sender: str
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """An occurrence that was accepted under the id that its event has, now or later, and the lane it keeps to."""

    event_id: EventId
    occurrence: Occurrence
    lane: str
    origin: Origin

    @staticmethod
    def of(event_id: EventId, occurrence: Occurrence, origin: Origin) -> Arrival:
        """The arrival in the lane of its occurrence."""
        return Arrival(event_id, occurrence, lane_of(occurrence), origin)


@dataclass(frozen=True, slots=True)
class Told:
    """An arrival whose event can be told."""

    arrival: Arrival
    event: Event


@dataclass(frozen=True, slots=True)
class Parked:
    """An arrival that has to wait in its lane."""

    arrival: Arrival
    missing: Missing

    @property
    def lane(self) -> str:
        """The lane in which it waits."""
        return self.arrival.lane


@dataclass(frozen=True, slots=True)
class Intake:
    """What becomes of some arrivals, in their order. Those `refused` would have to be parked, and may not."""

    told: tuple[Told, ...]
    parked: tuple[Parked, ...]
    refused: frozenset[EventId] = frozenset()


def decide_intake(
    arrivals: Sequence[Arrival], known: Known, lanes: Mapping[str, Missing], full: Collection[str] = ()
) -> Intake:
    """Tell what can be told. `lanes` are those in which something waits already: what comes later waits behind it.

    Of the senders in `full` so much is parked that nothing more may be.
    """
    waiting = dict(lanes)
    told: list[Told] = []
    parked: list[Parked] = []
    refused: list[EventId] = []
    for arrival in arrivals:
        outcome = waiting.get(arrival.lane) or attribute(arrival.occurrence, known)
        if not isinstance(outcome, Missing):
            told.append(Told(arrival, outcome))
        elif arrival.origin.sender in full:
            refused.append(arrival.event_id)
        else:
            waiting[arrival.lane] = outcome
            parked.append(Parked(arrival, outcome))
    return Intake(tuple(told), tuple(parked), frozenset(refused))


def place_again(arrival: Arrival, rules: Mapping[str, Sequence[Rule]]) -> Arrival:
    """The arrival under the rules of today (integration id → rules), if no rule fitted it before."""
    occurrence = arrival.occurrence
    if not isinstance(occurrence, Signal) or not isinstance(occurrence.place, UnruledPlace):
        return arrival
    place = occurrence.place
    placed = place_of(place.facts, rules.get(place.integration_id, ()), place.integration_id)
    return Arrival.of(arrival.event_id, replace(occurrence, place=placed), arrival.origin)
