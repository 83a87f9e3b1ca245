"""Weeks of a team: what its KPIs came to, and what it held of competencies, side by side."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import fmean, median
from typing import Final

from kinetic.contracts.ids import CompetencyKey, KpiKey, TeamId
from kinetic.contracts.ingestion import MeasurementRecorded
from kinetic.contracts.skill_gap import Direction
from kinetic.skill_gap.domain.association import FEWEST_WEEKS, TeamWeek
from kinetic.skill_gap.domain.charts import Chart
from kinetic.skill_gap.domain.charts.chart import sign_of
from kinetic.skill_gap.domain.coverage import Coverage
from kinetic.skill_gap.domain.days import day_of

KpiWeekKey = tuple[TeamId, KpiKey, int]
CoverageWeekKey = tuple[TeamId, CompetencyKey, int]

MEDIAN_RANGE, MEAN_RANGE = 0.954, 1.128
"""The median and the mean distance of two independent normal values, in standard deviations (the moving range: Montgomery,
*Introduction to Statistical Quality Control*).
"""

FARTHEST: Final = 3.0
"""No week lies farther from a team's middle one than so many standard deviations: a wrong value decides nothing."""

LEAST_GROUP: Final = 2
"""What one person alone holds is theirs, and no figure of a team."""


@dataclass(frozen=True, slots=True)
class WeekSum:
    """What the readings of a week add to it: values times cases, and cases."""

    total: float = 0.0
    cases: float = 0.0

    def plus(self, other: WeekSum) -> WeekSum:
        """Both together."""
        return WeekSum(self.total + other.total, self.cases + other.cases)


@dataclass(frozen=True, slots=True)
class Observed:
    """A week of a team in which both were seen: what a KPI came to, in its unit, and the share of a competency."""

    team_id: TeamId
    week: int
    value: float
    coverage: float


def week_of(moment: datetime) -> int:
    """The week of a moment in UTC, from Monday on, counted from 0001-01-01."""
    return (day_of(moment) - 1) // 7


def week_measured(measured: MeasurementRecorded) -> int:
    """The week in which a period ended. One that ends as a week begins belongs to the week before."""
    return week_of(measured.period_end - timedelta(microseconds=1))


def added(before: Chart | None, after: Chart, moment: datetime) -> WeekSum:
    """What a reading that changed a chart adds to its week: itself, less the one whose place it took."""
    new, old = _held(after, moment), _held(before, moment) if before else WeekSum()
    return WeekSum(new.total - old.total, new.cases - old.cases)


def share_kept(coverage: Coverage) -> float | None:
    """The share of a competency that a week keeps; None when it is about one person alone, or about nobody."""
    return coverage.share if len(coverage.required_of) >= LEAST_GROUP else None


def side_by_side(observed: Iterable[Observed], direction: Direction) -> list[TeamWeek]:
    """Each team's weeks on a scale of its own: how many standard deviations better than its middle week, as weeks usually differ.

    A team with few weeks has no scale, nor has one whose KPI never moves; they are left out.
    """
    by_team: dict[TeamId, list[Observed]] = {}
    for one in sorted(observed, key=lambda one: (one.team_id, one.week)):
        by_team.setdefault(one.team_id, []).append(one)
    return [found for weeks in by_team.values() for found in _on_own_scale(weeks, -sign_of(direction))]


def _on_own_scale(weeks: Sequence[Observed], better: float) -> list[TeamWeek]:
    sigma = _usual_distance([one.value for one in weeks]) if len(weeks) >= FEWEST_WEEKS else 0.0
    if not sigma:
        return []
    middle = median(one.value for one in weeks)
    return [
        TeamWeek(
            one.team_id,
            one.week,
            one.coverage,
            max(-FARTHEST, min(FARTHEST, better * (one.value - middle) / sigma)),
        )
        for one in weeks
    ]


def _usual_distance(values: Sequence[float]) -> float:
    """A standard deviation told by neighbours, which a step of the level changes little."""
    ranges = [abs(after - before) for before, after in pairwise(values)]
    return median(ranges) / MEDIAN_RANGE or fmean(ranges) / MEAN_RANGE


def _held(chart: Chart, moment: datetime) -> WeekSum:
    """The reading of a chart at the end of a period."""
    at = moment.timestamp()
    place = bisect_left(chart.window, at, key=lambda scored: scored.point.at)
    if place == len(chart.window) or chart.window[place].point.at != at:
        return WeekSum()
    point = chart.window[place].point
    return WeekSum(point.value * point.n, float(point.n))
