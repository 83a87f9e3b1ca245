"""What GitLab's webhooks mean, and how they are signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Doubt, Ignored, Mapped, Observation, Webhook

PAYLOADS = Path(__file__).parent / "payloads" / "gitlab"
gitlab = CONNECTORS["gitlab"]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def payload(name: str, **attributes: Any) -> Any:
    """A payload, with other attributes of its object."""
    body = json.loads((PAYLOADS / f"{name}.json").read_text())
    body.setdefault("object_attributes", {}).update(attributes)
    return body


def read(body: Any) -> Mapped | Ignored:
    return gitlab.read({}, body)


def observed(body: Any) -> Observation:
    reading = read(body)
    assert isinstance(reading, Mapped), reading
    (observation,) = reading.observations
    return observation


@pytest.mark.parametrize(
    ("attributes", "severity"), [({}, 0.7), ({"ref": "feature"}, 0.5), ({"tag": True}, 0.5), ({"ref": None}, 0.5)]
)
def test_failed_pipeline_weighs_more_on_the_default_branch(attributes: dict[str, Any], severity: float) -> None:
    assert observed(payload("written_pipeline_failed", **attributes)).severity == severity


@pytest.mark.parametrize("status", ["success", "canceled", "skipped", "manual", "running", "never_heard_of", None])
def test_pipeline_that_did_not_fail_is_no_failure(status: str | None) -> None:
    assert isinstance(read(payload("written_pipeline_failed", status=status)), Ignored)


def test_pipeline_of_an_older_version_has_a_page_too() -> None:
    body = payload("pipeline_hook__pipeline_pending", status="failed")

    assert observed(body).url == "https://gitlab.com/TomaszKolek/my-awesome-project/-/pipelines/4414206"


def test_job_of_an_older_version_is_attributed_by_the_address_of_its_repository() -> None:
    body = {**payload("build_succeeded"), "build_status": "failed", "build_allow_failure": False}

    observation = observed(body)

    assert observation.attribution["repository"] == "TomaszKolek/my-awesome-project"
    assert observation.url == "https://gitlab.com/TomaszKolek/my-awesome-project/-/jobs/4537823"
    assert observation.occurred_at == datetime(2016, 9, 28, 18, 34, 32, tzinfo=UTC)


def test_job_that_timed_out_after_retries_is_told_so() -> None:
    observation = observed(payload("written_job_timed_out_again"))

    assert (observation.severity, observation.summary) == (0.7, "A job in northwind/shop/checkout timed out again")


@pytest.mark.parametrize(
    ("tier", "environment", "severity"),
    [("production", "x", 0.9), (None, "live/eu", 0.9), ("staging", "review/7", 0.5)],
)
def test_production_is_what_the_tier_or_the_name_calls_so(tier: str | None, environment: str, severity: float) -> None:
    body = {**payload("written_deployment_failed"), "environment_tier": tier, "environment": environment}

    assert observed(body).severity == severity


@pytest.mark.parametrize(
    ("severity", "expected", "unknown"),
    [("critical", 1.0, ()), ("low", 0.25, ()), ("unknown", 0.5, ()), ("purple", 0.5, ("severity purple",))],
)
def test_severity_of_an_incident_counts(severity: str, expected: float, unknown: tuple[str, ...]) -> None:
    observation = observed(payload("written_incident_opened", severity=severity))

    assert (observation.kind, observation.severity, observation.unknown) == ("service.incident", expected, unknown)


def test_label_on_a_known_bug_does_not_report_it_again() -> None:
    body = payload("written_issue_labeled")
    body["changes"]["labels"]["previous"] += [{"title": "type::bug"}, {"title": "severity::2"}]

    assert isinstance(read(body), Ignored)


def test_known_bug_that_gets_a_higher_priority_is_raised() -> None:
    body = payload("written_issue_labeled")
    body["changes"]["labels"]["previous"] += [{"title": "type::bug"}, {"title": "severity::3"}]

    assert observed(body).attributes["state"] == "raised in priority"


@pytest.mark.parametrize(
    ("before", "after", "severity"), [("unknown", "high", 0.75), ("low", "critical", 1.0), ("critical", "low", None)]
)
def test_raised_severity_of_an_incident_is_a_sign(before: str, after: str, severity: float | None) -> None:
    body = payload("written_incident_opened", action="update", severity=after)
    body["changes"] = {"severity": {"previous": before, "current": after}}

    reading = read(body)

    assert (reading.observations[0].severity if isinstance(reading, Mapped) else None) == severity


def test_issue_that_becomes_an_incident_is_reported() -> None:
    body = payload("written_incident_opened", action="update")
    body["changes"] = {"type": {"previous": "Issue", "current": "Incident"}}

    assert observed(body).attributes["state"] == "reported"


def test_ticket_from_outside_that_comes_back_is_a_dissatisfied_customer_without_name() -> None:
    observation = observed(payload("written_ticket_reopened"))

    assert observation.kind == "customer.dissatisfied"
    assert not {"cam", "customer.example", "nothing works"} & set(repr(observation).lower().split())
    assert "customer.example" not in repr(observation)


def test_unmarked_issue_that_comes_back_is_no_trouble() -> None:
    assert isinstance(read(payload("written_bug_reopened", action="approved")), Ignored)
    body = payload("written_bug_reopened")
    body["labels"] = []

    assert isinstance(read(body), Ignored)


def test_put_off_and_at_risk_are_two_delays() -> None:
    reading = read(payload("written_issue_put_off_at_risk"))

    assert isinstance(reading, Mapped)
    assert [one.summary for one in reading.observations] == [
        "Work in northwind/shop/checkout was put off by 17 days",
        "Work in northwind/shop/checkout is at risk",
    ]


@pytest.mark.parametrize(
    ("written", "occurred_at"),
    [
        ("2026-11-24 09:10:00 UTC", datetime(2026, 11, 24, 9, 10, tzinfo=UTC)),
        ("2026-11-24 10:10:00 +0100", datetime(2026, 11, 24, 9, 10, tzinfo=UTC)),
        ("2026-11-24T09:10:00.000Z", datetime(2026, 11, 24, 9, 10, tzinfo=UTC)),
        ("2026-11-24 09:10:00", None),
        ("soon", None),
    ],
)
def test_times_are_read_as_gitlab_writes_them(written: str, occurred_at: datetime | None) -> None:
    assert observed(payload("written_pipeline_failed", finished_at=written)).occurred_at == occurred_at


def test_vulnerability_that_is_confirmed_happened_then() -> None:
    body = payload("written_vulnerability_detected", state="confirmed", confirmed_at="2026-11-24T10:00:00Z")

    assert observed(body).occurred_at == datetime(2026, 11, 24, 10, tzinfo=UTC)


KEY = "dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q="


def signed(sent_at: datetime, body: bytes = b"{}") -> Webhook:
    time = str(int(sent_at.timestamp()))
    digest = hmac.new(b64decode(KEY), f"7.{time}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{b64encode(digest).decode()}"
    return Webhook({"webhook-id": "7", "webhook-timestamp": time, "webhook-signature": signature}, body)


def test_signing_token_covers_id_time_and_body() -> None:
    assert gitlab.signature.doubt([f"whsec_{KEY}"], signed(NOW), NOW) is None
    assert gitlab.signature.doubt([KEY], signed(NOW), NOW) is None
    assert gitlab.signature.doubt([KEY], signed(NOW - timedelta(minutes=6)), NOW) is Doubt.UNTIMELY
    assert gitlab.signature.doubt([KEY], Webhook(signed(NOW).headers, b"{ }"), NOW) is Doubt.FORGED
    assert gitlab.signature.delivery_id(signed(NOW)) == "7"


def test_secret_token_comes_as_it_is() -> None:
    assert gitlab.signature.doubt(["secret"], Webhook({"x-gitlab-token": "secret"}, b"{}"), NOW) is None
    assert gitlab.signature.doubt(["secret"], Webhook({"x-gitlab-token": "other"}, b"{}"), NOW) is Doubt.FORGED
    assert gitlab.signature.doubt(["secret"], Webhook({}, b"{}"), NOW) is Doubt.UNSIGNED


def test_pipeline_of_a_change_is_not_that_of_the_default_branch_even_if_its_branch_has_the_name() -> None:
    assert observed(payload("written_pipeline_failed", ref="main", source="push")).severity == 0.7
    assert observed(payload("written_pipeline_failed", ref="main", source="merge_request_event")).severity == 0.5


@pytest.mark.parametrize(("tier", "severity"), [("staging", 0.5), ("other", 0.9), ("production", 0.9)])
def test_name_counts_only_where_the_tier_says_nothing(tier: str, severity: float) -> None:
    body = payload("written_deployment_failed")
    body.update(environment_tier=tier, environment="prod-eu")

    assert observed(body).severity == severity


@pytest.mark.parametrize("elsewhere", ["duplicated_to_id", "moved_to_id"])
def test_issue_that_goes_on_elsewhere_is_not_done_late(elsewhere: str) -> None:
    assert observed(payload("written_issue_closed_late")).kind == "delivery.delayed"
    assert isinstance(read(payload("written_issue_closed_late", **{elsewhere: 7})), Ignored)
