"""How long the charts run until they signal: as the tables say for normal values, and as designed for any other."""

import random
from collections.abc import Callable
from itertools import pairwise
from math import exp, sqrt
from statistics import NormalDist, mean, median

import pytest

from kinetic.skill_gap.domain.charts.course import UNKNOWN, Course, advance, score, with_baseline
from kinetic.skill_gap.domain.charts.cusum import accumulate
from kinetic.skill_gap.domain.charts.design import SECONDS_PER_DAY, ChartDesign, Point
from kinetic.skill_gap.domain.charts.ewma import limits, smooth
from kinetic.skill_gap.domain.charts.scores import normal_score

RUNS = 2_000
STANDARD_ERRORS = 4.0
DESIGN = ChartDesign()


def cusum_run(rng: random.Random, k: float, h: float, shift: float) -> int:
    up = down = 0.0
    length = 0
    while up < h and down < h:
        length += 1
        value = rng.gauss(shift, 1.0)
        up, down = accumulate(up, value, k), accumulate(down, -value, k)
    return length


def ewma_run(rng: random.Random, weight: float, width: float, shift: float) -> int:
    lower, upper = limits(0.0, 1.0, weight, width)
    average, length = 0.0, 0
    while lower < average < upper:
        length += 1
        average = smooth(average, rng.gauss(shift, 1.0), weight)
    return length


def assert_mean_is(published: float, lengths: list[int]) -> None:
    average = mean(lengths)
    error = sqrt(sum((length - average) ** 2 for length in lengths)) / len(lengths)
    assert average == pytest.approx(published, abs=STANDARD_ERRORS * error + 0.005 * published)


@pytest.mark.parametrize(
    ("h", "shift", "published"),
    [
        (4.0, 0.0, 168.0),
        (4.0, 0.5, 26.6),
        (4.0, 1.0, 8.38),
        (4.0, 1.5, 4.75),
        (4.0, 2.0, 3.34),
        (5.0, 0.0, 465.0),
        (5.0, 1.0, 10.4),
    ],
)
def test_the_cusum_runs_as_long_as_the_tables_say(h: float, shift: float, published: float) -> None:
    """Two-sided, k = 0.5. h = 4: Lucas and Crosier, Technometrics 24(3), 1982, table 1. h = 5: Montgomery, table 9.3."""
    rng = random.Random(1982)

    assert_mean_is(published, [cusum_run(rng, 0.5, h, shift) for _ in range(RUNS)])


@pytest.mark.parametrize(
    ("weight", "width", "shift", "published"),
    [
        (0.5, 3.071, 0.0, 500.0),
        (0.5, 3.071, 1.0, 17.5),
        (0.5, 3.071, 2.0, 3.63),
        (0.03, 2.437, 0.0, 500.0),
        (0.03, 2.437, 0.5, 29.3),
        (0.03, 2.437, 1.0, 12.6),
        (0.03, 2.437, 2.0, 5.99),
    ],
)
def test_the_ewma_runs_as_long_as_the_tables_say(weight: float, width: float, shift: float, published: float) -> None:
    """Lucas and Saccucci, Technometrics 32(1), 1990, table 3, limits of the steady state."""
    rng = random.Random(1990)

    assert_mean_is(published, [ewma_run(rng, weight, width, shift) for _ in range(RUNS)])


def test_sequential_scores_are_standard_and_independent_with_little_history_whatever_the_distribution() -> None:
    """The ranks among all values before are exactly independent, so the chart keeps its run length while it learns."""
    rng = random.Random(2017)
    scores: list[list[float]] = []
    for _ in range(2_000):
        seen = sorted(exp(rng.gauss(0.0, 2.0)) for _ in range(20))
        row = []
        for _ in range(10):
            value = exp(rng.gauss(0.0, 2.0))
            row.append(normal_score(value, seen))
            seen = sorted([*seen, value])
        scores.append(row)

    flat = [z for row in scores for z in row]
    lagged = [a * b for row in scores for a, b in pairwise(row)]
    assert abs(mean(flat)) < STANDARD_ERRORS / sqrt(len(flat))
    assert abs(mean(z * z for z in flat) - 1.0) < STANDARD_ERRORS * sqrt(2 / len(flat))
    assert abs(mean(lagged)) < STANDARD_ERRORS / sqrt(len(lagged))


Draw = Callable[[random.Random, float], tuple[float, int]]


def normal_values(rng: random.Random, shift: float) -> tuple[float, int]:
    return 10.0 + rng.gauss(shift, 1.0), 5


def heavy_tailed_values(rng: random.Random, shift: float) -> tuple[float, int]:
    """Student's t with five degrees of freedom, of variance 1."""
    return rng.gauss(0.0, 1.0) / sqrt(rng.gammavariate(2.5, 2.0) / 5.0) / sqrt(5 / 3) + shift, 5


def durations(rng: random.Random, shift: float) -> tuple[float, int]:
    return exp(4.0 + 0.7 * rng.gauss(shift, 1.0)), 5


def poisson(rng: random.Random, rate: float) -> int:
    events, left = 0, exp(-rate)
    product = rng.random()
    while product > left:
        events, product = events + 1, product * rng.random()
    return events


def overdispersed_counts(rng: random.Random, shift: float) -> tuple[float, int]:
    """Negative binomial of mean 6 and variance 12."""
    rate = 6.0 + shift * sqrt(12.0)
    return float(poisson(rng, rng.gammavariate(6.0, rate / 6.0))), 1


def rates(rng: random.Random, shift: float) -> tuple[float, int]:
    """A share of one to some forty cases, whose probability differs from day to day."""
    n = 1 + poisson(rng, rng.gammavariate(3.0, 4.0))
    probability = 0.2 + shift * 0.133
    drawn = rng.betavariate(30 * probability, 30 * (1 - probability))
    return sum(rng.random() < drawn for _ in range(n)) / n, n


DRAWS: list[Draw] = [normal_values, heavy_tailed_values, durations, overdispersed_counts, rates]


def step(course: Course, day: int, drawn: tuple[float, int]) -> Course:
    known = with_baseline(course)
    return advance(known, score(known, Point(day * SECONDS_PER_DAY, *drawn)), DESIGN, 1.0)


@pytest.mark.parametrize("draw", DRAWS)
def test_false_alarms_are_rare_although_the_baseline_is_estimated(draw: Draw) -> None:
    """Designed: one in 5,000 readings. Within four standard deviations of that many in 40,000 readings of 80 teams."""
    rng = random.Random(2004)
    alarms = 0
    for _ in range(80):
        course = UNKNOWN
        for day in range(500):
            before, course = course, step(course, day, draw(rng, 0.0))
            alarms += before.shift is None and course.shift is not None and course.shift.worse

    assert alarms <= 8 + 4 * sqrt(8)


def delays(draw: Draw, shift: float, history: int, teams: int) -> list[int]:
    rng = random.Random(1954)
    found = []
    for _ in range(teams):
        course, day = UNKNOWN, 0
        while day < history + 100 and not (course.shift and course.shift.worse and course.shift.raised_at >= history):
            course = step(course, day, draw(rng, shift if day >= history else 0.0))
            day += 1
        found.append(day - history)
    return found


@pytest.mark.parametrize(("shift", "most"), [(1.0, 18.0), (1.5, 9.0), (3.0, 5.0)])
def test_a_shift_is_found_soon(shift: float, most: float) -> None:
    assert median(delays(normal_values, shift, history=60, teams=100)) <= most


def test_the_normal_distribution_is_the_one_of_the_library() -> None:
    ordered = [float(value) for value in range(99)]

    assert normal_score(98.5, ordered) == pytest.approx(NormalDist().inv_cdf(0.995), rel=0.03)
    assert normal_score(49.0, ordered) == 0.0
