"""Does a KPI go with a competency, across teams and weeks? Evidence for people who look; never a cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from typing import Final

from kinetic.contracts.ids import TeamId

METHOD: Final = (
    "regression with an effect of each team and of each week, drawn towards none by a normal prior; interval of 90 % by leaving "
    "out one team at a time"
)

FEWEST_TEAMS: Final = 5
"""Fewer teams tell nothing, and would tell of single ones."""

FEWEST_WEEKS: Final = 8
FEWEST_EFFECTIVE: Final = 3.0
"""So many teams have moved at least, each counted by its part in what has moved: where one did nearly all of it, the others
do not tell how far to trust it.
"""

PRIOR_SD: Final = 1.0
"""How strong an association is thought to be before anything is known: one standard deviation of the KPI either way, between
nothing and everything of a competency."""

Z_95: Final = 1.6449
_NOTHING: Final = 1e-9
_MOST_ROUNDS: Final = 200


@dataclass(frozen=True, slots=True)
class TeamWeek:
    """What a team held of a competency in a week, 0..1, and how its KPI stood: standard deviations better than usual."""

    team_id: TeamId
    week: int
    coverage: float
    better: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """How much better a KPI stands, in standard deviations, where all of a competency is held instead of none.

    `low` and `high` bound the middle 90 % of what is believed.
    """

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out that there is none."""
        return self.low > 0.0 or self.high < 0.0


@dataclass(frozen=True, slots=True)
class Association:
    """On how many teams and weeks it rests, and what they say; None when they are too few to say anything.

    `teams` are those whose coverage has moved.
    """

    teams: int
    weeks: int
    estimate: Estimate | None = None


UNKNOWN: Final = Association(0, 0)


class Finding(StrEnum):
    """What an association comes to."""

    TOGETHER = "together"
    AGAINST = "against"
    UNCLEAR = "unclear"
    TOO_LITTLE = "too_little"


def finding_of(association: Association) -> Finding:
    """Whether more of the competency goes with a better KPI, with a worse one, or nobody can tell."""
    if association.estimate is None:
        return Finding.TOO_LITTLE
    if not association.estimate.is_clear:
        return Finding.UNCLEAR
    return Finding.TOGETHER if association.estimate.value > 0 else Finding.AGAINST


def associate(observed: Sequence[TeamWeek]) -> Association:
    """The association in a panel of team-weeks.

    A regression with an effect for each team and for each week, so that neither teams that are better at everything nor
    weeks that were bad for everybody count (Wooldridge, *Econometric Analysis of Cross Section and Panel Data*, 2nd ed.,
    section 10.5). It is drawn towards nothing by a normal prior: the posterior of a normal mean (Gelman et al., *Bayesian
    Data Analysis*, 3rd ed., section 2.5).
    """
    coverage = _within([one.coverage for one in observed], observed)
    better = _within([one.better for one in observed], observed)
    moved, together = _by_team(coverage, coverage, observed), _by_team(coverage, better, observed)
    teams = [team for team, amount in moved.items() if amount > _NOTHING]
    weeks = len({one.week for one in observed})
    if len(teams) < FEWEST_TEAMS or weeks < FEWEST_WEEKS:
        return Association(len(teams), weeks)
    effective = _effective([moved[team] for team in teams])
    if effective < FEWEST_EFFECTIVE:
        return Association(len(teams), weeks)
    slope = sum(together.values()) / sum(moved.values())
    variance = _variance(slope, [(moved[team], together[team]) for team in teams])
    widened = variance * (student_t_95(effective - 1) / Z_95) ** 2
    return Association(len(teams), weeks, _drawn_to_nothing(slope, widened))


def _effective(moved: Sequence[float]) -> float:
    """As how many teams of equal weight they count: G / (1 + the squared coefficient of variation of their weights), in the way
    of Carter, Schnepel and Steigerwald 2017, *Asymptotic behavior of a t-test robust to cluster heterogeneity*.
    """
    return sum(moved) ** 2 / sum(amount * amount for amount in moved)


def _variance(slope: float, teams: Sequence[tuple[float, float]]) -> float:
    """Of a slope, by the jackknife over teams, which allows for any dependence within one: (G - 1)/G times the sum of squares of
    what leaving one out changes (MacKinnon, Nielsen and Webb 2023, *Cluster-robust inference*, section 2.4).
    """
    moved, together = sum(m for m, _ in teams), sum(t for _, t in teams)
    changes = [(together - t) / (moved - m) - slope for m, t in teams]
    return (len(teams) - 1) / len(teams) * sum(change * change for change in changes)


def student_t_95(freedom: float) -> float:
    """The 95 % point of Student's t with at least two degrees of freedom, to within 0.01 (Abramowitz and Stegun, 26.7.5)."""
    z = Z_95
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, start=1))


def _drawn_to_nothing(slope: float, variance: float) -> Estimate:
    trust = PRIOR_SD**2 / (PRIOR_SD**2 + variance)
    value, half = trust * slope, Z_95 * sqrt(trust * variance)
    return Estimate(value, value - half, value + half)


def _within(values: Sequence[float], observed: Sequence[TeamWeek]) -> list[float]:
    """What is left of `values` besides the mean of each team and of each week, by alternating projections."""
    left = list(values)
    by_team, by_week = _places(one.team_id for one in observed), _places(one.week for one in observed)
    for _ in range(_MOST_ROUNDS):
        taken = [_take_mean(left, places) for places in (*by_week.values(), *by_team.values())]
        if max(taken, default=0.0) < _NOTHING:
            break
    return left


def _take_mean(left: list[float], places: Sequence[int]) -> float:
    """Take their mean from the values in these places; how far it was from nothing."""
    mean = sum(left[place] for place in places) / len(places)
    for place in places:
        left[place] -= mean
    return abs(mean)


def _places(groups: Iterable[object]) -> Mapping[object, list[int]]:
    found: dict[object, list[int]] = {}
    for place, group in enumerate(groups):
        found.setdefault(group, []).append(place)
    return found


def _by_team(ones: Sequence[float], others: Sequence[float], observed: Sequence[TeamWeek]) -> dict[TeamId, float]:
    """The sums of products of two series, team by team."""
    sums: dict[TeamId, float] = {}
    for one, a, b in zip(observed, ones, others, strict=True):
        sums[one.team_id] = sums.get(one.team_id, 0.0) + a * b
    return sums
