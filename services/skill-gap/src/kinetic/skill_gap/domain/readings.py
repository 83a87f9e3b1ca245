"""Measurements on the control charts of their team and KPI, each in the place of the version before it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median
from typing import Final

from kinetic.common.events import Envelope
from kinetic.contracts.ids import EventId, KpiKey, TeamId
from kinetic.contracts.ingestion import MeasurementRecorded
from kinetic.contracts.skill_gap import CapabilitiesPublished, Direction, Kpi
from kinetic.skill_gap.domain.assess import Turn
from kinetic.skill_gap.domain.charts import Chart, ChartDesign, Reading, observe
from kinetic.skill_gap.domain.charts.chart import sign_of
from kinetic.skill_gap.domain.charts.course import with_baseline
from kinetic.skill_gap.domain.charts.design import SECONDS_PER_DAY, Point
from kinetic.skill_gap.domain.charts.robust import median_of
from kinetic.skill_gap.domain.days import day_of
from kinetic.skill_gap.domain.pressure import alarm_severity
from kinetic.skill_gap.domain.slip import Slip
from kinetic.skill_gap.domain.track import FARTHEST, KEPT, NOTHING, SUMMARY_DAYS, SUMMARY_UNIT, Track
from kinetic.skill_gap.domain.weeks import KpiWeekKey, WeekSum, added, week_measured

ChartKey = tuple[TeamId, KpiKey]

UNESTABLISHED_SCORE: Final = 3.0
"""What a KPI far beyond its alarm value is worth, in nats, as long as nobody knows what is usual."""

FEWEST_READINGS: Final = 3
FEWEST_SUMMARIES: Final = 6
"""So many readings that each sum up a week or more tell something; of days it takes the least history of a chart."""

MEDIAN_RANGE: Final = 0.954
MEAN_RANGE: Final = 1.128
"""The median and the mean distance of two independent normal values, in standard deviations."""

WILDEST_RANGE: Final = 3.0
_EPOCH: Final = day_of(datetime(1970, 1, 1, tzinfo=UTC))
DESIGN: Final = ChartDesign()


@dataclass(frozen=True, slots=True)
class Charted:
    """A control chart, and what verdicts need of it. `versions` are those above 1 of the readings in its window, by their time.

    A reading is known by the end of its period: a KPI of a team is measured in periods of one length.
    """

    chart: Chart
    slip: Slip
    versions: Mapping[float, int] = field(default_factory=dict)

    def is_newer(self, recorded: MeasurementRecorded) -> bool:
        """Whether a measurement is not older than what is known of its period."""
        return recorded.version >= self.versions.get(recorded.period_end.timestamp(), 1)


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The charts to save, how KPIs turned, in order, and what that adds to the weeks of their teams."""

    charts: Mapping[ChartKey, Charted]
    turns: tuple[Turn, ...]
    weeks: Mapping[KpiWeekKey, WeekSum]


def reckon(
    held: Mapping[ChartKey, Charted],
    measurements: Iterable[Envelope[MeasurementRecorded]],
    rules: CapabilitiesPublished,
) -> Reckoning:
    """Put each measurement of a KPI of the map on its chart. What a chart knows in a newer version changes nothing."""
    kpis = {kpi.key: kpi for kpi in rules.kpis}
    charts: dict[ChartKey, Charted] = {}
    turns: list[Turn] = []
    weeks: dict[KpiWeekKey, WeekSum] = {}
    for measurement in measurements:
        kpi = kpis.get(measurement.data.kpi)
        if kpi is None:
            continue
        key = (measurement.data.team_id, kpi.key)
        before = charts.get(key) or held.get(key)
        after = _take(before, measurement, kpi)
        if after is None:
            continue
        charts[key] = after
        if before is None or after.chart is not before.chart:
            turns.append(Turn(measurement.data.team_id, after.slip, measurement.cause))
            week = (*key, week_measured(measurement.data))
            more = added(before.chart if before else None, after.chart, measurement.data.period_end)
            weeks[week] = weeks.get(week, WeekSum()).plus(more)
    return Reckoning(charts, tuple(turns), weeks)


def _take(before: Charted | None, measurement: Envelope[MeasurementRecorded], kpi: Kpi) -> Charted | None:
    """The chart with one more measurement; None when it changes nothing."""
    recorded = measurement.data
    if before and not before.is_newer(recorded):
        return None
    known = before.chart if before else Chart(kpi.direction)
    chart = observe(known, _reading(measurement), DESIGN, kpi.direction)
    versions = before.versions if before else {}
    kept = _versions(versions, recorded, chart)
    if chart is known:
        return replace(before, versions=kept) if before and kept != versions else None
    return Charted(chart, _slip(chart, kpi, measurement, before), kept)


def _versions(known: Mapping[float, int], recorded: MeasurementRecorded, chart: Chart) -> dict[float, int]:
    """The versions above 1 of the readings in the window; also of one that only repeats its value."""
    at = {scored.point.at for scored in chart.window}
    versions = {**known, recorded.period_end.timestamp(): recorded.version}
    return {moment: version for moment, version in versions.items() if version > 1 and moment in at}


def _reading(measurement: Envelope[MeasurementRecorded]) -> Reading:
    recorded = measurement.data
    return Reading(recorded.period_end, recorded.value, recorded.n)


def _slip(chart: Chart, kpi: Kpi, measurement: Envelope[MeasurementRecorded], before: Charted | None) -> Slip:
    """How the KPI stands now. A late or corrected measurement is not the newest."""
    recorded, newest = measurement.data, chart.window[-1].point
    is_newest = before is None or recorded.period_end >= before.slip.measured_at
    event_id = EventId(measurement.id) if is_newest or before is None else before.slip.event_id
    alarm, is_established = chart.alarm, bool(chart.now.reference)
    return Slip(
        kpi=kpi.key,
        score=chart.score(DESIGN) if is_established else _unestablished(chart, kpi),
        is_established=is_established,
        value=newest.value,
        n=newest.n,
        event_id=event_id,
        measured_at=datetime.fromtimestamp(newest.at, UTC),
        since=alarm.since if alarm else None,
        usual=alarm.usual if alarm else None,
        level=alarm.now if alarm else None,
        track=track_of(chart, kpi.direction),
    )


def track_of(chart: Chart, direction: Direction) -> Track:
    """The newest readings by their days in standard deviations, positive where they are worse.

    They stand on one scale, that of the baseline, or where all readings that there are lie in the window, on their own.
    """
    sign, points = sign_of(direction), [scored.point for scored in chart.window[-KEPT:]]
    days = _days_apart(points)
    if len(points) < (FEWEST_SUMMARIES if days >= SUMMARY_DAYS else DESIGN.least_history):
        return NOTHING
    farthest = FARTHEST * (SUMMARY_UNIT if days >= SUMMARY_DAYS else 1.0)
    older = bisect_left(chart.now.reference, points[0].at, key=lambda point: point.at)
    distances = [max(-farthest, min(farthest, sign * distance)) for distance in _distances(chart, points, older)]
    scores = tuple((_day(point), round(distance, 3)) for point, distance in zip(points, distances, strict=True))
    if not older:
        return Track(scores, days=days)
    # the level is the mean of all that tell what is usual, so those that are older lie where the others leave it
    newer = {point.at for point in chart.now.reference[older:]}
    told = sum(distance for point, distance in zip(points, distances, strict=True) if point.at in newer)
    return Track(scores, older, round(-told / older, 3), days)


def _distances(chart: Chart, points: Sequence[Point], older: int) -> list[float]:
    """Of each reading from the baseline; or from the middle of all, in standard deviations told by neighbours, which one step of
    the level changes little (the moving range: Montgomery, Introduction to Statistical Quality Control).
    """
    if older:
        baseline = with_baseline(chart.now).baseline
        assert baseline is not None
        return [baseline.distance(point) for point in points]
    values = [point.value for point in points]
    ranges = sorted(abs(after - before) for before, after in pairwise(values))
    sigma = median_of(ranges) / MEDIAN_RANGE
    tamed = [min(one, WILDEST_RANGE * sigma) if sigma else one for one in ranges]
    sigma = max(sigma, sum(tamed) / len(tamed) / MEAN_RANGE)
    middle = median(values)
    return [(value - middle) / sigma for value in values] if sigma else [0.0] * len(values)


def _days_apart(points: Sequence[Point]) -> int:
    """How many days lie between readings, rounded."""
    return max(1, round((points[-1].at - points[0].at) / SECONDS_PER_DAY / (len(points) - 1))) if len(points) > 1 else 1


def _day(point: Point) -> int:
    return _EPOCH + int(point.at // SECONDS_PER_DAY)


def _unestablished(chart: Chart, kpi: Kpi) -> float:
    """Beyond the alarm value that the map gives, three times on end."""
    values = [scored.point.value for scored in chart.window[-FEWEST_READINGS:]]
    return UNESTABLISHED_SCORE * alarm_severity(kpi, median(values)) if len(values) == FEWEST_READINGS else 0.0
