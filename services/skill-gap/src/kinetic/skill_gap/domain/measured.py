"""Measurements and their corrections: of several for one KPI, team and period, the newest alone presses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from kinetic.common.events import Envelope
from kinetic.contracts.ids import CompetencyKey, EventId, KpiKey, TeamId
from kinetic.contracts.ingestion import MeasurementRecorded
from kinetic.contracts.skill_gap import CapabilitiesPublished, Evidence, Kpi
from kinetic.skill_gap.domain.assessment import Demand, Pressed, Relief
from kinetic.skill_gap.domain.pressure import alarm_severity

MeasuredKey = tuple[TeamId, KpiKey, datetime, datetime]
"""Team, KPI, and the start and the end of the period."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The newest version of a measurement, and what it pressed on which competency."""

    version: int
    event_id: EventId
    pressed_at: datetime
    pressed: tuple[tuple[CompetencyKey, Pressed], ...] = ()

    def on(self, competency: CompetencyKey) -> tuple[Pressed, ...]:
        """What it pressed on one competency."""
        return tuple(pressed for pressed_on, pressed in self.pressed if pressed_on == competency)


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What measurements ask for, and what is to be remembered of them."""

    demands: tuple[Demand | Relief, ...]
    newest: Mapping[MeasuredKey, Measured]


def measured_key(recorded: MeasurementRecorded) -> MeasuredKey:
    """What a measurement is known by, whichever version it is."""
    return recorded.team_id, recorded.kpi, recorded.period_start, recorded.period_end


def reckon(
    held: Mapping[MeasuredKey, Measured],
    measurements: Iterable[Envelope[MeasurementRecorded]],
    rules: CapabilitiesPublished,
    now: datetime,
) -> Reckoning:
    """Let each measurement press in the place of the version before it. One that is older than what is held says nothing."""
    demands: list[Demand | Relief] = []
    newest: dict[MeasuredKey, Measured] = {}
    for measurement in measurements:
        key = measured_key(measurement.data)
        before = newest.get(key) or held.get(key)
        if before and before.version > measurement.data.version:
            continue
        asked = demands_of_measurement(measurement, rules)
        newest[key] = _measured(measurement, asked, now)
        demands += _in_place_of(before, asked, measurement) if before else asked
    return Reckoning(tuple(demands), newest)


def demands_of_measurement(measurement: Envelope[MeasurementRecorded], rules: CapabilitiesPublished) -> list[Demand]:
    """What a slipping KPI asks for; nothing when it does not slip or the map does not know it."""
    recorded = measurement.data
    kpi = next((kpi for kpi in rules.kpis if kpi.key == recorded.kpi), None)
    severity = alarm_severity(kpi, recorded.value) if kpi else 0.0
    if kpi is None or severity == 0.0:
        return []
    return [
        Demand(
            key=(recorded.team_id, rule.competency),
            weight=severity * rule.weight,
            half_life_days=rule.half_life_days,
            evidence=_evidence(measurement, kpi, severity * rule.weight),
            cause=measurement.cause,
        )
        for rule in rules.kpi_rules
        if rule.kpi == recorded.kpi
    ]


def _evidence(measurement: Envelope[MeasurementRecorded], kpi: Kpi, weight: float) -> Evidence:
    recorded = measurement.data
    return Evidence(
        event_id=measurement.id,
        source="measurement",
        kind=f"kpi.{kpi.key}",
        statement=f"{kpi.name} {recorded.value:g} {kpi.unit} (goal {kpi.target:g}), {recorded.n} cases",
        weight=weight,
        observed_at=recorded.period_end,
    )


def _measured(measurement: Envelope[MeasurementRecorded], asked: Iterable[Demand], now: datetime) -> Measured:
    """What is remembered. A period that has not ended counts as of now, as every observation of the future does."""
    event_id, at = EventId(measurement.id), min(measurement.data.period_end, now)
    pressed = tuple((demand.key[1], Pressed(event_id, demand.weight, demand.half_life_days, at)) for demand in asked)
    return Measured(measurement.data.version, event_id, at, pressed)


def _in_place_of(
    before: Measured, asked: Iterable[Demand], measurement: Envelope[MeasurementRecorded]
) -> Iterator[Demand | Relief]:
    """The demands, each with what it takes the place of, and what was pressed where nothing is asked for any more."""
    left = {competency: before.on(competency) for competency, _ in before.pressed}
    for demand in asked:
        yield replace(demand, replaces=left.pop(demand.key[1], ()))
    for competency, pressed in left.items():
        yield Relief((measurement.data.team_id, competency), pressed, measurement.cause)
