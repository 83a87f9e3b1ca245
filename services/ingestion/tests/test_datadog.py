"""What Datadog's webhooks mean."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Observation

PAYLOADS = Path(__file__).parent / "payloads" / "datadog"
datadog = CONNECTORS["datadog"]


def payload(name: str, **fields: Any) -> Any:
    return {**json.loads((PAYLOADS / f"written_{name}.json").read_text()), **fields}


def monitor(**fields: Any) -> Any:
    return payload("monitor_triggered", **fields)


def observed(body: Any) -> Observation:
    reading = datadog.read({}, body)
    assert isinstance(reading, Mapped), reading
    (observation,) = reading.observations
    return observation


def test_an_alert_is_told_with_what_its_tags_say() -> None:
    observation = observed(monitor())

    assert (observation.kind, observation.severity) == ("service.incident", 1.0)
    assert observation.summary == "An incident in checkout was reported"
    assert observation.attribution == {
        "service": "checkout",
        "team": "payments",
        "environment": "prod",
        "alert": "1234567",
        "account": "Northwind",
    }
    assert observation.occurred_at == datetime.fromisoformat("2026-03-02T09:12:31+00:00")
    assert observation.url == "https://app.datadoghq.eu/event/event?id=7514398571234567890"


@pytest.mark.parametrize(
    ("priority", "severity"),
    [("P1", 1.0), ("P2", 0.75), ("p3", 0.5), ("P4", 0.25), ("P5", 0.1), ("normal", 0.75), ("", 0.75), (None, 0.75)],
)
def test_priority_makes_the_severity_and_the_transition_where_there_is_none(priority: Any, severity: float) -> None:
    observation = observed(monitor(alert_priority=priority))

    assert (observation.severity, observation.unknown) == (severity, ())


@pytest.mark.parametrize(
    ("transition", "severity"),
    [
        *(("Triggered", 0.75), ("Re-Triggered", 0.75), ("Renotify", 0.75), ("Warn", 0.5), ("Re-Warn", 0.5)),
        *(("No Data", 0.5), ("Re-No Data", 0.5)),
    ],
)
def test_whatever_is_not_over_is_told(transition: str, severity: float) -> None:
    assert observed(monitor(alert_transition=transition, alert_priority="")).severity == severity


def test_unknown_words_are_neutral_and_named() -> None:
    wobbly, purple = observed(monitor(alert_transition="Wobbly")), observed(monitor(alert_priority="Purple"))
    incident = observed(payload("incident_declared", incident_status="odd"))

    assert (wobbly.severity, wobbly.unknown) == (0.5, ("transition wobbly",))
    assert (purple.severity, purple.unknown) == (0.5, ("priority Purple",))
    assert (incident.severity, incident.unknown) == (0.5, ("incident status odd",))


@pytest.mark.parametrize(
    "fields",
    [
        {"alert_transition": "Recovered"},
        {"alert_transition": "", "alert_type": "success"},
        {"alert_transition": None, "alert_type": "info"},
    ],
)
def test_what_recovered_is_no_trouble_any_more(fields: dict[str, Any]) -> None:
    assert isinstance(datadog.read({}, monitor(**fields)), Ignored)


@pytest.mark.parametrize(
    ("event_type", "kind", "summary"),
    [
        ("metric_slo_alert", "service.breached", "A service level in checkout was missed"),
        ("monitor_slo_alert", "service.breached", "A service level in checkout was missed"),
        ("ci_pipelines_alert", "delivery.failed", "A pipeline in checkout failed"),
        ("ci_tests_alert", "delivery.failed", "A test run in checkout failed"),
        ("error_tracking_alert", "quality.defect", "A defect in checkout was reported"),
        ("synthetics_alert", "service.incident", "An incident in checkout was reported"),
        ("invented_alert", "service.incident", "An incident in checkout was reported"),
    ],
)
def test_what_is_monitored_makes_the_kind(event_type: str, kind: str, summary: str) -> None:
    observation = observed(monitor(event_type=event_type))

    assert (observation.kind, observation.summary) == (kind, summary)


@pytest.mark.parametrize(
    ("severity", "value"),
    [("SEV-1", 1.0), ("SEV-2", 0.75), ("SEV-3", 0.5), ("SEV-4", 0.25), ("SEV-5", 0.1), ("UNKNOWN", 0.5)],
)
def test_a_declared_incident_is_as_bad_as_it_says(severity: str, value: float) -> None:
    observation = observed(payload("incident_declared", incident_severity=severity))

    assert (observation.kind, observation.severity, observation.unknown) == ("service.incident", value, ())
    assert observation.attribution == {"service": "checkout", "team": "payments", "account": "Northwind"}
    assert observation.url == "https://app.datadoghq.eu/incidents/42"


@pytest.mark.parametrize("status", ["stable", "resolved", "completed"])
def test_an_incident_that_is_not_active_is_no_trouble_any_more(status: str) -> None:
    assert isinstance(datadog.read({}, payload("incident_declared", incident_status=status)), Ignored)


def test_a_security_signal_is_a_finding() -> None:
    observation = observed(payload("security_signal"))

    assert (observation.kind, observation.severity) == ("security.finding", 0.75)


def test_variables_that_were_not_filled_in_say_nothing() -> None:
    observation = observed(payload("monitor_unfilled_variables"))

    assert (observation.kind, observation.severity) == ("service.incident", 0.75)


def test_keys_may_be_written_in_any_way() -> None:
    told = {"alertTransition": "Warn", "ALERT_PRIORITY": "P4", "$TAGS": "team:payments", "$DATE": 1772442751000}

    observation = observed(told)

    assert (observation.severity, dict(observation.attribution)) == (0.25, {"team": "payments"})
    assert observation.occurred_at == observed(monitor()).occurred_at
    assert observed(payload("nested_alert")).attribution["alert"] == "1234567"


def test_words_in_brackets_say_what_happened_in_the_default_payload() -> None:
    assert observed(payload("default_payload_triggered")).severity == 0.75
    assert observed(payload("default_payload_triggered", title="[P4] [Warn] Disk")).severity == 0.25
    assert observed(payload("default_payload_triggered", title="[Re-No Data on {host:a}] Disk")).severity == 0.5
    for title in ("[Recovered] Disk", "[Memory Alert] Disk", "Triggered", "[P1] Disk"):
        assert isinstance(datadog.read({}, payload("default_payload_triggered", title=title)), Ignored)


def test_many_tags_are_all_read() -> None:
    tags = ",".join([*(f"tag{n}:{n}" for n in range(100)), "team:search"])

    assert observed(monitor(tags=tags)).attribution["team"] == "search"


def test_what_people_wrote_stays_out() -> None:
    for file in sorted(PAYLOADS.glob("*.json")):
        told = repr(datadog.read({}, json.loads(file.read_text()))).lower()
        for secret in ("cannot pay", "dana", "host is down", "brute force"):
            assert secret not in told, f"{secret} in {file.name}"


@pytest.mark.parametrize(
    "fields", [{"title": "[TEST] [Triggered on {env:x}] Late"}, {"event_title": "[Test] [P1] Late"}]
)
def test_tried_notification_is_no_incident(fields: dict[str, str]) -> None:
    assert observed(monitor(title="[Triggered on {env:x}] Late")).kind == "service.incident"
    assert isinstance(datadog.read({}, monitor(**fields)), Ignored)
