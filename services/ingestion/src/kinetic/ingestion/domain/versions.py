"""Late and corrected measurements: of one KPI, team and period the newest version counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kinetic.contracts.ids import EventId
from kinetic.ingestion.domain.intake import Arrival
from kinetic.ingestion.domain.occurrences import Measurement

Measured = tuple[str, str, datetime, datetime]
"""What a measurement is of: team, KPI, start and end of the period."""


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest version of a measurement that was taken, and the event that it became."""

    version: int
    event_id: EventId


@dataclass(frozen=True, slots=True)
class Outdated:
    """A measurement that says nothing new: `newest` was taken before, and is the same version or a newer one."""

    version: int
    newest: Newest

    @property
    def is_repeated(self) -> bool:
        """Whether the same version was taken."""
        return self.version == self.newest.version


def measured_by(arrival: Arrival) -> Measured | None:
    """What an arrival measures; None when it is no measurement, or one without a version."""
    occurrence = arrival.occurrence
    if not isinstance(occurrence, Measurement) or occurrence.version is None:
        return None
    return occurrence.place.slug, occurrence.kpi, occurrence.period_start, occurrence.period_end


def decide_outdated(arrivals: Sequence[Arrival], taken: Mapping[Measured, Newest]) -> dict[EventId, Outdated]:
    """The arrivals that say nothing new, given what was `taken` and what stands before them."""
    newest = dict(taken)
    outdated: dict[EventId, Outdated] = {}
    for arrival in arrivals:
        measured = measured_by(arrival)
        if measured is None:
            continue
        version = _version_of(arrival)
        known = newest.get(measured)
        if known is not None and version <= known.version:
            outdated[arrival.event_id] = Outdated(version, known)
        else:
            newest[measured] = Newest(version, arrival.event_id)
    return outdated


def newest_of(arrivals: Sequence[Arrival]) -> dict[Measured, Newest]:
    """The newest versions among arrivals that were taken, in their order."""
    return {
        measured: Newest(_version_of(arrival), arrival.event_id)
        for arrival in arrivals
        if (measured := measured_by(arrival)) is not None
    }


def _version_of(arrival: Arrival) -> int:
    assert isinstance(arrival.occurrence, Measurement)
    return arrival.occurrence.version or 1
