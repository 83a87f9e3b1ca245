"""Does anything wait that nothing will release?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kinetic.cli.doctor.finding import Finding, counted, doubtful, fine, lasting, listed

LONG: Final = timedelta(hours=4)
MOST_LISTED: Final = 500
"""How many parked events are looked at: the newest."""
_KPI: Final = "kpi/"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Events of a service that wait for the directory or the catalogue. `oldest` is None when there are none."""

    service: str
    events: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Parked:
    """An accepted event that could not be told. `reason` is for people; addresses never stand in it."""

    accepted_at: datetime
    reason: str
    waits_for: str | None
    is_expired: bool


def judge_waiting(waiting: Sequence[Waiting], now: datetime) -> list[Finding]:
    """Events that have waited for hours are dead-lettered after a day."""
    long = [one for one in waiting if one.oldest is not None and now - one.oldest > LONG]
    if not long:
        events = sum(one.events for one in waiting)
        return [
            fine("waiting events", f"{counted(events, 'event')}, none for longer than {lasting(LONG.total_seconds())}")
        ]
    told = listed(f"{one.service} ({one.events})" for one in long)
    remedy = "`GET /waiting` of the service says for what; load it, or let them be dead-lettered after a day."
    return [doubtful("waiting events", f"since hours in {told}", remedy)]


def judge_parked(parked: Sequence[Parked], now: datetime) -> list[Finding]:
    """The newest parked events, up to `MOST_LISTED`: those for hours or expired, by reason; and KPIs that no map defines."""
    findings = [*_kpis(parked), *_long(parked, now)]
    if not findings and len(parked) >= MOST_LISTED:
        remedy = "`GET /parked` says what they wait for; load it, or give the integration a rule that fits."
        return [doubtful("parked events", f"{MOST_LISTED} or more", remedy)]
    waiting = sum(not event.is_expired for event in parked)
    return findings or [fine("parked events", f"{counted(waiting, 'event')}, none for long")]


def _kpis(parked: Sequence[Parked]) -> list[Finding]:
    waits = Counter(event.waits_for for event in parked if (event.waits_for or "").startswith(_KPI))
    if not waits:
        return []
    keys = listed(f"{str(name).removeprefix(_KPI)} ({number})" for name, number in waits.most_common())
    remedy = "Define them in the capability map (`kinetic apply map FILE`), or stop sending them."
    return [doubtful("KPIs", f"measurements wait for KPIs that no map defines: {keys}", remedy)]


def _long(parked: Sequence[Parked], now: datetime) -> list[Finding]:
    others = [event for event in parked if not (event.waits_for or "").startswith(_KPI)]
    long = [event for event in others if event.is_expired or now - event.accepted_at > LONG]
    if not long:
        return []
    reasons = listed((f"{reason} ({number})" for reason, number in _by_reason(long)), most=3)
    remedy = "`GET /parked` shows them; load what they name, or give the integration a rule that fits."
    return [doubtful("parked events", f"{counted(len(long), 'event')} for hours or expired: {reasons}", remedy)]


def _by_reason(parked: Sequence[Parked]) -> list[tuple[str, int]]:
    return Counter(event.reason for event in parked).most_common()
