"""What PagerDuty's webhooks mean, and how they are signed."""

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

PAYLOADS = Path(__file__).parent / "payloads" / "pagerduty"
pagerduty = CONNECTORS["pagerduty"]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def payload(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text())


def triggered(**incident: Any) -> Any:
    body = payload("written_triggered_p1_v3")
    body["event"]["data"].update(incident)
    return body


def event(event_type: str, **incident: Any) -> Any:
    body = triggered(**incident)
    body["event"]["event_type"] = event_type
    return body


def observed(body: Any) -> Observation:
    reading = pagerduty.read({}, body)
    assert isinstance(reading, Mapped), reading
    (observation,) = reading.observations
    return observation


def test_an_incident_is_told_with_its_service_team_time_and_page() -> None:
    observation = observed(payload("written_triggered_p1_v3"))

    assert (observation.kind, observation.severity) == ("service.incident", 1.0)
    assert observation.summary == "An incident in Checkout API was reported"
    assert observation.attribution == {
        "service": "Checkout API",
        "team": "Payments",
        "escalation_policy": "Payments on-call",
    }
    assert observation.occurred_at == datetime.fromisoformat("2026-03-02T09:12:31.529+00:00")
    assert observation.url == "https://northwind.pagerduty.com/incidents/PGR0VU2"


@pytest.mark.parametrize(
    ("priority", "severity"),
    [
        ("P1", 1.0),
        ("p2", 0.75),
        ("P3", 0.5),
        ("P4", 0.25),
        ("P5", 0.1),
        ("SEV-1", 1.0),
        ("sev2", 0.75),
        ("Critical", 1.0),
    ],
)
def test_priority_makes_the_severity_whatever_the_urgency(priority: str, severity: float) -> None:
    assert observed(triggered(priority={"summary": priority}, urgency="low")).severity == severity


@pytest.mark.parametrize(("urgency", "severity"), [("high", 0.75), ("low", 0.25), (None, 0.5)])
def test_urgency_makes_the_severity_where_there_is_no_priority(urgency: str | None, severity: float) -> None:
    observation = observed(triggered(priority=None, urgency=urgency))

    assert (observation.severity, observation.unknown) == (severity, ())


def test_unknown_words_are_neutral_and_named() -> None:
    purple, severe = (
        observed(triggered(priority={"summary": "Purple"})),
        observed(triggered(priority=None, urgency="severe")),
    )

    assert (purple.severity, purple.unknown) == (0.5, ("priority Purple",))
    assert (severe.severity, severe.unknown) == (0.5, ("urgency severe",))


@pytest.mark.parametrize(
    ("event_type", "state"),
    [
        ("incident.triggered", "reported"),
        ("incident.reopened", "reopened"),
        ("incident.escalated", "escalated"),
        ("incident.unacknowledged", "unacknowledged"),
    ],
)
def test_trouble_that_begins_comes_back_or_waits_is_told(event_type: str, state: str) -> None:
    assert observed(event(event_type)).attributes["state"] == state


@pytest.mark.parametrize(
    "event_type",
    [
        *(
            "incident.acknowledged",
            "incident.resolved",
            "incident.reassigned",
            "incident.delegated",
            "incident.annotated",
        ),
        *("incident.status_update_published", "incident.responder.added", "incident.custom_field_values.updated"),
        *(
            "incident.workflow.completed",
            "incident.service_updated",
            "service.deleted",
            "pagey.ping",
            "incident.invented",
        ),
    ],
)
def test_ends_assignments_and_comments_are_no_trouble(event_type: str) -> None:
    assert isinstance(pagerduty.read({}, event(event_type)), Ignored)


def test_only_a_high_priority_is_a_new_sign() -> None:
    raised = observed(event("incident.priority_updated", priority={"summary": "P2"}))

    assert (raised.severity, raised.attributes["state"]) == (0.75, "given a high priority")
    for priority in ({"summary": "P3"}, {"summary": "Purple"}, None):
        assert isinstance(pagerduty.read({}, event("incident.priority_updated", priority=priority)), Ignored)


def test_security_incidents_are_findings() -> None:
    assert observed(triggered(incident_type={"name": "security_incident"})).kind == "security.finding"


def test_the_older_versions_mean_the_same() -> None:
    first, second = payload("unacknowledge"), payload("trigger_without_assignee_v2")
    first["messages"][0]["type"] = second["messages"][0]["event"] = "incident.escalate"

    assert observed(first).attributes["state"] == observed(second).attributes["state"] == "escalated"
    assert observed(first).attribution["person"] == "armooo@zulip.com"


def test_several_messages_are_each_told_with_the_facts_they_share() -> None:
    body = payload("unacknowledge")
    other = payload("unacknowledge")["messages"][0]
    other["data"]["incident"]["service"]["name"] = "Another service"
    body["messages"].append(other)

    reading = pagerduty.read({}, body)

    assert isinstance(reading, Mapped)
    assert [dict(one.attribution) for one in reading.observations] == [
        {"escalation_policy": "Default", "person": "armooo@zulip.com"}
    ] * 2


def test_what_people_wrote_and_who_they_are_stays_out() -> None:
    for file in sorted(PAYLOADS.glob("*.json")):
        told = repr(pagerduty.read({}, json.loads(file.read_text()))).lower()
        for secret in ("little bump", "test incident", "my new incident", "dana", "pig 208", "jason", "on fire"):
            assert secret not in told, f"{secret} in {file.name}"


def test_one_of_several_signatures_is_enough_and_the_version_counts() -> None:
    digest = hmac.new(b"secret", b"{}", hashlib.sha256).hexdigest()

    def doubt(signature: str) -> Doubt | None:
        return pagerduty.signature.doubt(["secret"], Webhook({"x-pagerduty-signature": signature}, b"{}"), NOW)

    assert doubt(f"v1={'0' * 64},v1={digest}") is None
    assert doubt(digest) is Doubt.FORGED
    assert doubt(f"v2={digest}") is Doubt.FORGED


@pytest.mark.parametrize(
    ("priority", "severity", "unknown"),
    [
        ("P1 - Outage", 1.0, ()),
        ("P3 (Moderate)", 0.5, ()),
        ("SEV-0", 1.0, ()),
        ("Severity 2", 0.75, ()),
        ("Priority 4", 0.25, ()),
        ("2 - High", 0.75, ()),
        ("P10", 0.5, ("priority P10",)),
        ("Purple", 0.5, ("priority Purple",)),
    ],
)
def test_rank_of_a_priority_counts_whatever_follows_it(
    priority: str, severity: float, unknown: tuple[str, ...]
) -> None:
    observation = observed(triggered(priority={"summary": priority}))

    assert (observation.severity, observation.unknown) == (severity, unknown)


def test_incident_that_turns_out_to_be_a_security_matter_is_a_finding() -> None:
    name = "incident.incident_type.changed"

    assert observed(event(name, incident_type={"name": "security_incident"})).kind == "security.finding"
    assert isinstance(pagerduty.read({}, event(name, incident_type={"name": "major_incident"})), Ignored)
