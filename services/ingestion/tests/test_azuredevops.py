"""What Azure DevOps' service hooks mean, and how they prove who sent them."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Doubt, Ignored, Mapped, Observation, Webhook

PAYLOADS = Path(__file__).parent / "payloads" / "azuredevops"
azuredevops = CONNECTORS["azuredevops"]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def payload(name: str, **resource: Any) -> Any:
    """A payload, with something else in its resource."""
    body = json.loads((PAYLOADS / f"{name}.json").read_text())
    body["resource"].update(resource)
    return body


def changed(changes: dict[str, tuple[Any, Any]], **now: Any) -> Any:
    """A bug that was changed. Names of fields have no dots here."""
    body = payload("written_workitem_bug_reopened")
    body["resource"]["fields"] = {
        f"X.{name}": {"oldValue": old, "newValue": new} for name, (old, new) in changes.items()
    }
    body["resource"]["revision"]["fields"].update({f"System.{name}": value for name, value in now.items()})
    return body


def observed(body: Any) -> Observation:
    reading = azuredevops.read({}, body)
    assert isinstance(reading, Mapped), reading
    (observation,) = reading.observations
    return observation


@pytest.mark.parametrize(
    ("branch", "severity"),
    [("refs/heads/main", 0.7), ("refs/heads/master", 0.7), ("refs/heads/feature/main", 0.5), (None, 0.5)],
)
def test_failed_build_weighs_more_on_a_branch_that_is_called_like_a_default(
    branch: str | None, severity: float
) -> None:
    assert observed(payload("written_build_failed", sourceBranch=branch)).severity == severity


@pytest.mark.parametrize("result", ["succeeded", "canceled", "stopped", "none", "never_heard_of", 7, None])
def test_build_that_did_not_fail_is_no_failure(result: Any) -> None:
    assert isinstance(azuredevops.read({}, payload("written_build_failed", result=result)), Ignored)


def test_build_is_shown_on_its_page_and_never_on_its_resource() -> None:
    assert observed(payload("written_build_failed")).url == (
        "https://dev.azure.com/northwind/be9b3917/_build/results?buildId=2727068"
    )
    assert observed(payload("written_build_failed_version_1")).url is None


def test_stage_that_is_called_production_and_failed_again_is_worst() -> None:
    observation = observed(payload("written_stage_failed_again"))

    assert observation.severity == 1.0
    assert observation.summary.startswith("A stage in ")
    assert observation.summary.endswith(" failed again")


def test_deployment_happened_when_it_was_completed_else_when_it_was_told() -> None:
    assert observed(payload("written_release_deployment_rejected")).occurred_at == datetime(
        2026, 11, 24, 9, 25, tzinfo=UTC
    )
    told = observed(payload("written_release_deployment_rejected", deployment={"completedOn": "0001-01-01T00:00:00"}))
    assert told.occurred_at == datetime(2026, 11, 24, 9, 30, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "severity", "unknown"),
    [
        ({"Common.Severity": "1 - Critical"}, 1.0, ()),
        ({"Common.Severity": "1 - Kritisch"}, 1.0, ()),
        ({"Common.Severity": "Critical"}, 1.0, ()),
        ({"Common.Severity": "Purple"}, 0.5, ("severity Purple",)),
        ({"Common.Severity": None, "Common.Priority": 1}, 1.0, ()),
        ({"Common.Severity": None, "Common.Priority": 2}, 0.5, ()),
        ({"Common.Severity": None, "Common.Priority": None}, 0.5, ()),
    ],
)
def test_severity_counts_before_priority(fields: dict[str, Any], severity: float, unknown: tuple[str, ...]) -> None:
    body = payload("written_workitem_bug_created")
    body["resource"]["fields"].update({f"Microsoft.VSTS.{name}": value for name, value in fields.items()})

    assert (observed(body).severity, observed(body).unknown) == (severity, unknown)


def test_issue_of_the_basic_process_counts_by_its_tags() -> None:
    body = payload("written_workitem_bug_created")
    body["resource"]["fields"].update({"System.WorkItemType": "Issue", "System.Tags": "web; Bug"})
    assert observed(body).kind == "quality.defect"

    body["resource"]["fields"]["System.WorkItemType"] = "User Story"
    assert isinstance(azuredevops.read({}, body), Ignored)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"State": ("Resolved", "Active")}, "reopened"),
        ({"State": ("Done", "Committed")}, "reopened"),
        ({"State": ("Removed", "New")}, None),
        ({"State": ("Closed", "Removed")}, None),
        ({"State": ("Resolved", "Closed")}, None),
        ({"WorkItemType": ("Task", "Bug")}, "reported"),
        ({"WorkItemType": ("Defect", "Bug")}, None),
        ({"Severity": ("3 - Medium", "1 - Critical")}, "raised in priority"),
        ({"Severity": ("1 - Critical", "3 - Medium")}, None),
        ({"Priority": (2, 1)}, "raised in priority"),
        ({"TargetDate": ("2026-11-24T00:00:00Z", "2026-11-26T00:00:00Z")}, "put off by 2 days"),
        ({"TargetDate": ("2026-11-24T00:00:00Z", None)}, None),
        ({"Blocked": ("No", "Yes")}, "blocked"),
        ({"Blocked": ("Yes", "No")}, None),
        ({"Title": ("a", "b")}, None),
    ],
)
def test_changes_have_a_meaning(changes: dict[str, tuple[Any, Any]], state: str | None) -> None:
    reading = azuredevops.read({}, changed(changes))

    assert [one.attributes["state"] for one in getattr(reading, "observations", ())] == ([state] if state else [])


@pytest.mark.parametrize("assigned", [{"uniqueName": "dana@northwind.example"}, "Dana Fox <dana@northwind.example>"])
def test_person_is_written_in_two_ways_and_serves_attribution_alone(assigned: Any) -> None:
    observation = observed(changed({"State": ("Closed", "Active")}, AssignedTo=assigned))

    assert observation.attribution["person"] == "dana@northwind.example"
    assert "dana" not in f"{observation.summary} {observation.attributes} {observation.url}".lower()


def test_who_reported_and_what_they_wrote_does_not_get_in() -> None:
    told = repr(observed(payload("written_workitem_bug_created"))).lower()

    assert not [secret for secret in ("cam", "customer.example", "nothing works") if secret in told]


def test_page_of_a_work_item_is_built_when_it_is_not_told() -> None:
    assert observed(payload("written_workitem_bug_reopened")).url == "https://dev.azure.com/northwind/_workitems/edit/5"


def test_mere_attempt_to_merge_says_nothing() -> None:
    assert isinstance(azuredevops.read({}, payload("written_pull_request_merged_late", status="active")), Ignored)
    assert observed(payload("written_pull_request_merged_late")).summary == "A pull request in test-zulip took 28 days"


def test_alert_that_is_active_again_is_a_finding_again() -> None:
    body = payload("written_alert_fixed", state="active", severity="Undefined")

    assert (observed(body).attributes["state"], observed(body).severity) == ("reopened", 0.5)
    assert observed(body).url == "https://dev.azure.com/northwind/Shop/_git/checkout/alerts/1"


def test_secret_comes_as_basic_password() -> None:
    basic = {"authorization": "Basic " + b64encode(b"kinetic:secret").decode()}

    assert azuredevops.signature.doubt(["secret"], Webhook(basic, b"{}"), NOW) is None
    assert azuredevops.signature.doubt(["other"], Webhook(basic, b"{}"), NOW) is Doubt.FORGED


def test_build_of_an_older_version_has_a_page_when_its_resource_is_found_through_the_project() -> None:
    home = "https://northwind.visualstudio.com/be9b3917-87e6-42a4-a549-2bc06a7a878f"

    observation = observed(payload("written_build_failed_version_1", url=f"{home}/_apis/build/Builds/2", id=2))

    assert observation.url == f"{home}/_build/results?buildId=2"


def test_pull_request_without_page_is_shown_where_its_repository_is_cloned_and_nobody_is_named() -> None:
    remote = {"name": "checkout", "remoteUrl": "https://dana@dev.azure.com/northwind/Shop/_git/checkout@2"}

    observation = observed(payload("written_pull_request_merged_late", repository=remote, pullRequestId=7))

    assert observation.url == "https://dev.azure.com/northwind/Shop/_git/checkout@2/pullrequest/7"


def test_bug_that_is_closed_as_a_duplicate_is_not_done_late() -> None:
    closing = {"State": ("Active", "Closed")}

    assert observed(changed(closing, DueDate="2026-01-01T00:00:00Z", Reason="Fixed")).kind == "delivery.delayed"
    for reason in ("Duplicate", "Cut", "As Designed"):
        dropped = changed(closing, DueDate="2026-01-01T00:00:00Z", Reason=reason)
        assert isinstance(azuredevops.read({}, dropped), Ignored)


def test_only_stage_of_a_pipeline_is_no_environment() -> None:
    body = payload("written_stage_failed_again")
    body["resource"]["stage"].update(name="__default", displayName=None)

    assert "environment" not in observed(body).attribution


def job(result: str) -> Any:
    """A job that has ended."""
    body = payload("written_stage_failed_again")
    body["eventType"] = "ms.vss-pipelines.job-state-changed-event"
    body["resource"]["job"] = {"state": "completed", "result": result, "finishTime": "2026-11-24T09:20:30.5Z"}
    return body


def test_job_happened_when_it_finished_and_one_that_was_turned_down_has_not_failed() -> None:
    assert observed(job("failed")).occurred_at == datetime(2026, 11, 24, 9, 20, 30, 500000, tzinfo=UTC)
    assert isinstance(azuredevops.read({}, job("rejected")), Ignored)
