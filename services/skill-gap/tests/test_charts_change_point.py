"""When a level changed."""

import random
from statistics import mean

import pytest

from kinetic.skill_gap.domain.charts.change_point import last_before_rise, last_before_shift
from tests.support.published_series import NILE


def test_the_nile_changed_after_its_28th_year() -> None:
    """1898, when the dam at Aswan was begun: `breakpoints(Nile ~ 1)` of the R package strucchange gives 28 as well."""
    before = last_before_shift(NILE, shortest=2)

    assert before == 28
    assert mean(NILE[:before]) == pytest.approx(1097.75)
    assert mean(NILE[before:]) == pytest.approx(849.97, abs=0.005)


def test_ruptures_finds_the_same_change() -> None:
    ruptures = pytest.importorskip("ruptures")
    numpy = pytest.importorskip("numpy")
    rng = random.Random(7)
    drawn = [[rng.gauss(2.0 * (index >= rng.randint(5, 55)), 1.0) for index in range(60)] for _ in range(30)]

    for series in [list(map(float, NILE)), *drawn]:
        found = ruptures.Dynp(model="l2", min_size=3, jump=1).fit(numpy.array(series)).predict(n_bkps=1)
        assert last_before_shift(series, shortest=3) == found[0]


def test_the_split_leaves_least_within_both_sides() -> None:
    rng = random.Random(11)
    for _ in range(20):
        series = [rng.gauss(0.0, 1.0) for _ in range(rng.randint(6, 40))]

        def within(k: int, series: list[float] = series) -> float:
            return sum((x - mean(side)) ** 2 for side in (series[:k], series[k:]) for x in side)

        best = min(range(3, len(series) - 2), key=within)
        assert last_before_shift(series, shortest=3) == best


def test_only_a_rise_is_taken_where_a_rise_is_asked_for() -> None:
    series = [3.0] * 10 + [0.0] * 10 + [2.0] * 10

    assert last_before_shift(series, shortest=3) == 10
    assert last_before_rise(series, shortest=3) == 20


def test_a_series_that_never_rises_has_its_largest_shift() -> None:
    assert last_before_rise([2.0] * 5 + [1.0] * 5, shortest=3) == 5


def test_too_few_values_are_refused() -> None:
    with pytest.raises(ValueError, match="needs 6 values, there are 5"):
        last_before_shift([1.0] * 5, shortest=3)
