"""What GitHub's webhooks mean."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.github import _READERS
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Observation

PAYLOADS = Path(__file__).parent / "payloads" / "github"
github = CONNECTORS["github"]


def payload(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text())


def read(event: str, body: Any) -> Mapped | Ignored:
    return github.read({"x-github-event": event}, body)


def observed(event: str, body: Any) -> Observation:
    reading = read(event, body)
    assert isinstance(reading, Mapped), reading
    (observation,) = reading.observations
    return observation


@pytest.mark.parametrize(
    ("conclusion", "severity"),
    [("failure", 0.7), ("timed_out", 0.8), ("startup_failure", 0.7), ("cancelled", None), ("never_heard_of", None)],
)
def test_run_on_the_default_branch_weighs_more(conclusion: str, severity: float | None) -> None:
    body = payload("workflow_run.requested")
    body["action"], body["workflow_run"]["conclusion"] = "completed", conclusion
    body["repository"]["default_branch"] = body["workflow_run"]["head_branch"]

    reading = read("workflow_run", body)

    found = reading.observations[0].severity if isinstance(reading, Mapped) else None
    assert found == severity


def test_failed_deployment_to_production_is_worse_than_one_elsewhere() -> None:
    body = payload("deployment_status.success")
    body["deployment_status"]["state"] = "failure"
    elsewhere = copy.deepcopy(body)
    elsewhere["deployment_status"]["environment"] = "preview"

    assert observed("deployment_status", body).severity == 0.9
    assert observed("deployment_status", elsewhere).severity == 0.5


def test_failed_status_is_a_failed_delivery() -> None:
    body = payload("status.success")
    body["state"] = "error"

    assert observed("status", body).kind == "delivery.failed"


@pytest.mark.parametrize(("label", "severity"), [("priority: critical", 1.0), ("P3", 0.25), ("good first issue", 0.5)])
def test_labels_say_how_bad_a_defect_is(label: str, severity: float) -> None:
    body = payload("issues.opened")
    body["issue"]["labels"] += [{"name": label}]

    assert observed("issues", body).severity == severity


def test_second_label_does_not_report_a_bug_again() -> None:
    body = payload("issues.labeled")
    body["label"]["name"] = "ui"

    assert isinstance(read("issues", body), Ignored)


def test_label_set_while_an_issue_is_opened_is_told_by_its_opening() -> None:
    body = payload("issues.labeled")
    body["issue"]["updated_at"] = body["issue"]["created_at"]

    assert isinstance(read("issues", body), Ignored)


def test_reopened_bug_is_trouble_again() -> None:
    body = payload("issues.opened")
    body["action"] = "reopened"

    assert observed("issues", body).attributes["state"] == "reopened"


def test_incident_label_makes_an_incident() -> None:
    body = payload("issues.opened")
    body["issue"]["labels"] = [{"name": "type: incident"}]

    assert observed("issues", body).kind == "service.incident"


@pytest.mark.parametrize(("merged_at", "severity"), [("2019-05-30T00:00:00Z", 0.5), ("2019-07-30T00:00:00Z", 0.75)])
def test_change_that_was_open_for_long_is_delayed(merged_at: str, severity: float) -> None:
    body = payload("pull_request.closed")
    body["pull_request"]["merged_at"] = merged_at

    observation = observed("pull_request", body)

    assert (observation.kind, observation.severity) == ("delivery.delayed", severity)
    assert observation.occurred_at == datetime.fromisoformat(merged_at)


def test_milestone_after_its_date_is_delayed() -> None:
    body = payload("milestone.closed")
    body["milestone"]["closed_at"] = "2019-05-26T08:00:00Z"

    assert observed("milestone", body).summary == "A milestone in Codertocat/Hello-World was 3 days late"


def test_unknown_severity_of_an_alert_is_neutral() -> None:
    body = payload("repository_vulnerability_alert.create")
    body["alert"]["severity"] = "purple"

    assert observed("repository_vulnerability_alert", body).severity == 0.5


def test_titles_and_names_of_people_do_not_get_in() -> None:
    body = payload("issues.opened")
    body["issue"]["title"], body["issue"]["user"]["login"] = "Dana broke it", "dana"
    body["sender"]["login"] = "dana"

    assert "dana" not in repr(observed("issues", body)).lower()


def test_event_without_time_is_kept_without_time() -> None:
    body = payload("check_run.completed")
    body["check_run"]["completed_at"] = "yesterday"

    assert observed("check_run", body).occurred_at is None


def test_payload_without_event_header_is_ignored() -> None:
    assert isinstance(github.read({}, payload("issues.opened")), Ignored)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


@given(event=st.sampled_from(sorted(_READERS)), body=json_values)
def test_no_payload_is_an_error(event: str, body: Any) -> None:
    assert isinstance(read(event, body), Mapped | Ignored)


@given(name=st.sampled_from(sorted(file.stem for file in PAYLOADS.glob("*.json"))), changes=st.data())
def test_no_changed_payload_is_an_error(name: str, changes: st.DataObject) -> None:
    body = payload(name)
    for _ in range(3):
        part: Any = body
        for _ in range(changes.draw(st.integers(0, 3))):
            inner = [value for value in part.values() if isinstance(value, dict) and value]
            part = changes.draw(st.sampled_from(inner)) if inner else part
        part[changes.draw(st.sampled_from(sorted(part)))] = changes.draw(json_values)

    reading = read(name.partition(".")[0], body)

    for observation in reading.observations if isinstance(reading, Mapped) else ():
        assert 0 <= observation.severity <= 1
        assert "\x00" not in observation.summary
        assert observation.occurred_at is None or observation.occurred_at.tzinfo == UTC
