"""What is usual for a KPI of a team: level, spread, effect of the cases and of the weekday, estimated robustly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import copysign, sqrt

from kinetic.skill_gap.domain.charts.design import Point
from kinetic.skill_gap.domain.charts.robust import WINSORISED_AT, winsorised
from kinetic.skill_gap.domain.charts.scores import normal_score
from kinetic.skill_gap.domain.charts.weekday import WeekdayEffects, weekday_effects

WILDEST = 6.0
PRIOR_SHARE = 0.5
PRIOR_WEIGHT = 4.0
MOST_CORRELATION = 0.8


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual. `residuals` are those of the readings it was estimated from, in ascending order.

    `damping` is what is left of a score where readings go along with the ones before.
    """

    level: float
    sigma: float
    weekdays: WeekdayEffects
    cases: CaseVariance
    residuals: tuple[float, ...]
    damping: float = 1.0

    def residual(self, point: Point) -> float:
        """How far a reading lies from what is usual on its weekday, in the unit of the KPI, as if it had the usual cases."""
        distance = point.value - self.weekdays.of(point.at) - self.level
        return distance if self.cases.alike else distance / sqrt(self.cases.relative(point.n))

    def score_of(self, residual: float) -> float:
        """The normal score of a residual among those of the baseline."""
        return round(self.damping * normal_score(residual, self.residuals), 3)

    def distance_of(self, residual: float) -> float:
        """A residual in robust standard deviations, no more than `WILDEST` of them; that many where the usual never varied."""
        if abs(residual) >= WILDEST * self.sigma:
            return copysign(WILDEST, residual) if residual else 0.0
        return round(residual / self.sigma, 3)

    def distance(self, point: Point) -> float:
        """How far a reading lies from what is usual, in robust standard deviations."""
        return self.distance_of(self.residual(point))


@dataclass(frozen=True, slots=True)
class CaseVariance:
    """How the variance of a reading depends on its cases: between + within/n, as a multiple of that of a usual reading.

    `within` is the share of the second term at `inverse`, the mean of 1/n.
    """

    within: float
    inverse: float

    @property
    def alike(self) -> bool:
        """All readings have the same variance."""
        return self.within == 0.0

    def relative(self, n: int) -> float:
        """The variance of a mean of n cases."""
        return 1.0 - self.within + self.within / (n * self.inverse)


ALIKE = CaseVariance(0.0, 1.0)


def estimate_baseline(points: Sequence[Point]) -> Baseline:
    """The baseline of the readings of a calm time, in the order of time."""
    values = [point.value for point in points]
    level, sigma = winsorised(values)
    weekdays = weekday_effects(points, level)
    if weekdays.effects:
        values = [value - effect for value, effect in zip(values, weekdays.left_out, strict=True)]
        level, sigma = winsorised(values)
    cases = case_variance([point.n for point in points], [value - level for value in values], sigma)
    residuals = [value - level for value in values]
    if not cases.alike:
        roots = [sqrt(cases.relative(point.n)) for point in points]
        residuals = [residual / root for residual, root in zip(residuals, roots, strict=True)]
        # The level of means of few cases and of many: each weighs by its precision.
        off = sum(residual / root for residual, root in zip(residuals, roots, strict=True))
        off /= sum(1 / (root * root) for root in roots)
        level += off
        residuals = [residual - off / root for residual, root in zip(residuals, roots, strict=True)]
        sigma = winsorised(residuals)[1]
    return Baseline(
        level, sigma, weekdays, cases, tuple(sorted(residuals)), left_of_scores(residuals, WINSORISED_AT * sigma)
    )


def left_of_scores(residuals: Sequence[float], farthest: float) -> float:
    """What is left of scores that go along with the ones before, 0..1.

    A sum of readings whose neighbours correlate by ρ varies (1 + ρ)/(1 - ρ) times as much as one of independent readings,
    and would signal as much more often (Johnson and Bagshaw, Technometrics 16, 1974). Dividing by the root of that
    keeps the limits. Of the estimate one standard error is taken off, so that independent readings keep their scores.
    """
    near = [-farthest if r < -farthest else farthest if r > farthest else r for r in residuals]
    squares = sum([residual * residual for residual in near])
    if squares == 0.0:
        return 1.0
    together = sum([a * b for a, b in pairwise(near)])
    correlation = min(together / squares - 1 / sqrt(len(near)), MOST_CORRELATION)
    return sqrt((1.0 - correlation) / (1.0 + correlation)) if correlation > 0.0 else 1.0


def case_variance(cases: Sequence[int], residuals: Sequence[float], sigma: float) -> CaseVariance:
    """The share of the variance that falls with the cases: the slope of squared residuals on 1/n, drawn towards a half.

    The less the cases differ, the less the slope tells and the more the prior counts, and the less it matters.
    """
    if min(cases) == max(cases):
        return ALIKE
    inverses = [1 / n for n in cases]
    inverse = sum(inverses) / len(inverses)
    relative = [x / inverse for x in inverses]
    most = 9.0 * sigma * sigma
    squares = [min(r * r, most * max(x, 1.0)) for r, x in zip(residuals, relative, strict=True)]
    mean_square = sum(squares) / len(squares)
    if mean_square == 0.0:
        return ALIKE
    leverage = sum([(x - 1.0) * (x - 1.0) for x in relative])
    slope = sum([(x - 1.0) * square for x, square in zip(relative, squares, strict=True)]) / leverage
    weight = leverage / 2
    within = (weight * slope / mean_square + PRIOR_WEIGHT * PRIOR_SHARE) / (weight + PRIOR_WEIGHT)
    return CaseVariance(min(max(within, 0.0), 1.0), inverse)
