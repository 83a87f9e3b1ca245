"""The control charts of one KPI of one team, as a bounded state that takes readings in any order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from kinetic.contracts.skill_gap import Direction
from kinetic.skill_gap.domain.charts.alarm import Alarm, alarm_of
from kinetic.skill_gap.domain.charts.course import UNKNOWN, Course, Scored, advance, score, with_baseline
from kinetic.skill_gap.domain.charts.cusum import log_likelihood_ratio
from kinetic.skill_gap.domain.charts.design import ChartDesign, Point, Reading

MOST_VALUE = 1e100
"""Squares of values beyond are no numbers any more."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Where the charts stand: as of the newest reading, and as of the one before the window, from which they are drawn again.

    A late or corrected reading of the window is put in its place, and the window is gone through again. One that is older than
    the window says nothing any more: `settled_until` is the newest of those that have left it.
    """

    direction: Direction
    now: Course = UNKNOWN
    window: tuple[Scored, ...] = ()
    settled: Course = UNKNOWN
    settled_until: float | None = None

    @property
    def alarm(self) -> Alarm | None:
        """The slip that lasts, if any."""
        shift = self.now.shift
        return alarm_of(self.now, shift, self.direction) if shift and shift.worse else None

    @property
    def improvement(self) -> Alarm | None:
        """The improvement that lasts, if any."""
        shift = self.now.shift
        return alarm_of(self.now, shift, self.direction) if shift and not shift.worse else None

    @property
    def readings(self) -> tuple[Reading, ...]:
        """All readings that the chart still has, in the order of time: those in its window and those that tell what is usual."""
        courses = (self.settled, self.now)
        kept = {point for course in courses for point in (*course.reference, *course.recent)}
        points = sorted(kept | {scored.point for scored in self.window})
        return tuple(Reading(datetime.fromtimestamp(point.at, UTC), point.value, point.n) for point in points)

    def score(self, design: ChartDesign) -> float:
        """The evidence of a slip in nats, from 0: how much more likely the readings since its most likely start are with it.

        Of a slip by `design.shift_sigma` against none. It is bounded, so that it falls soon after the level is back.
        """
        return log_likelihood_ratio(self.now.sums.worse, design.shift_sigma / 2)


def observe(chart: Chart, reading: Reading, design: ChartDesign, direction: Direction) -> Chart:
    """The chart with one reading, be it new, late, or a correction of the one with the same end of period.

    The same reading again changes nothing, nor does one that is not a number. When the direction of the KPI has turned,
    the readings at hand are charted anew.
    """
    if not abs(reading.value) < MOST_VALUE:
        return chart
    point = Point(reading.at.timestamp(), float(f"{reading.value:.12g}"), reading.n)
    if direction is not chart.direction:
        chart = chart_anew(chart, design, direction)
    if chart.settled_until is not None and point.at <= chart.settled_until:
        return chart
    if not chart.window or point.at > chart.window[-1].point.at:
        return settle(append(chart, point, design), design)
    place = bisect_left(chart.window, point.at, key=lambda scored: scored.point.at)
    held = chart.window[place].point
    if held == point:
        return chart
    after = place + 1 if held.at == point.at else place
    points = [scored.point for scored in (*chart.window[:place], *chart.window[after:])]
    points.insert(place, point)
    return replayed(chart, points, design)


def replayed(chart: Chart, points: Iterable[Point], design: ChartDesign) -> Chart:
    """The chart with other readings in its window."""
    redrawn = Chart(chart.direction, chart.settled, (), chart.settled, chart.settled_until)
    for point in points:
        redrawn = append(redrawn, point, design)
    return settle(redrawn, design)


def chart_anew(chart: Chart, design: ChartDesign, direction: Direction) -> Chart:
    """The readings at hand on a chart of another direction."""
    settled = (*chart.settled.reference, *chart.settled.recent)
    redrawn = Chart(direction)
    for point in (*settled, *(scored.point for scored in chart.window)):
        redrawn = settle(append(redrawn, point, design), design)
    return redrawn


def append(chart: Chart, point: Point, design: ChartDesign) -> Chart:
    """The chart with a reading that is newer than all it has."""
    now = with_baseline(chart.now)
    scored = score(now, point)
    now = advance(now, scored, design, sign_of(chart.direction))
    return Chart(chart.direction, now, (*chart.window, scored), chart.settled, chart.settled_until)


def settle(chart: Chart, design: ChartDesign) -> Chart:
    """The chart with no more readings in its window than it may hold."""
    if len(chart.window) <= design.window:
        return chart
    oldest = chart.window[0]
    settled = advance(chart.settled, oldest, design, sign_of(chart.direction))
    return Chart(chart.direction, chart.now, chart.window[1:], settled, oldest.point.at)


def sign_of(direction: Direction) -> float:
    """+1 where a higher value is worse."""
    return 1.0 if direction is Direction.LOWER_IS_BETTER else -1.0
