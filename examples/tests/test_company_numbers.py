"""What Northwind's numbers say before any tool has told anything: too little for a gap, and not nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import pytest
import yaml

from examples.company.player import COMPANY
from examples.company.reports import measurement_reports
from kinetic.common.events import Envelope, new_id
from kinetic.contracts.ids import CompetencyKey, EventId, TeamId
from kinetic.contracts.ingestion import MeasurementRecorded
from kinetic.contracts.skill_gap import CapabilitiesPublished
from kinetic.skill_gap.domain.circumstances import Circumstances, Crowd
from kinetic.skill_gap.domain.days import day_of
from kinetic.skill_gap.domain.peers import Others, Peers
from kinetic.skill_gap.domain.readings import Charted, ChartKey, reckon
from kinetic.skill_gap.domain.weighing import Numbers, linked_kpis, read_numbers

NOW: Final = datetime(2030, 5, 6, 7, 8, 9, tzinfo=UTC)
MAP: Final = CapabilitiesPublished.model_validate(
    {**yaml.safe_load((COMPANY / "capabilities.yaml").read_text()), "version": 1, "published_at": NOW}
)
TEAMS: Final = {
    team["slug"]: TeamId(new_id()) for team in yaml.safe_load((COMPANY / "directory.yaml").read_text())["teams"]
}


@pytest.fixture(scope="module")
def charts() -> dict[ChartKey, Charted]:
    return dict(reckon({}, [_measured(report["data"]) for report in measurement_reports(NOW)], MAP).charts)


def _measured(data: dict[str, Any]) -> Envelope[MeasurementRecorded]:
    event_id = EventId(new_id())
    named = {name: value for name, value in data.items() if name != "team"}
    return Envelope(
        event_id, "/test", NOW, event_id, MeasurementRecorded.model_validate({**named, "team_id": TEAMS[data["team"]]})
    )


def numbers_of(charts: dict[ChartKey, Charted], team: str, competency: CompetencyKey) -> Numbers:
    """As they are when only numbers have come in, of all teams."""
    slips = {kpi: chart.slip for (one, kpi), chart in charts.items() if one == TEAMS[team]}
    teams = {kpi: {one: chart.slip.track for (one, its), chart in charts.items() if its == kpi} for kpi in slips}
    around = Circumstances(
        slips=slips,
        by_kpi={kpi: Crowd(len(all_of) - 1, 0, Others(Peers(all_of), TEAMS[team])) for kpi, all_of in teams.items()},
    )
    return read_numbers(competency, around, MAP, day_of(NOW))


@pytest.mark.parametrize("competency", [competency.key for competency in MAP.competencies])
@pytest.mark.parametrize("team", list(TEAMS))
def test_numbers_alone_open_no_gap(charts: dict[ChartKey, Charted], team: str, competency: CompetencyKey) -> None:
    assert numbers_of(charts, team, competency).departure.score < MAP.detection.opening_score


@pytest.mark.parametrize("team", ["checkout", "payments"])
def test_signals_beside_the_failing_number_may_tip_the_scales(charts: dict[ChartKey, Charted], team: str) -> None:
    numbers = numbers_of(charts, team, CompetencyKey("release-engineering"))
    assert numbers.slip is not None
    assert numbers.slip.kpi in linked_kpis(MAP, CompetencyKey("release-engineering"))
    assert numbers.departure.score < MAP.detection.opening_score < numbers.ceiling
