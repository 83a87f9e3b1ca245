"""The chart of one KPI of one team, from readings to an alarm."""

import json
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from kinetic.contracts.skill_gap import Direction
from kinetic.skill_gap.domain.charts import Chart, ChartDesign, Reading, from_json, observe, to_json

DESIGN = ChartDesign()
START = datetime(2026, 1, 5, tzinfo=UTC)
WORSE_IS_UP = Direction.LOWER_IS_BETTER
WORSE_IS_DOWN = Direction.HIGHER_IS_BETTER


def readings(values: Iterable[float], *, days: float = 1, n: int = 5) -> list[Reading]:
    return [Reading(START + timedelta(days=days * index), value, n) for index, value in enumerate(values)]


def charted(observed: Iterable[Reading], direction: Direction = WORSE_IS_UP, design: ChartDesign = DESIGN) -> Chart:
    chart = Chart(direction)
    for reading in observed:
        chart = observe(chart, reading, design, direction)
    return chart


def normal(seed: int, count: int, mean: float = 10.0, sigma: float = 2.0) -> list[float]:
    rng = random.Random(seed)
    return [rng.gauss(mean, sigma) for _ in range(count)]


def courses(values: Iterable[float], direction: Direction = WORSE_IS_UP) -> Iterator[Chart]:
    chart = Chart(direction)
    for reading in readings(values):
        chart = observe(chart, reading, DESIGN, direction)
        yield chart


def test_a_shift_is_dated_by_its_change_and_not_by_its_alarm() -> None:
    alarm = charted(readings([*normal(1, 60), *normal(2, 15, mean=14.0)])).alarm

    assert alarm is not None
    assert abs((alarm.since - START).days - 60) <= 1
    assert alarm.raised_at > alarm.since
    assert alarm.shift_low < 2.0 < alarm.shift_high
    assert abs(alarm.usual - 10.0) < 0.8
    assert abs(alarm.now - 14.0) < 1.5
    assert alarm.readings == 75 - (alarm.since - START).days


def test_no_alarm_before_the_least_history() -> None:
    before = [*normal(1, DESIGN.least_history - 1), *normal(1, 1)]

    assert all(chart.score(DESIGN) == 0.0 for chart in courses([*before[:-5], *[1000.0] * 5]))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=120), st.integers(1, 1000))
@settings(max_examples=20, deadline=None)
def test_a_chart_survives_json(values: list[float], n: int) -> None:
    chart = charted(readings(values, n=n))

    assert from_json(json.loads(json.dumps(to_json(chart)))) == chart


@given(st.randoms(use_true_random=False), st.integers(45, 110))
@settings(max_examples=20, deadline=None)
def test_order_of_arrival_within_the_window_makes_no_difference(rng: random.Random, count: int) -> None:
    observed = readings([*normal(count, count - 20), *normal(count + 1, 20, mean=13.0)])
    settled, arriving = observed[: -DESIGN.window], observed[-DESIGN.window :]
    shuffled = rng.sample(arriving, len(arriving))

    assert charted([*settled, *shuffled]) == charted(observed)
