"""What would become of webhooks in files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kinetic.cli.errors import Misused
from kinetic.cli.trials import told

BUG = {
    "action": "opened",
    "issue": {
        "labels": [{"name": "bug"}],
        "created_at": "2026-11-02T09:00:00Z",
        "html_url": "https://github.com/a/b/1",
    },
    "repository": {"full_name": "acme/checkout"},
}


@pytest.fixture
def bug(tmp_path: Path) -> Path:
    file = tmp_path / "bug.json"
    file.write_text(json.dumps(BUG))
    return file


def test_one_file_gives_one_document(bug: Path) -> None:
    (document,) = map(json.loads, told("github", [bug], ["X-GitHub-Event: issues"]))
    assert (document["outcome"], document["reason"]) == ("mapped", None)
    (signal,) = document["signals"]
    assert signal["kind"] == "quality.defect"
    assert signal["occurred_at"] == "2026-11-02T09:00:00Z"
    assert signal["attribution_keys"] == {"repository": "acme/checkout", "owner": "acme", "label": "bug"}


def test_several_files_give_one_line_each(bug: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    lines = list(told("github", [bug, tmp_path / "broken.json"], ["x-github-event:issues"]))
    assert all("\n" not in line for line in lines)
    first, second = map(json.loads, lines)
    assert (first["file"], first["outcome"]) == (str(bug), "mapped")
    assert (second["outcome"], second["signals"]) == ("refused", [])
    assert "not JSON" in second["reason"]


def test_what_means_nothing_is_ignored_for_a_reason(bug: Path) -> None:
    (document,) = map(json.loads, told("github", [bug], ["X-GitHub-Event: star"]))
    assert document["outcome"] == "ignored"
    assert document["reason"]


@pytest.mark.parametrize(("tool", "header"), [("gitbub", "a: b"), ("github", "no colon")])
def test_a_wrong_command_is_told_so(bug: Path, tool: str, header: str) -> None:
    with pytest.raises(Misused):
        list(told(tool, [bug], [header]))


def test_a_file_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(Misused, match="cannot be read"):
        list(told("github", [tmp_path / "none.json"], []))
