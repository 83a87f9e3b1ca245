"""Not now, but then: a nudge rests until tomorrow, until Monday, or until its gap moves again.

Coming back is an interruption that the manager asked for. It counts for the week in which the nudge was composed, once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from kinetic.contracts.recommendation import NudgeResumed, NudgeSnoozed, ResumptionReason, SnoozeUntil
from kinetic.contracts.skill_gap import GapChanged, GapOpened
from kinetic.recommendation.domain.attention import MIDNIGHT, Policy, next_open
from kinetic.recommendation.domain.nudge import Change, Click, Nudge, Snooze, State, Superseded, about, tell

STANDS_AFTERWARDS = timedelta(days=1)
"""A nudge that comes back can be acted on for at least a day, whenever it would have expired."""


def snooze(nudge: Nudge, click: Click, wish: Snooze) -> Change | Superseded:
    """The manager wants it later. Wanting the same again while it rests changes nothing; another wish replaces the first."""
    if nudge.snooze is not None and nudge.snooze.until is wish.until:
        return Change(nudge)
    if not nudge.is_open or not nudge.shows(click.version):
        return Superseded(nudge)
    before = nudge.snooze.before if nudge.snooze else nudge.state
    snoozed = replace(
        nudge,
        state=State.SNOOZED,
        version=nudge.version + 1,
        snooze=replace(wish, before=before),
        expires_at=max(nudge.expires_at, wish.due_at + STANDS_AFTERWARDS) if wish.due_at else nudge.expires_at,
    )
    told = NudgeSnoozed(
        **about(snoozed, click.at),
        until=wish.until,
        due_at=wish.due_at,
        expires_at=snoozed.expires_at,
        snoozed_by=click.by,
    )
    return tell(snoozed, told)


def wish_of(until: SnoozeUntil, nudge: Nudge, pressure: float, due_at: datetime | None, now: datetime) -> Snooze:
    """What a manager who says `until` asks for, while the gap is told with `pressure`."""
    return Snooze(until, now, nudge.state, pressure, due_at)


def due_at(until: SnoozeUntil, policy: Policy, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The first open moment of the day that is meant, on the manager's clock; None when no day is.

    Tomorrow is the next day on which anybody works, and Monday the next one that is not today.
    """
    today = now.astimezone(zone).date()
    match until:
        case SnoozeUntil.TOMORROW:
            day = today + timedelta(days=1)
        case SnoozeUntil.MONDAY:
            day = today + timedelta(days=7 - today.weekday())
        case SnoozeUntil.MOVED:
            return None
        case never:
            assert_never(never)
    return next_open(policy, zone, datetime.combine(day, MIDNIGHT, zone))


def rouse(nudge: Nudge, told: GapOpened | GapChanged, policy: Policy, zone: ZoneInfo, now: datetime) -> Change:
    """A snoozed nudge when its time has come, or its gap has moved; never in quiet hours, whatever was meant before."""
    resting = nudge.snooze
    if resting is None or not _is_due(resting, told, now):
        return Change(nudge)
    opens_at = next_open(policy, zone, now)
    if opens_at > now:
        return Change(replace(nudge, snooze=replace(resting, due_at=opens_at), version=nudge.version + 1))
    resumed = replace(nudge, state=resting.before, version=nudge.version + 1, snooze=None)
    moved = resting.until is SnoozeUntil.MOVED
    reason = ResumptionReason.MOVED if moved else ResumptionReason.DUE
    return tell(resumed, NudgeResumed(**about(resumed, now), reason=reason))


def has_moved(resting: Snooze, told: GapOpened | GapChanged) -> bool:
    """Whether the work asks harder than when the nudge was snoozed: more pressure, or something observed since.

    Pressure decays, so that a new observation may leave it below what it was; and one that is told late raises it
    although it is old. Other people, or another coverage, are no move.
    """
    return told.pressure > resting.pressure or any(seen.observed_at > resting.at for seen in told.evidence)


def _is_due(resting: Snooze, told: GapOpened | GapChanged, now: datetime) -> bool:
    return has_moved(resting, told) if resting.due_at is None else resting.due_at <= now
