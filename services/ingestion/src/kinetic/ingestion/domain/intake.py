"""What becomes of occurrences: told at once, or parked in their lane until their handles are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kinetic.contracts.event import Event
from kinetic.contracts.ids import EventId
from kinetic.ingestion.domain.attribution import Known, Missing, Rule, attribute, lane_of, place_of
from kinetic.ingestion.domain.occurrences import Occurrence, Signal, UnruledPlace


@dataclass(frozen=True, slots=True)
class Arrival:
    """An occurrence that was accepted under the id that its event has, now or later."""

    event_id: EventId
    occurrence: Occurrence
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """An arrival whose event can be told."""

    arrival: Arrival
    event: Event


@dataclass(frozen=True, slots=True)
class Parked:
    """An arrival that has to wait in its lane."""

    arrival: Arrival
    lane: str
    missing: Missing


@dataclass(frozen=True, slots=True)
class Intake:
    """What becomes of some arrivals, in their order."""

    told: tuple[Told, ...]
    parked: tuple[Parked, ...]


def decide_intake(arrivals: Sequence[Arrival], known: Known, lanes: Mapping[str, Missing]) -> Intake:
    """Tell what can be told. `lanes` are those in which something waits already: what comes later waits behind it."""
    waiting = dict(lanes)
    told: list[Told] = []
    parked: list[Parked] = []
    for arrival in arrivals:
        lane = lane_of(arrival.occurrence)
        outcome = waiting.get(lane) or attribute(arrival.occurrence, known)
        if isinstance(outcome, Missing):
            waiting[lane] = outcome
            parked.append(Parked(arrival, lane, outcome))
        else:
            told.append(Told(arrival, outcome))
    return Intake(tuple(told), tuple(parked))


def place_again(arrival: Arrival, rules: Mapping[str, Sequence[Rule]]) -> Arrival:
    """The arrival under the rules of today (integration id → rules), if no rule fitted it before."""
    occurrence = arrival.occurrence
    if not isinstance(occurrence, Signal) or not isinstance(occurrence.place, UnruledPlace):
        return arrival
    place = occurrence.place
    placed = place_of(place.facts, rules.get(place.integration_id, ()), place.integration_id)
    return replace(arrival, occurrence=replace(occurrence, place=placed))
