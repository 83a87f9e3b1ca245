"""Files of companies that are wrong, each mistake named, and files that only look wrong."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.simulator.files.reading import read_company
from tools.simulator.files.texts import Mistake
from tools.simulator.files.writing import write_company
from tools.simulator.run import Run
from tools.simulator.world import make_world


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


def write_twice(name: str, number: int, field: str) -> Callable[[Path], None]:
    """A field a second time in the object that begins on a line."""

    def edit(folder: Path) -> None:
        lines = (folder / name).read_text().split("\n")
        lines[number - 1] = f'{{"{field}": 0, {lines[number - 1].removeprefix("{")}'
        (folder / name).write_text("\n".join(lines))

    return edit


def put(field: str, value: object) -> Callable[[dict[str, object]], object]:
    return lambda line: line.update({field: value})


def episode(**fields: object) -> Callable[[dict[str, object]], object]:
    base = {"team_id": "team-1", "competency": "safe-work", "cause": "skill", "from": "2024-06-03"}
    return lambda document: document.update(episodes=[{**base, **fields}])


def twice(section: str, before: Callable[[dict[str, object]], object] = lambda document: None) -> Any:
    def edit(document: dict[str, Any]) -> None:
        before(document)
        document[section].append(document[section][0])

    return edit


def repeat_id(line: dict[str, Any]) -> None:
    """The second content of a competency gets the id of the first."""
    line["content_id"] = line["content_id"].removesuffix("-2") + "-1"


def mirror_alarm(document: dict[str, Any]) -> None:
    kpi = document["kpis"][0]
    kpi["alarm"], kpi["target"] = kpi["target"], kpi["alarm"]


def position(team_id: str, since: str) -> dict[str, str]:
    return {"team_id": team_id, "role": "tester", "effective_from": since}


def person(*positions: dict[str, str]) -> Callable[[Path], None]:
    """Somebody new on the first line of the directory."""
    line = {"type": "kinetic.person.changed.v1", "person_id": "paul", "positions": positions}

    def edit(folder: Path) -> None:
        path = folder / "directory.jsonl"
        path.write_text(json.dumps(line) + "\n" + path.read_text())

    return edit


def instead_of_signals(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        (folder / "signals.jsonl").unlink()
        make(folder / "signals.jsonl")

    return edit


def as_large_as(size: int) -> Callable[[Path], None]:
    """A file of which the disk holds nothing."""

    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.truncate(size)

    return make


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
        (write_twice("measurements.jsonl", 5, "value"), "measurements.jsonl, line 5, value: stands twice"),
        (write_twice("truth.json", 1, "episodes"), "truth.json, episodes: stands twice"),
        (edit_line("measurements.jsonl", 5, put("kpi", "mood")), "measurements.jsonl, line 5, kpi"),
        (
            edit_line("measurements.jsonl", 5, put("period_end", "2001-01-01T00:00:00Z")),
            "measurements.jsonl, line 5, period_end",
        ),
        (edit_line("measurements.jsonl", 5, put("value", "3")), "measurements.jsonl, line 5, value"),
        (edit_line("measurements.jsonl", 5, put("value", True)), "measurements.jsonl, line 5, value"),
        (edit_line("measurements.jsonl", 5, put("n", "5")), "measurements.jsonl, line 5, n"),
        (edit_line("signals.jsonl", 2, put("occurred_at", 1717401600)), "signals.jsonl, line 2, occurred_at"),
        (edit_line("signals.jsonl", 2, put("occurred_at", "1717401600")), "signals.jsonl, line 2, occurred_at"),
        (
            edit_line("signals.jsonl", 2, put("occurred_at", "0001-01-01T00:00:00+14:00")),
            "signals.jsonl, line 2, occurred_at",
        ),
        (
            edit_line("signals.jsonl", 2, put("received_at", "9999-12-31T23:00:00-14:00")),
            "signals.jsonl, line 2, received_at",
        ),
        (edit_line("learning.jsonl", 1, put("verb", "slept")), "learning.jsonl, line 1, verb"),
        (edit_line("learning.jsonl", 1, put("person_id", "nobody")), "learning.jsonl, line 1, person_id"),
        (edit_line("learning.jsonl", 1, put("content_id", "nothing")), "learning.jsonl, line 1, content_id"),
        (edit_line("reviews.jsonl", 1, put("content_id", "nothing")), "reviews.jsonl, line 1, content_id"),
        (edit_line("effects.jsonl", 1, put("content_id", "nothing")), "effects.jsonl, line 1, content_id"),
        (edit_line("effects.jsonl", 1, put("kpi", "mood")), "effects.jsonl, line 1, kpi"),
        (edit_line("catalogue.jsonl", 1, put("effort_minutes", 0)), "catalogue.jsonl, line 1, effort_minutes"),
        (
            edit_line("catalogue.jsonl", 1, put("teaches", [{"competency": "x", "level": 9}])),
            "catalogue.jsonl, line 1, teaches.0.level",
        ),
        (
            edit_line("catalogue.jsonl", 1, put("teaches", [{"competency": "flying", "level": 3}])),
            "catalogue.jsonl, line 1, teaches.0.competency",
        ),
        (edit_line("catalogue.jsonl", 2, repeat_id), "catalogue.jsonl, line 2, content_id"),
        (edit_line("directory.jsonl", 1, put("type", "team")), "directory.jsonl, line 1, type"),
        (edit_line("directory.jsonl", 1, put("manager_id", "nobody")), "directory.jsonl, line 1, manager_id"),
        (person(position("nowhere", "2020-01-01T00:00Z")), "directory.jsonl, line 1, positions.0.team_id"),
        (
            person(position("team-1", "2020-01-01T00:00Z"), position("team-2", "2019-01-01T00:00Z")),
            "directory.jsonl, line 1, positions.1.effective_from",
        ),
        (edit_line("directory.jsonl", 1, put("known_on", "soon")), "directory.jsonl, line 1, known_on"),
        (lambda folder: (folder / "signals.jsonl").write_text("{"), "signals.jsonl, line 1: is no JSON"),
        (lambda folder: (folder / "signals.jsonl").write_text("[1]"), "signals.jsonl, line 1: must be a JSON object"),
        (lambda folder: (folder / "signals.jsonl").write_bytes(b"\xff"), "signals.jsonl: is not UTF-8"),
        (lambda folder: (folder / "learning.jsonl").unlink(), "learning.jsonl: is missing"),
        (instead_of_signals(lambda path: path.mkdir()), "signals.jsonl: is a folder"),
        (instead_of_signals(lambda path: path.symlink_to(path)), "signals.jsonl: cannot be read"),
        (instead_of_signals(lambda path: path.symlink_to("/dev/zero")), "signals.jsonl: is a device"),
        (instead_of_signals(os.mkfifo), "signals.jsonl: is a device or a pipe"),
        (instead_of_signals(as_large_as(2**40)), "signals.jsonl: has 1,099,511,627,776 bytes"),
        (lambda folder: (folder / "directory.jsonl").write_text(""), "directory.jsonl: there is no team"),
        (edit_document("company.json", put("days", 0)), "company.json, days"),
        (edit_document("company.json", put("days", "21")), "company.json, days"),
        (edit_document("company.json", put("start", 1717372800)), "company.json, start"),
        (edit_document("company.json", put("start", "9999-12-20")), "company.json, start"),
        (
            edit_document("company.json", put("attention", {"quiet_hours": {"start": "18:00Z", "end": "08:00"}})),
            "company.json, attention.quiet_hours.start",
        ),
        (
            edit_document("company.json", put("attention", {"quiet_hours": {"start": "08:00", "end": "08:00"}})),
            "company.json, attention.quiet_hours",
        ),
        (edit_document("company.json", put("attention", {"working_days": []})), "company.json, attention.working_days"),
        (edit_document("company.json", put("time_zone", "Mars/Olympus")), "company.json, time_zone"),
        (
            edit_document("company.json", put("attention", {"weekly_budget": 0})),
            "company.json, attention.weekly_budget",
        ),
        (edit_document("truth.json", put("managers", {"manager-1": "sleeps"})), "truth.json, managers.manager-1"),
        (edit_document("truth.json", episode(team_id="nobody")), "truth.json, episodes.0.team_id"),
        (edit_document("truth.json", episode(competency="flying")), "truth.json, episodes.0.competency"),
        (edit_document("truth.json", episode(cause="fate")), "truth.json, episodes.0.cause"),
        (edit_document("truth.json", episode(people=["nobody"])), "truth.json, episodes.0.people"),
        (edit_document("truth.json", twice("episodes", episode())), "truth.json, episodes.1.from"),
        (edit_document("truth.json", put("managers", {"nobody": "acts"})), "truth.json, managers.nobody"),
        (
            edit_document(
                "truth.json", put("contents", [{"content_id": "nothing", "competency": "safe-work", "gain": 0}])
            ),
            "truth.json, contents.0.content_id",
        ),
        (edit_document("truth.json", twice("contents")), "truth.json, contents."),
        (edit_document("capabilities.json", twice("competencies")), "capabilities.json, competencies."),
        (edit_document("capabilities.json", twice("kpis")), "capabilities.json, kpis."),
        (edit_document("capabilities.json", twice("requirements")), "capabilities.json, requirements."),
        (
            edit_document("capabilities.json", put("goals", [{"key": "calm", "kpis": ["mood"]}])),
            "capabilities.json, goals.0.kpis",
        ),
        (edit_document("capabilities.json", mirror_alarm), "capabilities.json, kpis.0.alarm"),
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


def test_what_a_source_sends_again_counts_once(folder: Path) -> None:
    path = folder / "signals.jsonl"
    first, *others = path.read_text().strip().split("\n")
    later = json.dumps({**json.loads(first), "received_at": "2030-01-01T00:00:00Z"})
    path.write_text("\n".join([later, first, *others, first]))
    repeated = read_company(folder)
    path.write_text("\n".join([first, *others]))
    once = read_company(folder)
    days = range(once.company.days)

    assert [repeated.day(index).signals for index in days] == [once.day(index).signals for index in days]


def test_a_byte_order_mark_and_line_ends_of_windows_are_no_mistake(folder: Path) -> None:
    plain = read_company(folder)
    for path in folder.iterdir():
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    read = read_company(folder)

    assert read.company == plain.company
    assert read.truth == plain.truth
    assert read.day(40) == plain.day(40)
