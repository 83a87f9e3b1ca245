"""What is usual for a KPI of a team."""

import random
from math import sqrt
from statistics import mean, pstdev

import pytest

from kinetic.skill_gap.domain.charts.baseline import Baseline, estimate_baseline
from kinetic.skill_gap.domain.charts.design import SECONDS_PER_DAY, Point
from kinetic.skill_gap.domain.charts.robust import winsorised


def points(values: list[float], *, days: float = 1.0, cases: list[int] | None = None) -> list[Point]:
    cases = cases or [5] * len(values)
    return [Point(days * SECONDS_PER_DAY * i, v, n) for i, (v, n) in enumerate(zip(values, cases, strict=True))]


def normal(seed: int, count: int = 70, mean: float = 10.0, sigma: float = 2.0) -> list[float]:
    rng = random.Random(seed)
    return [rng.gauss(mean, sigma) for _ in range(count)]


def test_wild_values_move_level_and_spread_little() -> None:
    values = normal(1)
    wild = [*values[:-4], 1e6, 1e6, 1e6, 1e6]

    (level, sigma), (wild_level, wild_sigma) = winsorised(values), winsorised(wild)
    assert abs(wild_level - level) < sigma / 2
    assert wild_sigma / sigma < 1.3


def test_level_and_spread_of_normal_values_are_the_usual_ones() -> None:
    level, sigma = winsorised(normal(2, 4_000))

    assert (level, sigma) == pytest.approx((10.0, 2.0), rel=0.05)


def test_where_most_values_are_the_same_the_spread_is_that_of_the_mean_distance() -> None:
    assert winsorised([0.0] * 15 + [4.0] * 5)[1] == pytest.approx(1.2533)


def test_a_value_that_never_varied_scores_any_other_as_extreme() -> None:
    baseline = estimate_baseline(points([3.0] * 20))

    assert baseline.score_of(baseline.residual(Point(0.0, 3.0, 5))) == 0.0
    assert baseline.score_of(baseline.residual(Point(0.0, 3.1, 5))) > 1.9
    assert baseline.distance(Point(0.0, 3.1, 5)) == 6.0
    assert baseline.distance(Point(0.0, 3.0, 5)) == 0.0


def with_weekends(values: list[float], effect: float) -> list[float]:
    """The first day of 1970 was a Thursday."""
    return [value + effect * ((day + 3) % 7 >= 5) for day, value in enumerate(values)]


def test_a_weekend_is_compared_with_weekends() -> None:
    baseline = estimate_baseline(points(with_weekends(normal(3), 8.0)))
    saturday, monday = 72 * SECONDS_PER_DAY, 74 * SECONDS_PER_DAY

    assert abs(baseline.distance(Point(saturday, 18.0, 5))) < 1.0
    assert baseline.distance(Point(monday, 18.0, 5)) > 2.5


def test_a_weekend_of_another_kind_is_still_compared_with_weekends() -> None:
    """Far beyond the spread within weekdays, as where nobody works; and one wild Saturday does not move the others."""
    values = with_weekends(normal(3, sigma=1.0), 50.0)
    values[9] = 5_000.0
    baseline = estimate_baseline(points(values))

    assert abs(baseline.distance(Point(72 * SECONDS_PER_DAY, 60.0, 5))) < 1.5


def test_weekdays_that_differ_by_chance_have_no_effect() -> None:
    assert sum(bool(estimate_baseline(points(normal(seed))).weekdays.effects) for seed in range(100)) < 25


def test_readings_that_are_not_daily_have_no_weekday() -> None:
    """Every third day: the weekdays take turns, but they are days of different weeks."""
    values = [value + 8.0 * (3 * index % 7 >= 5) for index, value in enumerate(normal(3))]

    assert estimate_baseline(points(values, days=3.0)).weekdays.effects == ()


def test_past_readings_do_not_look_calmer_than_new_ones_for_the_effects_taken_from_them() -> None:
    """A reading has no part in the effect that is taken from it."""
    past: list[float] = []
    new: list[float] = []
    for seed in range(60):
        values = with_weekends(normal(seed, 91, sigma=1.0), 8.0)
        baseline = estimate_baseline(points(values[:35]))
        past += baseline.residuals
        new += [baseline.residual(point) for point in points(values)[45:]]

    assert pstdev(past) == pytest.approx(pstdev(new), rel=0.06)


def mean_of_cases(seed: int, between: float, within: float) -> tuple[Baseline, list[float]]:
    rng = random.Random(seed)
    cases = [rng.choice([1, 2, 5, 20, 100]) for _ in range(400)]
    values = [rng.gauss(0.0, sqrt(between + within / n)) for n in cases]
    return estimate_baseline(points(values, cases=cases)), values


@pytest.mark.parametrize(("between", "within"), [(1.0, 0.0), (0.0, 4.0), (1.0, 4.0)])
def test_a_mean_of_few_cases_may_vary_more(between: float, within: float) -> None:
    """The variance is that between readings and that within, divided by the cases."""
    baseline, _ = mean_of_cases(5, between, within)
    few, many = baseline.cases.relative(1), baseline.cases.relative(100)

    true_ratio = (between + within) / (between + within / 100)
    assert few / many == pytest.approx(true_ratio, rel=0.5)


def test_a_value_of_few_cases_is_less_unusual_than_the_same_of_many() -> None:
    baseline, _ = mean_of_cases(5, 1.0, 4.0)

    assert baseline.distance(Point(0.0, 3.0, 1)) < 0.6 * baseline.distance(Point(0.0, 3.0, 100))


def test_cases_that_are_alike_leave_values_as_they_are() -> None:
    baseline = estimate_baseline(points(normal(1)))

    assert baseline.cases.alike
    assert baseline.residual(Point(0.0, baseline.level + 1.0, 700)) == pytest.approx(1.0)


def correlated(seed: int, correlation: float) -> list[float]:
    rng = random.Random(seed)
    values = [0.0]
    for _ in range(70):
        values.append(correlation * values[-1] + rng.gauss(0.0, sqrt(1 - correlation**2)))
    return values[1:]


def test_readings_that_go_along_with_the_ones_before_count_less() -> None:
    damped = mean(estimate_baseline(points(correlated(seed, 0.5))).damping for seed in range(50))
    independent = mean(estimate_baseline(points(correlated(seed, 0.0))).damping for seed in range(50))

    assert damped < 0.8
    assert independent > 0.97


def test_values_whose_squares_vanish_have_a_baseline() -> None:
    baseline = estimate_baseline(points([0.0, 1e-300] * 10, cases=[1, 2, 3, 4] * 5))

    assert baseline.cases.alike
