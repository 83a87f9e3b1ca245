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


@dataclass(frozen=True, slots=True)
class Shift:
    """A level that is not the usual one. Sums are of distances from the baseline, positive towards the shift."""

    since: float
    raised_at: float
    by: ChartKind
    worse: bool
    level: float
    sigma: float
    readings: int
    total: float
    squares: float
    back: float = 0.0


@dataclass(frozen=True, slots=True)
class Course:
    """The sums of the charts, the readings that tell what is usual, and those too new to tell it."""

    reference: tuple[Point, ...] = ()
    recent: tuple[Point, ...] = ()
    worse: float = 0.0
    better: float = 0.0
    average: float = 0.0
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
        return learn(course, scored.point, design)
    z, k = sign * scored.score, design.reference
    charted = Course(
        course.reference,
        course.recent,
        min(accumulate(course.worse, z, k), design.most_total),
        min(accumulate(course.better, -z, k), design.most_total),
        smooth(course.average, z, design.ewma_weight),
        course.shift,
        course.baseline,
    )
    if charted.shift is None or not charted.shift.worse:
        raised = raise_shift(charted, scored.point, design, sign)
        if raised is not charted:
            return raised
    if charted.shift is not None:
        return follow(charted, charted.shift, scored, design, sign)
    return learn(charted, scored.point, design)


def raise_shift(course: Course, point: Point, design: ChartDesign, sign: float) -> Course:
    """The course with the shift that a chart finds now, or as it is. An improvement on its own is found once."""
    limit = design.cusum_limit
    reach = limits(0.0, 1.0, design.ewma_weight, design.ewma_width)[1]
    if course.worse >= limit or course.average >= reach:
        by = ChartKind.CUSUM if course.worse >= limit else ChartKind.EWMA
        return shifted(course, point, design, by, sign, worse=True)
    if course.shift is None and (course.better >= limit or course.average <= -reach):
        by = ChartKind.CUSUM if course.better >= limit else ChartKind.EWMA
        return shifted(course, point, design, by, -sign, worse=False)
    return course


def shifted(course: Course, point: Point, design: ChartDesign, by: ChartKind, sign: float, *, worse: bool) -> Course:
    """The course from the reading on at which a chart finds a shift. What came after the change tells nothing of the usual."""
    found = with_baseline(course)
    assert found.baseline is not None
    known = (*found.reference, *found.recent, point)
    distances = [sign * found.baseline.distance(p) for p in known]
    before = last_before_rise([min(max(d, -WILDEST_DATED), WILDEST_DATED) for d in distances], SHORTEST_LEVEL)
    since = known[before].at
    usual = tuple(p for p in found.reference if p.at < since)
    if len(usual) < len(found.reference) and len(usual) >= design.least_history:
        found = replace(found, reference=usual, baseline=estimate_baseline(usual))
        distances = [sign * found.baseline.distance(p) for p in known] if found.baseline else distances
    after = distances[before:]
    baseline = found.baseline
    assert baseline is not None
    shift = Shift(
        since, point.at, by, worse, baseline.level, baseline.sigma, len(after), sum(after), sum(d * d for d in after)
    )
    return replace(found, recent=newest((*found.recent, point), design), shift=shift)


def follow(course: Course, shift: Shift, scored: Scored, design: ChartDesign, sign: float) -> Course:
    """The course while a shift lasts: it ends when the level is back, or when it has become the usual one."""
    assert scored.score is not None
    towards = sign if shift.worse else -sign
    distance = towards * scored.distance
    back = accumulate(shift.back, 2 * design.back_reference - towards * scored.score, design.back_reference)
    if back >= design.back_limit:
        return Course(course.reference, baseline=course.baseline)
    readings = shift.readings + 1
    recent = newest((*course.recent, scored.point), design)
    lasted = scored.point.at - shift.since >= design.normal_after_days * SECONDS_PER_DAY
    if lasted and readings >= design.least_history:
        return Course(recent=recent)
    followed = replace(
        shift,
        readings=readings,
        total=shift.total + distance,
        squares=shift.squares + distance * distance,
        back=back,
    )
    return replace(course, recent=recent, shift=followed)


def learn(course: Course, point: Point, design: ChartDesign) -> Course:
    """The course with one more calm reading. The newest tell nothing of the usual yet, so that no slow shift becomes it."""
    recent = (*course.recent, point)
    if not course.reference:
        if len(recent) < design.least_history:
            return replace(course, recent=recent)
        return replace(course, reference=recent, recent=())
    if len(recent) < design.guard + design.renewal:
        return replace(course, recent=recent)
    old_enough, recent = recent[: design.renewal], recent[design.renewal :]
    reference = (*course.reference, *old_enough)[-design.most_history :]
    return replace(course, reference=reference, recent=recent, baseline=None)


def newest(recent: Sequence[Point], design: ChartDesign) -> tuple[Point, ...]:
    """As many of the newest readings as a calm course keeps apart."""
    return tuple(recent[-(design.guard + design.renewal - 1) :])
