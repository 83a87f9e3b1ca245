"""Pressure decays, adds up, and needs no history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetic.contracts.ids import KpiKey
from kinetic.contracts.skill_gap import Direction, Kpi
from kinetic.skill_gap.domain.pressure import Pressure, alarm_severity

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
CALM = Pressure(MappingProxyType({}), NOW)


def test_pressure_halves_in_each_half_life() -> None:
    pressure = CALM.add(1.0, 7.0, NOW, NOW)
    assert pressure.at(NOW + timedelta(days=7)) == pytest.approx(0.5)
    assert pressure.at(NOW + timedelta(days=21)) == pytest.approx(0.125)


def test_a_late_signal_counts_for_what_is_left_of_it() -> None:
    assert CALM.add(1.0, 7.0, NOW - timedelta(days=7), NOW).at(NOW) == pytest.approx(0.5)


def test_a_signal_from_the_future_counts_as_of_now() -> None:
    assert CALM.add(1.0, 7.0, NOW + timedelta(days=700), NOW).at(NOW) == pytest.approx(1.0)


@given(st.lists(st.tuples(st.floats(0.01, 1), st.integers(0, 90)), min_size=1, max_size=30))
def test_adding_one_by_one_equals_the_sum_over_the_whole_history(observed: list[tuple[float, int]]) -> None:
    end = NOW + timedelta(days=90)
    kept = CALM
    for amount, day in sorted(observed, key=lambda pair: pair[1]):
        at = NOW + timedelta(days=day)
        kept = kept.add(amount, 14.0, at, at)
    rescanned = sum(amount * 0.5 ** ((90 - day) / 14.0) for amount, day in observed)
    assert kept.at(end) == pytest.approx(rescanned, rel=1e-6, abs=1e-4)


def test_state_stays_bounded_by_the_number_of_half_lives() -> None:
    pressure = CALM
    for day in range(500):
        at = NOW + timedelta(days=day)
        pressure = pressure.add(0.5, (7.0, 30.0)[day % 2], at, at)
    assert len(pressure.sums) == 2


@pytest.mark.parametrize(
    ("direction", "value", "severity"),
    [
        (Direction.LOWER_IS_BETTER, 19.9, 0.0),
        (Direction.LOWER_IS_BETTER, 20.0, 0.5),
        (Direction.LOWER_IS_BETTER, 30.0, 1.0),
        (Direction.LOWER_IS_BETTER, 90.0, 1.0),
        (Direction.HIGHER_IS_BETTER, 0.0, 1.0),
    ],
)
def test_an_alarm_grows_with_the_distance_beyond_it(direction: Direction, value: float, severity: float) -> None:
    target, alarm = (10.0, 20.0) if direction is Direction.LOWER_IS_BETTER else (20.0, 10.0)
    kpi = Kpi(key=KpiKey("k"), name="K", unit="%", direction=direction, target=target, alarm=alarm)
    assert alarm_severity(kpi, value) == pytest.approx(severity)
