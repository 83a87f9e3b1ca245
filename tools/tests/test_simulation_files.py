"""Companies as files: what is written is read, and what is wrong is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.simulation.judging import play, without_answers
from tools.simulation.policies import BASELINES
from tools.simulator.figures import figures
from tools.simulator.files.reading import read_company
from tools.simulator.files.texts import Mistake
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


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    write_company(Run(make_world("mixed", 5, 1)), folder)
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    for path in written.iterdir():
        (tmp_path / path.name).write_text(path.read_text())
    return tmp_path


def edit_line(name: str, number: int, change: Callable[[dict[str, object]], object]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        lines = (folder / name).read_text().split("\n")
        line = json.loads(lines[number - 1])
        change(line)
        lines[number - 1] = json.dumps(line)
        (folder / name).write_text("\n".join(lines))

    return edit


def edit_document(name: str, change: Callable[[dict[str, object]], object]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        document = json.loads((folder / name).read_text())
        change(document)
        (folder / name).write_text(json.dumps(document))

    return edit


def put(field: str, value: object) -> Callable[[dict[str, object]], object]:
    return lambda line: line.update({field: value})


def episode(**fields: object) -> Callable[[dict[str, object]], object]:
    base = {"team_id": "team-1", "competency": "safe-work", "cause": "skill", "from": "2024-06-03"}
    return lambda document: document.update(episodes=[{**base, **fields}])


@pytest.mark.parametrize(
    ("break_it", "named"),
    [
        (edit_line("signals.jsonl", 3, put("severity", 2)), "signals.jsonl, line 3, severity"),
        (edit_line("signals.jsonl", 2, put("team_id", "nobody")), "signals.jsonl, line 2, team_id"),
        (edit_line("signals.jsonl", 2, put("occured_at", "2024-01-01")), "signals.jsonl, line 2, occured_at"),
        (
            edit_line("signals.jsonl", 2, put("occurred_at", "2024-01-01T00:00:00")),
            "signals.jsonl, line 2, occurred_at",
        ),
        (
            edit_line("signals.jsonl", 2, put("received_at", "2001-01-01T00:00:00Z")),
            "signals.jsonl, line 2, received_at",
        ),
        (edit_line("signals.jsonl", 2, lambda line: line.pop("kind")), "signals.jsonl, line 2, kind"),
        (edit_line("measurements.jsonl", 5, put("value", "high")), "measurements.jsonl, line 5, value"),
        (edit_line("measurements.jsonl", 5, put("value", float("nan"))), "measurements.jsonl, line 5"),
        (edit_line("measurements.jsonl", 5, put("kpi", "mood")), "measurements.jsonl, line 5, kpi"),
        (
            edit_line("measurements.jsonl", 5, put("period_end", "2001-01-01T00:00:00Z")),
            "measurements.jsonl, line 5, period_end",
        ),
        (edit_line("learning.jsonl", 1, put("verb", "slept")), "learning.jsonl, line 1, verb"),
        (edit_line("catalogue.jsonl", 1, put("effort_minutes", 0)), "catalogue.jsonl, line 1, effort_minutes"),
        (
            edit_line("catalogue.jsonl", 1, put("teaches", [{"competency": "x", "level": 9}])),
            "catalogue.jsonl, line 1, teaches.0.level",
        ),
        (edit_line("directory.jsonl", 1, put("type", "team")), "directory.jsonl, line 1, type"),
        (edit_line("directory.jsonl", 1, put("known_on", "soon")), "directory.jsonl, line 1, known_on"),
        (lambda folder: (folder / "signals.jsonl").write_text("{"), "signals.jsonl, line 1: is no JSON"),
        (lambda folder: (folder / "signals.jsonl").write_text("[1]"), "signals.jsonl, line 1: must be a JSON object"),
        (lambda folder: (folder / "signals.jsonl").write_bytes(b"\xff"), "signals.jsonl: is not UTF-8"),
        (lambda folder: (folder / "learning.jsonl").unlink(), "learning.jsonl: is missing"),
        (lambda folder: (folder / "directory.jsonl").write_text(""), "directory.jsonl: there is no team"),
        (edit_document("company.json", put("days", 0)), "company.json, days"),
        (edit_document("company.json", put("time_zone", "Mars/Olympus")), "company.json, time_zone"),
        (
            edit_document("company.json", put("attention", {"weekly_budget": 0})),
            "company.json, attention.weekly_budget",
        ),
        (edit_document("truth.json", put("managers", {"manager-1": "sleeps"})), "truth.json, managers.manager-1"),
        (edit_document("truth.json", episode(team_id="nobody")), "truth.json, episodes.0.team_id"),
        (edit_document("truth.json", episode(competency="flying")), "truth.json, episodes.0.competency"),
        (edit_document("truth.json", episode(cause="fate")), "truth.json, episodes.0.cause"),
        (
            edit_document("capabilities.json", put("kpi_rules", [{"kpi": "mood", "competency": "safe-work"}])),
            "capabilities.json, kpi_rules.0",
        ),
    ],
)
def test_a_mistake_is_named_with_its_file_line_and_field(
    break_it: Callable[[Path], None], named: str, folder: Path
) -> None:
    read_company(folder)
    break_it(folder)

    with pytest.raises(Mistake) as caught:
        read_company(folder)
    assert str(caught.value).startswith(f"{folder}/{named}")


def test_only_what_cannot_be_guessed_must_be_given(tmp_path: Path) -> None:
    lines = {
        "company.json": '{"name": "tiny", "start": "2024-01-03", "days": 10}',
        "capabilities.json": '{"competencies": [{"key": "testing", "name": "Testing"}], "kpis": '
        '[{"key": "defects", "direction": "lower_is_better", "target": 1, "alarm": 2}]}',
        "directory.jsonl": '{"type": "kinetic.team.changed.v1", "team_id": "red", "manager_id": null}',
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
