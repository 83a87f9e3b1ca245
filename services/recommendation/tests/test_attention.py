"""When a manager may be interrupted, on their own clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetic.contracts.recommendation import DeferralReason
from kinetic.recommendation.domain.attention import (
    Deferral,
    Policy,
    QuietHours,
    decide_attention,
    next_open,
    week_of,
    zone_of,
)

OFFICE = Policy(1, 2, QuietHours(time(18), time(8)), frozenset({1, 2, 3, 4, 5}), 14)
BERLIN, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")
ZONES = ("Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Pacific/Auckland", "America/Sao_Paulo", "UTC")

zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.integers(0, 15 * 365 * 24 * 60).map(
    lambda minutes: datetime(2015, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
quiet_hours = st.none() | st.tuples(clocks, clocks).filter(lambda pair: pair[0] != pair[1]).map(
    lambda p: QuietHours(*p)
)
policies = st.builds(
    Policy,
    version=st.just(1),
    weekly_budget=st.integers(0, 5),
    quiet_hours=quiet_hours,
    working_days=st.frozensets(st.integers(1, 7), min_size=1),
    nudge_ttl_days=st.just(14),
)


def berlin(day: int, hour: int, minute: int = 0) -> datetime:
    """A time of November 2026 in Berlin; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (berlin(23, 8), berlin(23, 8)),
        (berlin(23, 17, 59), berlin(23, 17, 59)),
        (berlin(23, 18), berlin(24, 8)),
        (berlin(24, 7, 59), berlin(24, 8)),
        (berlin(27, 18), berlin(30, 8)),
        (berlin(28, 12), berlin(30, 8)),
    ],
)
def test_office_hours_open_on_the_managers_clock(now: datetime, opens: datetime) -> None:
    assert next_open(OFFICE, BERLIN, now) == opens


def test_the_same_moment_is_quiet_for_one_manager_and_not_for_another() -> None:
    now = berlin(23, 10)
    assert decide_attention(OFFICE, BERLIN, 0, now) is None
    tomorrow_in_tokyo = datetime(2026, 11, 24, 8, tzinfo=TOKYO)
    assert decide_attention(OFFICE, TOKYO, 0, now) == Deferral(DeferralReason.QUIET_HOURS, tomorrow_in_tokyo)


def test_quiet_hours_within_a_day_end_on_that_day() -> None:
    siesta = replace(OFFICE, quiet_hours=QuietHours(time(12), time(14)))
    assert next_open(siesta, BERLIN, berlin(23, 13)) == berlin(23, 14)
    assert next_open(siesta, BERLIN, berlin(23, 23)) == berlin(23, 23)


def test_a_spent_budget_waits_for_the_first_working_hour_of_next_week() -> None:
    assert decide_attention(OFFICE, BERLIN, 1, berlin(25, 10)) is None
    assert decide_attention(OFFICE, BERLIN, 2, berlin(25, 10)) == Deferral(DeferralReason.WEEKLY_BUDGET, berlin(30, 8))


def test_a_week_begins_on_monday_of_the_managers_clock() -> None:
    sunday_evening_in_berlin = datetime(2026, 11, 22, 22, tzinfo=UTC)
    assert week_of(sunday_evening_in_berlin, BERLIN)[1] == berlin(23, 0)
    assert week_of(sunday_evening_in_berlin, TOKYO)[0] == datetime(2026, 11, 23, tzinfo=TOKYO)


def test_the_week_of_a_clock_change_is_an_hour_longer() -> None:
    start, end = week_of(datetime(2026, 10, 24, tzinfo=UTC), BERLIN)
    assert end - start == timedelta(days=7, hours=1)


def test_quiet_hours_that_end_in_the_hour_left_out_end_when_it_is_over() -> None:
    early = replace(OFFICE, quiet_hours=QuietHours(time(18), time(2, 30)), working_days=frozenset(range(1, 8)))
    night_of_the_change = datetime(2026, 3, 29, 1, tzinfo=BERLIN)
    assert next_open(early, BERLIN, night_of_the_change) == datetime(2026, 3, 29, 3, 30, tzinfo=BERLIN)


@pytest.mark.parametrize(("minute", "opens"), [(20, 30), (31, 31), (59, 59)])
def test_quiet_hours_that_end_in_the_hour_that_comes_twice_hold_both_times(minute: int, opens: int) -> None:
    early = replace(OFFICE, quiet_hours=QuietHours(time(18), time(2, 30)), working_days=frozenset(range(1, 8)))
    for again in (0, 1):
        at = datetime(2026, 10, 25, 2, minute, tzinfo=BERLIN, fold=again).astimezone(UTC)
        assert next_open(early, BERLIN, at) == at + timedelta(minutes=opens - minute)


@given(policies, st.integers(0, 12 * 60))
def test_what_is_open_next_is_not_in_the_past_when_an_hour_comes_twice(policy: Policy, minutes: int) -> None:
    now = datetime(2026, 10, 24, 20, tzinfo=UTC) + timedelta(minutes=minutes)
    assert next_open(policy, BERLIN, now) >= now


def test_an_unknown_time_zone_counts_as_utc() -> None:
    assert zone_of("Mars/Olympus_Mons") == zone_of("") == zone_of("../etc") == ZoneInfo("UTC")


@given(policies, zones, moments)
def test_what_opens_next_is_open_and_not_in_the_past(policy: Policy, zone: ZoneInfo, now: datetime) -> None:
    opens = next_open(policy, zone, now)
    assert now <= opens <= now + timedelta(days=9)
    local = opens.astimezone(zone)
    assert local.isoweekday() in policy.working_days
    assert policy.quiet_hours is None or not policy.quiet_hours.cover(local.time())
    assert next_open(policy, zone, opens) == opens


@given(zones, moments)
def test_every_moment_lies_in_its_week_and_weeks_touch(zone: ZoneInfo, now: datetime) -> None:
    start, end = week_of(now, zone)
    assert start <= now < end
    assert week_of(end, zone)[0] == end
    assert start.astimezone(zone).isoweekday() == 1


@given(policies, zones, moments, st.integers(0, 6))
def test_a_deferral_ends_later_and_a_spent_budget_in_another_week(
    policy: Policy, zone: ZoneInfo, now: datetime, spent: int
) -> None:
    deferral = decide_attention(policy, zone, spent, now)
    if spent >= policy.weekly_budget:
        assert deferral is not None
        assert deferral.reason is DeferralReason.WEEKLY_BUDGET
        assert deferral.until >= week_of(now, zone)[1]
    elif deferral is not None:
        assert deferral.until > now
