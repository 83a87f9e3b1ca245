"""More signals than usual: what counts as a surge, and what does not."""

from __future__ import annotations

import random
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetic.skill_gap.domain.surge import (
    ESTABLISHED_DAYS,
    LEAST_LOSS,
    MOST_PER_DAY,
    MOST_TOGETHER,
    RATIO,
    SCORE_CAP,
    UNESTABLISHED_CAP,
    WINDOW_DAYS,
    Surge,
    nothing_seen,
)

SEED = 5
SURE = 6.0


def seen(weights: list[float], start: int = 0) -> Surge:
    """One signal of each weight, day by day."""
    surge = nothing_seen(start)
    for day, weight in enumerate(weights, start):
        surge = surge.add(weight, day, day) if weight else surge.moved_to(day)
    return surge


def test_the_usual_amount_is_no_surge_however_much_it_is() -> None:
    assert seen([3.0] * 200).score(199) == 0.0


def test_twice_as_much_for_three_weeks_is_a_surge() -> None:
    assert seen([0.5] * 100 + [1.0] * 21).score(120) > SURE


def test_a_single_bad_day_is_no_surge() -> None:
    assert seen([0.5] * 100 + [40.0]).score(100) < SURE / 2


@given(
    weights=st.lists(st.sampled_from([0.0, 0.0, 0.3, 1.0, 2.5]), min_size=1, max_size=90),
    later=st.integers(0, 20),
)
def test_days_on_which_nothing_was_seen_count_one_by_one(weights: list[float], later: int) -> None:
    surge, today = seen(weights), len(weights) - 1 + later
    moved = surge.moved_to(today)
    dispersion = moved.usual.dispersion
    mean, score = moved.usual.at_most(dispersion), 0.0
    for day in range(moved.usual.before, today + 1) if surge.days else ():
        said = (moved.days.get(day, 0.0) * log(RATIO) - max(LEAST_LOSS * dispersion, mean * (RATIO - 1))) / dispersion
        score = min(SCORE_CAP, max(0.0, score + min(MOST_PER_DAY, said)))
    most = SCORE_CAP if moved.usual.is_established else UNESTABLISHED_CAP
    assert surge.score(today) == pytest.approx(min(most, score), abs=1e-9)


def test_a_surge_is_over_when_the_work_calms_down() -> None:
    assert seen([0.5] * 100 + [2.0] * 40 + [0.5] * 60).score(199) < 1.0


def test_where_nobody_knows_what_is_usual_a_surge_says_little() -> None:
    few = int(ESTABLISHED_DAYS) - 1
    assert seen([2.0] * few).score(few - 1) == UNESTABLISHED_CAP


def test_what_is_usual_is_learned_from_the_days_before_the_window_alone() -> None:
    assert seen([0.5] * 100 + [4.0] * (WINDOW_DAYS - 1)).usual.per_day == pytest.approx(
        seen([0.5] * 100).usual.per_day, rel=0.05
    )


def test_a_flood_of_late_signals_counts_on_the_days_on_which_they_happened() -> None:
    late = seen([0.5] * 100 + [0.0] * 5)
    for day in range(100, 105):
        late = late.add(0.5, day, 104)
    assert late.score(104) == seen([0.5] * 105).score(104)


def test_what_happened_before_the_window_changes_nothing() -> None:
    surge = seen([0.5] * 100)
    assert surge.add(9.0, 100 - WINDOW_DAYS - 1, 99) == surge


def test_more_signals_since_a_day_speak_for_a_slip_since_then_and_silence_against() -> None:
    rare = [0.5 if day % 10 == 0 else 0.0 for day in range(120)]
    more, none = seen(rare + [0.5, 0.0] * 7), seen(rare + [0.0] * 14)
    assert more.since([126, 120], 133)[1] > 1.5
    assert more.since([126, 120], 133)[0] < more.since([126, 120], 133)[1]
    assert none.since([120], 133)[0] < -1.0


def test_silence_where_nobody_ever_sent_a_signal_says_nothing() -> None:
    assert nothing_seen(100).since([98, 90], 100) == [0.0, 0.0]


def test_silence_before_anything_was_ever_heard_says_nothing_against_a_slip_of_then() -> None:
    fresh = nothing_seen(100).add(0.5, 99, 100).add(0.5, 100, 100)
    assert fresh.since([80], 100) == fresh.since([99], 100)
    assert fresh.since([80], 100)[0] > 0.0


def test_signals_beside_a_number_say_no_more_than_they_may() -> None:
    assert seen([0.1] * 100 + [3.0] * 20).since([100], 119)[0] <= MOST_TOGETHER


def test_what_one_signal_weighs_changes_nothing_of_what_many_say() -> None:
    light, heavy = ([weight * size for size in ([1.0, 0.0] * 60 + [1.0] * 14)] for weight in (0.3, 0.9))
    assert seen(light).since([120], 133)[0] == pytest.approx(seen(heavy).since([120], 133)[0], abs=0.35)


def test_false_alarms_of_a_busy_team_are_rare() -> None:
    """About one in a hundred months, of a team whose signals come in bursts and rest at weekends."""
    chance = random.Random(SEED)
    alarms = sum(_alarms(chance, days=365) for _ in range(20))
    assert alarms <= 4


def _alarms(chance: random.Random, days: int) -> int:
    surge, alarms, was_sure = nothing_seen(0), 0, False
    for day in range(days):
        bursts = chance.gammavariate(2.0, 0.5) if day % 7 < 5 else 0.0
        for _ in range(round(bursts * 2)):
            surge = surge.add(chance.uniform(0.2, 0.9), day, day)
        is_sure = surge.moved_to(day).score(day) >= SURE
        alarms, was_sure = alarms + (is_sure and not was_sure), is_sure
    return alarms


@given(st.lists(st.tuples(st.integers(0, 60), st.floats(0, 2)), max_size=40), st.randoms())
def test_within_the_window_the_order_in_which_signals_arrive_does_not_matter(
    signals: list[tuple[int, float]], chance: random.Random
) -> None:
    today = WINDOW_DAYS - 1
    signals = [(day % WINDOW_DAYS, weight) for day, weight in signals]
    shuffled = chance.sample(signals, len(signals))
    one, other = nothing_seen(today), nothing_seen(today)
    for (day, weight), (other_day, other_weight) in zip(signals, shuffled, strict=True):
        one, other = one.add(weight, day, today), other.add(other_weight, other_day, today)
    assert one.score(today) == pytest.approx(other.score(today), abs=1e-9)


@given(st.lists(st.floats(0, 5), max_size=150), st.integers(0, 400))
def test_the_state_is_bounded_and_the_score_too(weights: list[float], later: int) -> None:
    surge = seen(weights)
    assert len(surge.days) <= WINDOW_DAYS
    assert 0.0 <= surge.score(len(weights) + later) <= SCORE_CAP
