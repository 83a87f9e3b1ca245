"""May this manager be interrupted now? A weekly budget, quiet hours and working days, all in their time zone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kinetic.contracts.recommendation import DeferralReason
from kinetic.recommendation.domain.holdout import Holdout
from kinetic.recommendation.domain.value import Worth

MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` up to `end` on the wall clock, over midnight when `end` is the earlier. They differ."""

    start: time
    end: time

    def cover(self, moment: time) -> bool:
        """Whether a wall-clock time is quiet."""
        if self.start < self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


@dataclass(frozen=True, slots=True)
class Rests:
    """For how many days nothing is suggested about a team and competency after an answer, and to people called wrong."""

    cool_down: int = 14
    already_covered: int = 90
    wrong_skill: int = 365
    wrong_people: int = 90
    bad_timing: int = 30


@dataclass(frozen=True, slots=True)
class Policy:
    """How often, and when, a manager may be interrupted. `working_days` are ISO weekdays, Monday = 1, at least one.

    `also_quiet` is what the wishes of one manager add (`preferences.py`); together with `quiet_hours` it leaves a time that is open.
    """

    version: int
    weekly_budget: int
    quiet_hours: QuietHours | None
    working_days: frozenset[int]
    nudge_ttl_days: int
    worth: Worth = field(default_factory=Worth)
    rests: Rests = field(default_factory=Rests)
    holdout: Holdout = field(default_factory=Holdout)
    also_quiet: tuple[QuietHours, ...] = ()

    @property
    def quiet(self) -> tuple[QuietHours, ...]:
        """All hours that are quiet."""
        return self.also_quiet if self.quiet_hours is None else (self.quiet_hours, *self.also_quiet)


@dataclass(frozen=True, slots=True)
class Deferral:
    """Not now: why, and from when on it is worth asking again."""

    reason: DeferralReason
    until: datetime


def decide_attention(policy: Policy, zone: ZoneInfo, spent: int, now: datetime) -> Deferral | None:
    """None when one more nudge may be composed now; `spent` counts those composed in the week of `now`."""
    if spent >= policy.weekly_budget:
        _, next_week = week_of(now, zone)
        return Deferral(DeferralReason.WEEKLY_BUDGET, next_open(policy, zone, next_week))
    opens_at = next_open(policy, zone, now)
    return Deferral(DeferralReason.QUIET_HOURS, opens_at) if opens_at > now else None


def zone_of(name: str) -> ZoneInfo:
    """The time zone of an IANA name. An unknown name counts as UTC: one odd entry must not silence a team."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def week_of(moment: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The ISO 8601 week around `moment` in `zone`: from Monday's first moment up to the next Monday's, in UTC."""
    today = moment.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    start, end = (datetime.combine(day, MIDNIGHT, zone) for day in (monday, monday + timedelta(days=7)))
    return start.astimezone(UTC), end.astimezone(UTC)


def next_open(policy: Policy, zone: ZoneInfo, moment: datetime) -> datetime:
    """The first time from `moment` on, in UTC, that lies on a working day and outside quiet hours in `zone`."""
    local = moment.astimezone(zone)
    while (later := _skip(policy, local)) is not None:
        # by way of UTC, so that a wall-clock time which the change to summer time leaves out becomes one that exists
        local = later.astimezone(UTC).astimezone(zone)
    return local.astimezone(UTC)


def _skip(policy: Policy, local: datetime) -> datetime | None:
    """The next wall-clock time at which it may be open; None when it is open at `local`."""
    if local.isoweekday() not in policy.working_days:
        return datetime.combine(local.date() + timedelta(days=1), MIDNIGHT, local.tzinfo)
    quiet = next((hours for hours in policy.quiet if hours.cover(local.time())), None)
    if quiet is None:
        return None
    days = 0 if local.time() < quiet.end else 1
    # the fold, so that in an hour that comes twice the second time does not end with the first
    return datetime.combine(local.date() + timedelta(days=days), quiet.end, local.tzinfo).replace(fold=local.fold)
