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


def test_run_that_failed_again_after_a_retry_weighs_more() -> None:
    body = payload("workflow_job.completed")
    body["workflow_job"]["run_attempt"] = 3

    assert observed("workflow_job", body).severity == 0.6
    assert observed("workflow_job", body).summary == "A workflow job in Codertocat/Hello-World failed again"


def test_branch_of_a_fork_is_not_the_default_branch() -> None:
    body = payload("workflow_run.requested")
    body["action"], body["workflow_run"]["conclusion"] = "completed", "failure"
    body["repository"]["default_branch"] = body["workflow_run"]["head_branch"]
    body["workflow_run"]["head_repository"] = {"full_name": "somebody/hello-world"}

    assert observed("workflow_run", body).severity == 0.5


@pytest.mark.parametrize(("conclusion", "severity"), [("failure", 0.7), ("timed_out", 0.8), ("stale", None)])
def test_check_suite_ends_as_its_checks_do(conclusion: str, severity: float | None) -> None:
    body = payload("check_suite.requested_05")
    body["action"], body["check_suite"]["conclusion"] = "completed", conclusion

    reading = read("check_suite", body)

    assert (reading.observations[0].severity if isinstance(reading, Mapped) else None) == severity


def test_production_is_what_github_calls_so_whatever_its_name() -> None:
    body = payload("deployment_status.success")
    body["deployment_status"].update(state="error", environment="frankfurt")
    body["deployment"]["production_environment"] = True

    assert observed("deployment_status", body).severity == 0.9
    assert observed("deployment_status", body).attribution["environment"] == "frankfurt"


@pytest.mark.parametrize(
    ("reason", "severity"), [("CI_FAILURE", 0.5), ("CI_TIMEOUT", 0.6), ("MANUAL", None), ("MERGE", None), (None, None)]
)
def test_change_that_failed_in_the_merge_queue_is_a_failed_delivery(reason: str | None, severity: float | None) -> None:
    body = {**payload("pull_request.closed"), "action": "dequeued", "reason": reason}

    reading = read("pull_request", body)

    assert (reading.observations[0].severity if isinstance(reading, Mapped) else None) == severity


def test_release_that_is_taken_back_is_a_failed_delivery() -> None:
    body = {**payload("release.published_10"), "action": "unpublished"}

    assert observed("release", body).summary == "A release in Codertocat/Hello-World was taken back"


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

    assert observed("milestone", body).summary == "A milestone in Codertocat/Hello-World was done 3 days late"


def test_milestone_that_is_put_off_is_delayed() -> None:
    body = {**payload("milestone.closed"), "action": "edited"}
    body["changes"] = {"due_on": {"from": "2019-05-13T07:00:00Z"}}

    assert observed("milestone", body).summary == "A milestone in Codertocat/Hello-World was put off by 10 days"


def test_known_bug_that_gets_a_high_priority_is_raised() -> None:
    body = payload("issues.labeled")
    body["label"]["name"] = "priority: critical"
    body["issue"]["labels"] += [body["label"]]

    observation = observed("issues", body)

    assert (observation.severity, observation.attributes["state"]) == (1.0, "raised in priority")


def test_custom_properties_and_labels_find_the_team() -> None:
    body = payload("issues.opened")
    body["repository"]["custom_properties"] = {"team": "payments", "tier": "1"}
    body["issue"]["labels"] += [{"name": "team/checkout"}]

    attribution = observed("issues", body).attribution

    assert (attribution["team"], attribution["label"]) == ("payments", "bug, team/checkout")


def secret(action: str, **alert: Any) -> Any:
    return {
        "action": action,
        "alert": {"created_at": "2026-11-24T08:00:00Z", "updated_at": "2026-11-24T09:00:00Z", **alert},
        "repository": {"full_name": "northwind/checkout"},
    }


@pytest.mark.parametrize(
    ("body", "severity"),
    [
        (secret("created"), 0.9),
        (secret("created", validity="inactive"), 0.5),
        (secret("created", validity="active"), 1.0),
        (secret("created", publicly_leaked=True), 1.0),
        (secret("publicly_leaked"), 1.0),
        (secret("validated", validity="active"), 1.0),
        (secret("validated", validity="inactive"), None),
        (secret("resolved"), None),
        (secret("assigned"), None),
    ],
)
def test_secret_that_works_or_is_public_is_worst(body: Any, severity: float | None) -> None:
    reading = read("secret_scanning_alert", body)

    assert (reading.observations[0].severity if isinstance(reading, Mapped) else None) == severity


def test_alert_that_comes_back_happened_when_it_was_changed() -> None:
    assert observed("secret_scanning_alert", secret("reopened")).occurred_at == datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize(("action", "state"), [("reported", "reported"), ("published", "published"), ("edited", None)])
def test_advisory_on_the_own_product_is_a_finding(action: str, state: str | None) -> None:
    advisory = {"severity": "high", "created_at": "2026-11-24T08:00:00Z", "published_at": None}

    reading = read("repository_advisory", {"action": action, "repository_advisory": advisory})

    assert (reading.observations[0].attributes["state"] if isinstance(reading, Mapped) else None) == state


def test_customer_of_the_marketplace_who_leaves_is_a_lost_sale_without_name() -> None:
    body = {**payload("marketplace_purchase.purchased_00"), "action": "cancelled"}

    observation = observed("marketplace_purchase", body)

    assert (observation.kind, observation.attribution) == ("sales.lost", {"product": "Basic Plan"})
    assert "username" not in repr(observation)


def test_unknown_severity_of_an_alert_is_neutral() -> None:
    body = payload("repository_vulnerability_alert.create")
    body["alert"]["severity"] = "purple"

    observation = observed("repository_vulnerability_alert", body)
    assert (observation.severity, observation.unknown) == (0.5, ("severity purple",))


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


def test_secret_without_page_is_shown_at_its_repository() -> None:
    body = payload("secret_scanning_alert.written_publicly_leaked")
    body["alert"].pop("html_url", None)

    assert observed("secret_scanning_alert", body).url == body["repository"]["html_url"]
