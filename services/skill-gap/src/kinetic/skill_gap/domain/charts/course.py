"""What a chart knows as of one reading, and what the next reading makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from kinetic.skill_gap.domain.charts.baseline import Baseline, estimate_baseline
from kinetic.skill_gap.domain.charts.change_point import last_before_rise
from kinetic.skill_gap.domain.charts.cusum import accumulate
from kinetic.skill_gap.domain.charts.design import SECONDS_PER_DAY, ChartDesign, ChartKind, Point
from kinetic.skill_gap.domain.charts.ewma import limits, smooth

SHORTEST_LEVEL = 3
WILDEST_DATED = 3.0


class Scored(NamedTuple):
    """A reading, its normal score, and its distance from the baseline in robust standard deviations, both higher for higher values.

    Neither is there before the least history is.
    """

    point: Point
    score: float | None
    distance: float


class Sums(NamedTuple):
    """Both sides of the CUSUM, and the EWMA, which is positive on the worse side."""

    worse: float
    better: float
    average: float


NO_SUMS = Sums(0.0, 0.0, 0.0)


class Level(NamedTuple):
    """The usual level in the unit of the KPI, without the effect of the weekday, and the standard deviation about it."""

    mean: float
    sigma: float


class Tally(NamedTuple):
    """Readings since a shift, the sum and the sum of squares of their distances, positive towards the shift."""

    readings: int
    total: float
    squares: float

    def with_one_more(self, distance: float) -> Tally:
        """With one more reading."""
        return Tally(self.readings + 1, self.total + distance, self.squares + distance * distance)


@dataclass(frozen=True, slots=True)
class Shift:
    """A level that is not the usual one. `back` is the CUSUM of the way back."""

    since: float
    raised_at: float
    by: ChartKind
    worse: bool
    level: Level
    tally: Tally
    back: float = 0.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What a chart finds: its sums, and where the shift goes, +1 towards higher values."""

    sums: Sums
    by: ChartKind
    towards: float
    worse: bool


@dataclass(frozen=True, slots=True)
class Course:
    """The sums of the charts, the readings that tell what is usual, and those too new to tell it."""

    reference: tuple[Point, ...] = ()
    recent: tuple[Point, ...] = ()
    sums: Sums = NO_SUMS
    shift: Shift | None = None
    baseline: Baseline | None = field(default=None, compare=False, repr=False)


UNKNOWN = Course()
"""Before the first reading."""


def with_baseline(course: Course) -> Course:
    """The course with what is usual at hand, which follows from its readings."""
    if course.baseline is not None or not course.reference:
        return course
    return replace(course, baseline=estimate_baseline(course.reference))


def score(course: Course, point: Point) -> Scored:
    """How unusual a reading is. The course has its baseline at hand."""
    baseline = course.baseline
    if baseline is None:
        return Scored(point, None, 0.0)
    residual = baseline.residual(point)
    return Scored(point, baseline.score_of(residual), baseline.distance_of(residual))


def advance(course: Course, scored: Scored, design: ChartDesign, sign: float) -> Course:
    """The course after one more reading, which is newer than all before. `sign` is +1 where higher is worse, else -1."""
    if scored.score is None:
        return learn(course, scored.point, design, NO_SUMS)
    sums = add(course.sums, sign * scored.score, design)
    if course.shift is not None:
        return follow(course, course.shift, scored, design, sums, sign)
    if by := found_by(sums.worse, sums.average, design):
        return shifted(course, scored.point, design, Finding(sums, by, sign, worse=True))
    if by := found_by(sums.better, -sums.average, design):
        return shifted(course, scored.point, design, Finding(sums, by, -sign, worse=False))
    return learn(course, scored.point, design, sums)


def add(sums: Sums, z: float, design: ChartDesign) -> Sums:
    """The sums with one more score, which is positive when it is worse than usual."""
    k, most = design.shift_sigma / 2, design.most_total
    return Sums(
        min(accumulate(sums.worse, z, k), most),
        min(accumulate(sums.better, -z, k), most),
        smooth(sums.average, z, design.ewma_weight),
    )


def found_by(total: float, average: float, design: ChartDesign) -> ChartKind | None:
    """The chart that finds a shift, if one does."""
    if total >= design.cusum_limit:
        return ChartKind.CUSUM
    reach = limits(0.0, 1.0, design.ewma_weight, design.ewma_width)[1]
    return ChartKind.EWMA if average >= reach else None


def shifted(course: Course, point: Point, design: ChartDesign, finding: Finding) -> Course:
    """The course from the reading on at which a chart finds a shift. What came after the change tells nothing of the usual."""
    baseline = course.baseline or estimate_baseline(course.reference)
    reference = course.reference
    known = (*reference, *course.recent, point)
    distances = [finding.towards * baseline.distance(p) for p in known]
    before = last_before_rise([min(max(d, -WILDEST_DATED), WILDEST_DATED) for d in distances], SHORTEST_LEVEL)
    since = known[before].at
    if design.least_history <= before < len(reference):
        reference = reference[:before]
        baseline = estimate_baseline(reference)
        distances = [finding.towards * baseline.distance(p) for p in known]
    after = distances[before:]
    level = Level(baseline.level, baseline.sigma)
    tally = Tally(len(after), sum(after), sum(d * d for d in after))
    shift = Shift(since, point.at, finding.by, finding.worse, level, tally)
    return Course(reference, newest(course.recent, point, design), finding.sums, shift, baseline)


def follow(course: Course, shift: Shift, scored: Scored, design: ChartDesign, sums: Sums, sign: float) -> Course:
    """The course while a shift lasts: it ends when the level is back, or when it has become the usual one."""
    assert scored.score is not None
    towards = sign if shift.worse else -sign
    back = accumulate(shift.back, 2 * design.back_reference - towards * scored.score, design.back_reference)
    if back >= design.back_limit:
        return Course(course.reference, baseline=course.baseline)
    recent = newest(course.recent, scored.point, design)
    tally = shift.tally.with_one_more(towards * scored.distance)
    lasted = scored.point.at - shift.since >= design.normal_after_days * SECONDS_PER_DAY
    if lasted and tally.readings >= design.least_history:
        return Course(recent=recent)
    followed = Shift(shift.since, shift.raised_at, shift.by, shift.worse, shift.level, tally, back)
    return Course(course.reference, recent, sums, followed, course.baseline)


def learn(course: Course, point: Point, design: ChartDesign, sums: Sums) -> Course:
    """The course with one more calm reading. The newest tell nothing of the usual yet, so that no slow shift becomes it."""
    recent = (*course.recent, point)
    if not course.reference:
        if len(recent) < design.least_history:
            return Course(recent=recent)
        return Course(reference=recent)
    if len(recent) < design.guard + design.renewal:
        return Course(course.reference, recent, sums, None, course.baseline)
    old_enough, recent = recent[: design.renewal], recent[design.renewal :]
    return Course((*course.reference, *old_enough)[-design.most_history :], recent, sums)


def newest(recent: Sequence[Point], point: Point, design: ChartDesign) -> tuple[Point, ...]:
    """As many of the newest readings as a calm course keeps apart."""
    return (*recent, point)[-(design.guard + design.renewal - 1) :]
