"""The chart of one KPI of one team, from readings to an alarm."""

import json
import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
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


def test_a_fall_is_a_slip_where_higher_is_better() -> None:
    values = [*normal(1, 60), *normal(2, 15, mean=6.0)]

    assert charted(readings(values), WORSE_IS_DOWN).alarm is not None
    assert charted(readings(values), WORSE_IS_UP).alarm is None


def test_an_improvement_is_told_apart_from_a_slip() -> None:
    chart = charted(readings([*normal(1, 60), *normal(2, 15, mean=6.0)]))

    assert chart.alarm is None
    assert chart.improvement is not None
    assert chart.improvement.now < chart.improvement.usual
    assert chart.improvement.shift > 0.0


def test_a_slip_below_the_old_level_is_found_while_an_improvement_lasts() -> None:
    chart = charted(readings([*normal(1, 60), *normal(2, 20, mean=6.0), *normal(3, 10, mean=15.0)]))

    assert chart.alarm is not None
    assert chart.improvement is None


def test_one_wild_reading_is_no_alarm() -> None:
    assert all(chart.alarm is None for chart in courses([*normal(1, 60), 1e9, *normal(2, 20)]))


def test_an_alarm_ends_when_the_level_is_back_and_not_at_the_first_good_reading() -> None:
    slipped = [*normal(1, 60), *normal(2, 20, mean=14.0)]
    assert charted(readings([*slipped, 10.0])).alarm is not None

    ended = charted(readings([*slipped, *normal(3, 20)]))
    assert ended.alarm is None
    assert ended.score(DESIGN) < DESIGN.cusum_limit


def test_a_slip_that_lasts_becomes_usual_after_ninety_days_and_is_learnt_anew() -> None:
    values = [*normal(1, 60), *normal(2, 95, mean=14.0)]
    chart = charted(readings(values[: 60 + 85]))
    assert chart.alarm is not None

    renewed = charted(readings(values))
    assert renewed.alarm is None
    again = charted(readings([*values, *normal(3, 40, mean=14.0), *normal(4, 15, mean=18.0)]))
    assert again.alarm is not None
    assert again.alarm.usual == pytest.approx(14.0, abs=0.9)


def test_without_the_least_history_a_weekly_slip_of_ninety_days_is_not_yet_usual() -> None:
    values = [*normal(1, 40), *normal(2, 17, mean=14.0)]

    assert charted(readings(values, days=7)).alarm is not None


def test_a_slow_drift_is_not_learnt_as_usual() -> None:
    drifting = [value + 0.05 * index for index, value in enumerate(normal(5, 90))]

    assert any(chart.alarm for chart in courses([*normal(1, 60), *drifting]))


def test_a_guard_band_keeps_a_slow_drift_from_being_learnt() -> None:
    """A drift is further from the usual where the newest readings do not tell what is usual yet."""
    hasty = replace(DESIGN, guard=0)
    found = {True: 0, False: 0}
    for seed in range(30):
        values = [*normal(seed, 60), *(value + 0.03 * index for index, value in enumerate(normal(-seed - 1, 60)))]
        found[True] += charted(readings(values)).alarm is not None
        found[False] += charted(readings(values), design=hasty).alarm is not None

    assert found[True] > found[False]


def test_what_came_after_the_change_is_taken_out_of_the_usual() -> None:
    """A small slip can take so long to be found that its first readings have been learnt."""
    learnt = 0
    for seed in range(12):
        drawn = courses([*normal(seed, 60), *normal(seed + 100, 60, mean=11.7)])
        before, chart = next(((a, b) for a, b in pairwise(drawn) if b.alarm and not a.alarm), (None, None))
        if before is not None and chart is not None and chart.alarm is not None:
            since = chart.alarm.since.timestamp()
            learnt += any(point.at >= since for point in before.now.reference)
            assert all(point.at < since for point in chart.now.reference)

    assert learnt > 0


def test_the_score_stops_growing_and_starts_from_nothing_after_an_alarm() -> None:
    drawn = list(courses([*normal(1, 60), *normal(2, 40, mean=20.0), *normal(3, 30)]))

    assert max(chart.score(DESIGN) for chart in drawn) == 2 * DESIGN.cusum_limit * DESIGN.shift_sigma
    ended = next(after for before, after in pairwise(drawn) if before.alarm and not after.alarm)
    assert ended.score(DESIGN) == 0.0


def test_an_alarm_says_how_unsure_the_usual_level_is() -> None:
    """Readings that hardly vary after the change leave the uncertainty of the baseline."""
    chart = charted(readings([*normal(1, 60), *[14.0] * 15]))

    assert chart.alarm is not None
    least = 2 * 1.96 / math.sqrt(len(chart.now.reference))
    assert chart.alarm.shift_high - chart.alarm.shift_low >= 0.999 * least


def test_missing_days_are_no_readings() -> None:
    values = [*normal(1, 60), *normal(2, 15, mean=14.0)]
    rng = random.Random(9)
    sparse = [reading for reading in readings(values) if rng.random() < 0.8]

    assert charted(sparse).alarm is not None


@pytest.mark.parametrize("value", [math.nan, math.inf, -1e308])
def test_what_is_not_a_number_is_no_reading(value: float) -> None:
    chart = charted(readings(normal(1, 40)))

    assert observe(chart, Reading(START + timedelta(days=50), value, 5), DESIGN, WORSE_IS_UP) is chart


@given(st.lists(st.sampled_from([0.0, 1.0, -1e99, 1e99, 1e-300, 0.1]), min_size=60, max_size=110), st.data())
@settings(max_examples=20, deadline=None)
def test_extreme_values_leave_a_state_that_json_can_say(values: list[float], data: st.DataObject) -> None:
    chart = charted(Reading(r.at, r.value, data.draw(st.integers(1, 10**9))) for r in readings(values))

    kept = json.dumps(to_json(chart), separators=(",", ":"), allow_nan=False)
    assert from_json(json.loads(kept)) == chart
    assert len(kept) <= 4096


def test_a_corrected_reading_counts_as_if_it_had_come_at_once() -> None:
    observed = readings([*normal(1, 60), *normal(2, 15, mean=14.0)])
    wrong = [replace(reading, value=99.0) if index == 65 else reading for index, reading in enumerate(observed)]

    assert charted([*wrong, observed[65]]) == charted(observed)


def test_a_reading_older_than_the_window_says_nothing() -> None:
    observed = readings(normal(1, 80))
    chart = charted(observed)

    assert observe(chart, replace(observed[10], value=1e6), DESIGN, WORSE_IS_UP) is chart


def test_the_same_reading_twice_changes_nothing() -> None:
    observed = readings(normal(1, 80))
    chart = charted(observed)

    assert all(observe(chart, reading, DESIGN, WORSE_IS_UP) is chart for reading in observed)


def test_a_kpi_whose_direction_turns_is_charted_anew() -> None:
    observed = readings([*normal(1, 60), *normal(2, 15, mean=14.0)])
    turned = observe(charted(observed[:-1]), observed[-1], DESIGN, WORSE_IS_DOWN)

    assert turned.alarm is None
    assert turned.improvement is not None


def test_the_state_does_not_grow_with_history() -> None:
    """120 readings of twelve digits, cases that differ, an alarm: never more than 4 KiB."""
    rng = random.Random(4)
    chart, most = Chart(WORSE_IS_UP), 0
    for day in range(700):
        value = rng.gauss(1e-7, 1e-8) * (1.5 if day % 200 > 150 else 1.0)
        chart = observe(chart, Reading(START + timedelta(days=day), value, rng.randint(1, 900)), DESIGN, WORSE_IS_UP)
        if day % 10 == 0:
            most = max(most, len(json.dumps(to_json(chart), separators=(",", ":"))))

    assert most <= 4096


def test_a_chart_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format 0"):
        from_json({**to_json(Chart(WORSE_IS_UP)), "format": 0})


@given(st.integers(1, 10_000), st.floats(0.01, 1000.0), st.floats(-1000.0, 1000.0))
@settings(max_examples=15, deadline=None)
def test_the_unit_of_the_kpi_makes_no_difference(seed: int, scale: float, offset: float) -> None:
    values = [*normal(seed, 50), *normal(seed + 1, 20, mean=15.0)]
    plain, other = charted(readings(values)).alarm, charted(readings([scale * v + offset for v in values])).alarm

    assert plain is not None
    assert other is not None
    assert (other.since, other.raised_at, other.by, other.readings) == (
        plain.since,
        plain.raised_at,
        plain.by,
        plain.readings,
    )
    assert other.shift == pytest.approx(plain.shift, abs=0.01)
    assert other.usual == pytest.approx(scale * plain.usual + offset, abs=0.01 * scale)
    assert other.now == pytest.approx(scale * plain.now + offset, abs=0.01 * scale)


@given(st.integers(1, 10_000))
@settings(max_examples=15, deadline=None)
def test_both_directions_are_treated_alike(seed: int) -> None:
    values = [*normal(seed, 50), *normal(seed + 1, 20, mean=13.0)]
    up = charted(readings(values), WORSE_IS_UP)
    down = charted(readings([-value for value in values]), WORSE_IS_DOWN)

    assert down.score(DESIGN) == pytest.approx(up.score(DESIGN), abs=0.02)
    assert (up.alarm is None) == (down.alarm is None)
    if up.alarm and down.alarm:
        assert down.alarm.since == up.alarm.since
        assert down.alarm.shift == pytest.approx(up.alarm.shift, abs=0.01)


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
