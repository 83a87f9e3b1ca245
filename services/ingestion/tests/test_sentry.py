"""What Sentry's webhooks mean, and how they are signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Doubt, Ignored, Mapped, Observation, Webhook

PAYLOADS = Path(__file__).parent / "payloads" / "sentry"
sentry = CONNECTORS["sentry"]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def payload(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text())


def issue(action: str, **fields: Any) -> Any:
    body = payload("written_issue_created_fatal")
    body["action"] = action
    body["data"]["issue"].update(fields)
    return body


def observed(body: Any) -> Observation:
    reading = sentry.read({}, body)
    assert isinstance(reading, Mapped), reading
    (observation,) = reading.observations
    return observation


def test_a_new_issue_is_a_defect_of_its_project() -> None:
    observation = observed(payload("written_issue_created_fatal"))

    assert (observation.kind, observation.severity) == ("quality.defect", 1.0)
    assert observation.summary == "A defect in checkout was reported"
    assert observation.attribution == {"project": "checkout"}
    assert observation.occurred_at == datetime.fromisoformat("2026-03-02T09:12:31.529+00:00")
    assert observation.url == "https://northwind.sentry.io/issues/1170820242/"


@pytest.mark.parametrize(
    ("level", "severity"),
    [("fatal", 1.0), ("error", 0.75), ("warning", 0.5), ("info", 0.25), ("debug", 0.1), (None, 0.5)],
)
def test_level_makes_the_severity(level: str | None, severity: float) -> None:
    observation = observed(issue("created", level=level))

    assert (observation.severity, observation.unknown) == (severity, ())


def test_unknown_words_are_neutral_and_named() -> None:
    alert = payload("written_metric_alert_critical")
    alert["action"] = "terrible"

    assert (observed(issue("created", level="purple")).unknown) == ("level purple",)
    assert (observed(alert).severity, observed(alert).unknown) == (0.5, ("metric alert terrible",))


@pytest.mark.parametrize(
    ("substatus", "state", "is_timed"),
    [("regressed", "reopened", True), ("escalating", "escalated", True), ("ongoing", "reopened", False)],
)
def test_an_issue_that_comes_back_is_told(substatus: str, state: str, is_timed: bool) -> None:
    observation = observed(issue("unresolved", substatus=substatus))

    assert (observation.kind, observation.attributes["state"]) == ("quality.defect", state)
    assert (observation.occurred_at is not None) == is_timed


@pytest.mark.parametrize("action", ["resolved", "assigned", "archived", "ignored", "invented", None])
def test_ends_and_assignments_are_no_trouble(action: Any) -> None:
    assert isinstance(sentry.read({}, issue(action)), Ignored)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"issueCategory": "performance"}, "quality.defect"),
        ({"issueCategory": "cron"}, "service.incident"),
        ({"issueCategory": "uptime"}, "service.incident"),
        ({"issueCategory": None, "issueType": "monitor_check_in_failure"}, "service.incident"),
        ({"issueCategory": None, "issueType": None}, "quality.defect"),
    ],
)
def test_what_does_not_answer_is_an_incident(fields: dict[str, Any], kind: str) -> None:
    assert observed(issue("created", **fields)).kind == kind


def test_who_is_assigned_is_concerned() -> None:
    assert observed(payload("written_issue_unresolved_regressed")).attribution["person"] == "dana@northwind.example"
    assert observed(payload("written_issue_unresolved_escalating")).attribution["team"] == "payments"


@pytest.mark.parametrize("name", ["written_event_alert_triggered", "written_error_created"])
def test_project_of_an_event_stands_in_its_address(name: str) -> None:
    observation = observed(payload(name))

    assert observation.attribution == {"project": "checkout", "team": "payments", "environment": "production"}
    assert observation.url is not None
    assert observation.url.startswith("https://sentry.io/organizations/northwind/issues/")


def test_project_of_an_event_without_address_is_its_number() -> None:
    body = payload("written_event_alert_triggered")
    body["data"]["event"]["url"] = None

    assert observed(body).attribution["project"] == "1"


@pytest.mark.parametrize(("action", "severity"), [("critical", 1.0), ("warning", 0.5)])
def test_a_metric_alert_is_an_incident(action: str, severity: float) -> None:
    body = payload("written_metric_alert_critical")
    body["action"] = action

    assert (observed(body).kind, observed(body).severity) == ("service.incident", severity)


def test_a_metric_alert_about_several_projects_is_none_of_theirs() -> None:
    assert "project" not in observed(payload("written_metric_alert_warning")).attribution


def test_the_plugin_means_the_same() -> None:
    observation = observed(payload("webhook_event_for_exception_python"))

    assert (observation.kind, observation.severity, observation.attribution) == (
        "quality.defect",
        0.75,
        {"project": "foo-live"},
    )
    assert observation.occurred_at == datetime.fromisoformat("2020-10-21T23:25:11.147672+00:00")


def test_customers_and_what_people_wrote_stay_out() -> None:
    for file in sorted(PAYLOADS.glob("*.json")):
        reading = sentry.read({}, json.loads(file.read_text()))
        told = repr(reading).lower().replace("'person': 'dana@northwind.example'", "")
        for secret in (
            "dana",
            "customer@",
            "foo@example.com",
            "162.218",
            "marmot",
            "custom exception",
            "program has entered",
        ):
            assert secret not in told, f"{secret} in {file.name}"


def test_the_body_is_signed_and_the_plugin_sends_the_secret_in_the_address() -> None:
    signature = hmac.new(b"secret", b"{}", hashlib.sha256).hexdigest()
    address = "https://kinetic.example/webhooks/7?token="

    def doubt(headers: dict[str, str], url: str = "") -> Doubt | None:
        return sentry.signature.doubt(["secret"], Webhook(headers, b"{}", url), NOW)

    assert doubt({"sentry-hook-signature": signature}) is None
    assert doubt({"sentry-hook-signature": "0" * 64}, f"{address}secret") is Doubt.FORGED
    assert doubt({}, f"{address}secret") is None
    assert doubt({}, f"{address}guess") is Doubt.FORGED
    assert doubt({}) is Doubt.UNSIGNED


@pytest.mark.parametrize("category", ["feedback", "FEEDBACK"])
def test_feedback_of_a_user_is_no_defect_but_a_dissatisfied_customer(category: str) -> None:
    observation = observed(issue("created", issueCategory=category, issueType="feedback", level="info"))

    assert (observation.kind, observation.severity) == ("customer.dissatisfied", 0.25)
    assert observation.summary == f"What a user wrote in {observation.attribution['project']} was reported"
    assert observation.attributes["state"] == "reported"


def test_sample_event_is_no_defect() -> None:
    body = payload("written_event_alert_triggered")
    body["data"]["event"]["tags"] = [["sample_event", "yes"]]

    assert isinstance(sentry.read({}, body), Ignored)
