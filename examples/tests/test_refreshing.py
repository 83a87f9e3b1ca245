"""Payloads become new and stay otherwise what they were."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from examples.company.player import COMPANY
from examples.company.refreshing import refreshed

NOW = datetime(2031, 2, 3, 4, 5, 6, 789_000, tzinfo=UTC)
PAYLOADS = sorted((COMPANY / "payloads").rglob("*.json"))
TIME = re.compile(r"\d{4}-\d\d-\d\dT\S+")


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    if isinstance(value, dict):
        return {k: v for name, member in value.items() for k, v in leaves(member, f"{path}/{name}").items()}
    if isinstance(value, list):
        return {k: v for index, member in enumerate(value) for k, v in leaves(member, f"{path}/{index}").items()}
    return {path: value}


def is_time(path: str, value: Any) -> bool:
    return path == "/timestamp" or (isinstance(value, str) and TIME.fullmatch(value) is not None)


def load(path: Path) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(path.read_text())
    return payload


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.name)
def test_only_times_change(path: Path) -> None:
    before = load(path)
    old, new = leaves(before), leaves(refreshed(before, NOW))
    assert old.keys() == new.keys()
    changed = {name for name in old if old[name] != new[name]}
    assert changed
    assert changed == {name for name in old if is_time(name, old[name])}
    assert before == load(path)


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.name)
def test_no_time_lies_after_now(path: Path) -> None:
    new = leaves(refreshed(load(path), NOW))
    times = [
        datetime.fromisoformat(value) for name, value in new.items() if is_time(name, value) and name != "/timestamp"
    ]
    assert max(times) <= NOW


@pytest.mark.parametrize(
    ("file", "place"),
    [
        ("github/workflow_job.completed.failure.json", "/workflow_job/completed_at"),
        ("github/check_run.completed.failure.json", "/check_run/completed_at"),
        ("github/code_scanning_alert.created.json", "/alert/created_at"),
        ("github/dependabot_alert.created.json", "/alert/created_at"),
        ("github/issues.opened.bug.json", "/issue/created_at"),
        ("jira/issue_created.bug.json", "/issue/fields/created"),
    ],
)
def test_the_subject_happened_now(file: str, place: str) -> None:
    new = leaves(refreshed(load(COMPANY / "payloads" / file), NOW))
    assert abs(datetime.fromisoformat(new[place]) - NOW) <= timedelta(seconds=1)


def test_durations_and_notation_stay_what_they_were() -> None:
    before = {
        "timestamp": 1_364_403_238_369,
        "issue": {"fields": {"created": "2013-03-27T18:53:58.369+0200", "updated": "2013-03-27T16:52:58.369+0000"}},
    }
    after = refreshed(before, NOW)
    assert after["timestamp"] == int(NOW.timestamp() * 1000)
    assert after["issue"]["fields"] == {
        "created": "2031-02-03T06:05:06.789+0200",
        "updated": "2031-02-03T04:04:06.789+0000",
    }


def test_a_payload_without_times_stays_as_it_is() -> None:
    assert refreshed({"zen": "Keep it logically awesome."}, NOW) == {"zen": "Keep it logically awesome."}


def test_text_that_only_mentions_a_time_is_left_alone() -> None:
    text = "broken since 2013-03-27T16:53:58Z"
    payload = {"timestamp": 1_364_403_238_369, "issue": {"fields": {"summary": text}}}
    assert refreshed(payload, NOW)["issue"]["fields"]["summary"] == text
