"""Companies as files: what is written is read as it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import BaseModel

from kinetic.contracts import ingestion, skill_gap
from tools.simulation.judging import play, without_answers
from tools.simulation.policies import BASELINES
from tools.simulator.figures import figures
from tools.simulator.files import map_shapes, shapes
from tools.simulator.files.reading import read_company
from tools.simulator.files.writing import write_company
from tools.simulator.run import Run
from tools.simulator.world import make_world

DETECTION = (
    "opened",
    "precision",
    "recall",
    "delay_median_working_days",
    "strong_delay_median",
    "opened_false_by_cause",
)


@pytest.mark.parametrize("family", ["mixed", "outage", "reorganisation", "content"])
def test_a_written_company_is_read_as_it_was(family: str, tmp_path: Path) -> None:
    world = without_answers(make_world(family, 5, 2))
    write_company(Run(world), tmp_path)
    read, run = read_company(tmp_path), Run(world)

    assert read.company == world.company
    assert read.truth == world.truth
    for index in range(world.company.days):
        assert read.day(index) == run.day(index), index


@pytest.mark.parametrize("policy", sorted(BASELINES))
def test_a_company_is_judged_the_same_from_files(policy: str, tmp_path: Path) -> None:
    world = without_answers(make_world("mixed", 5, 3))
    write_company(Run(world), tmp_path)
    direct = figures(play(Run(world), BASELINES[policy]))
    from_files = figures(play(read_company(tmp_path), BASELINES[policy]))

    assert direct["opened"] > 0
    assert {name: from_files[name] for name in DETECTION} == {name: direct[name] for name in DETECTION}


def test_the_course_of_a_recording_does_not_depend_on_what_is_done(tmp_path: Path) -> None:
    world = make_world("content", 5, 0)
    write_company(Run(world), tmp_path)
    recorded = read_company(tmp_path)
    found = figures(play(recorded, BASELINES["nudge_everything"]))

    assert found["nudges_by_answer"]["accepted"] > 0
    assert recorded.episodes() == world.truth.episodes
    assert figures(play(recorded.anew(), BASELINES["nudge_everything"])) == found


def test_only_what_cannot_be_guessed_must_be_given(tmp_path: Path) -> None:
    lines = {
        "company.json": '{"name": "tiny", "start": "2024-01-03", "days": 10}',
        "capabilities.json": '{"competencies": [{"key": "testing", "name": "Testing"}], "kpis": '
        '[{"key": "defects", "direction": "lower_is_better", "target": 1, "alarm": 2}]}',
        "directory.jsonl": '{"type": "kinetic.team.changed.v1", "team_id": "red", "manager_id": null, "known_on": "2024-01-03"}',
        "catalogue.jsonl": "",
        "signals.jsonl": '{"source": "x", "kind": "y.z", "team_id": "red", "severity": 1, "occurred_at": "2024-01-03T17:00Z"}',
        "measurements.jsonl": '{"kpi": "defects", "team_id": "red", "value": 1, '
        '"period_start": "2024-01-03T00:00Z", "period_end": "2024-01-04T00:00Z"}',
        "learning.jsonl": "",
        "truth.json": "{}",
    }
    for name, text in lines.items():
        (tmp_path / name).write_text(text + "\n")
    read = read_company(tmp_path)
    days = [read.day(index) for index in range(read.company.days)]

    assert (read.company.start.isoformat(), len(days)) == ("2024-01-01", 12), "weeks begin on Mondays"
    assert [index for index, day in enumerate(days) if day.signals] == [3], "after 16:00 UTC it is told on the next day"
    assert [index for index, day in enumerate(days) if day.measurements] == [3]


def test_what_comes_after_the_last_day_is_passed_over(tmp_path: Path) -> None:
    write_company(Run(make_world("skill", 5, 0)), tmp_path)
    path = tmp_path / "company.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "days": 21}))
    found = figures(play(read_company(tmp_path), BASELINES["nudge_everything"]))

    assert found["episodes_counted"] == 0
    assert set(found["episodes_excluded"]) <= {"excluded_short", "excluded_history"}
    assert sum(found["episodes_excluded"].values()) > 0


SHAPES = {
    ingestion.TeamChanged: shapes.TeamShape,
    ingestion.PersonChanged: shapes.PersonShape,
    ingestion.Position: shapes.PositionShape,
    ingestion.ContentChanged: shapes.ContentShape,
    ingestion.Teaches: shapes.TeachesShape,
    ingestion.SignalObserved: shapes.SignalShape,
    ingestion.MeasurementRecorded: shapes.MeasurementShape,
    ingestion.LearningRecorded: shapes.LearningShape,
    skill_gap.CapabilitiesPublished: map_shapes.MapShape,
    skill_gap.Competency: map_shapes.CompetencyShape,
    skill_gap.Kpi: map_shapes.KpiShape,
    skill_gap.Goal: map_shapes.GoalShape,
    skill_gap.Requirement: map_shapes.RequirementShape,
    skill_gap.SignalRule: map_shapes.SignalRuleShape,
    skill_gap.KpiRule: map_shapes.KpiRuleShape,
}


@pytest.mark.parametrize(("event", "shape"), SHAPES.items())
def test_every_field_of_an_event_may_stand_in_a_file(event: type[BaseModel], shape: type[BaseModel]) -> None:
    assert set(event.model_fields) <= set(shape.model_fields)
