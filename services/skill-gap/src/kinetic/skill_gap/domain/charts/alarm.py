"""What a shift tells those who act on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import sqrt

from kinetic.contracts.skill_gap import Direction
from kinetic.skill_gap.domain.charts.course import Course, Shift
from kinetic.skill_gap.domain.charts.design import ChartKind

NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True)
class Alarm:
    """A level that lasts and is not the usual one.

    `since` is the period in which it began, by the change point; `raised_at` the one in which the chart found it. `shift` is
    in robust standard deviations of a usual reading, positive in the direction of the alarm, with bounds of 95 %; it
    is large by selection when the alarm is young. `usual` and `now` are levels in the unit of the KPI.
    """

    since: datetime
    raised_at: datetime
    by: ChartKind
    shift: float
    shift_low: float
    shift_high: float
    usual: float
    now: float
    readings: int


def alarm_of(course: Course, shift: Shift, direction: Direction) -> Alarm:
    """The alarm, or the improvement, that a shift is."""
    readings, total, squares = shift.tally
    mean = total / readings
    variance = max(squares - readings * mean * mean, 0.0) / max(readings - 1, 1)
    reach = NORMAL_95 * sqrt(variance / readings + 1 / len(course.reference))
    rises = shift.worse is (direction is Direction.LOWER_IS_BETTER)
    return Alarm(
        since=datetime.fromtimestamp(shift.since, UTC),
        raised_at=datetime.fromtimestamp(shift.raised_at, UTC),
        by=shift.by,
        shift=mean,
        shift_low=mean - reach,
        shift_high=mean + reach,
        usual=shift.level.mean,
        now=shift.level.mean + (mean if rises else -mean) * shift.level.sigma,
        readings=readings,
    )
