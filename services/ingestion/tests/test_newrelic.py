"""What New Relic's notifications mean."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Observation

PAYLOADS = Path(__file__).parent / "payloads" / "newrelic"
newrelic = CONNECTORS["newrelic"]


def payload(name: str, **fields: Any) -> Any:
    return {**json.loads((PAYLOADS / f"{name}.json").read_text()), **fields}


def issue(**fields: Any) -> Any:
    return payload("written_issue_activated_critical", **fields)


def incident(**fields: Any) -> Any:
    return payload("written_incident_open_warning_old", **fields)


def observed(body: Any) -> Observation:
    reading = newrelic.read({}, body)
    assert isinstance(reading, Mapped), reading
    (observation,) = reading.observations
    return observation


def test_an_active_issue_is_told_with_its_policy_condition_and_entity() -> None:
    observation = observed(issue())

    assert (observation.kind, observation.severity) == ("service.incident", 1.0)
    assert observation.summary == "An incident in checkout was reported"
    assert observation.attribution == {
        "service": "checkout",
        "policy": "Payments golden signals",
        "alert": "High latency",
        "integration": "Kinetic",
    }
    assert observation.occurred_at == datetime.fromisoformat("2026-03-02T09:12:31.529+00:00")
    assert (observation.url or "").startswith("https://radar-api.service.newrelic.com/accounts/2941966/issues/")


@pytest.mark.parametrize(
    ("priority", "severity"), [("CRITICAL", 1.0), ("HIGH", 0.75), ("Medium", 0.5), ("LOW", 0.25), (None, 0.5)]
)
def test_priority_makes_the_severity(priority: str | None, severity: float) -> None:
    assert observed(issue(priority=priority)).severity == severity


@pytest.mark.parametrize(("name", "severity"), [("CRITICAL", 1.0), ("WARNING", 0.5), ("INFO", 0.25)])
def test_severity_of_the_older_form_is_its_own(name: str, severity: float) -> None:
    assert observed(incident(severity=name)).severity == severity


def test_unknown_words_are_neutral_and_named() -> None:
    assert (observed(issue(priority="PURPLE")).severity, observed(issue(priority="PURPLE")).unknown) == (
        0.5,
        ("priority PURPLE",),
    )
    strange = observed(issue(state="hello world"))
    assert (strange.severity, strange.unknown) == (0.5, ("state hello world",))


@pytest.mark.parametrize("state", ["CREATED", "ACTIVATED", "active", "open"])
def test_open_issues_are_told(state: str) -> None:
    assert observed(issue(state=state)).severity == 1.0


@pytest.mark.parametrize(
    "fields",
    [
        *(
            {"state": "CLOSED"},
            {"state": "acknowledged"},
            {"state": None},
            {"isAcknowledged": True},
            {"mutingState": "MUTED"},
        ),
        *({"trigger": "INCIDENT_CLOSED"}, {"trigger": "CLOSE_TTL"}, {"trigger": "MERGE_REQUEST"}),
    ],
)
def test_ends_and_acknowledgements_are_no_trouble(fields: dict[str, Any]) -> None:
    assert isinstance(newrelic.read({}, issue(**fields)), Ignored)


@pytest.mark.parametrize("state", ["acknowledged", "closed", ""])
def test_the_older_form_ends_in_the_same_way(state: str) -> None:
    assert isinstance(newrelic.read({}, incident(current_state=state)), Ignored)


def test_only_a_high_priority_is_a_new_sign() -> None:
    assert observed(issue(trigger="PRIORITY_CHANGED", priority="HIGH")).severity == 0.75
    for priority in ("MEDIUM", "LOW", "PURPLE", None):
        assert isinstance(newrelic.read({}, issue(trigger="PRIORITY_CHANGED", priority=priority)), Ignored)


def test_what_is_added_happens_when_it_is_added() -> None:
    observation = observed(issue(trigger="INCIDENT_ADDED"))

    assert observation.occurred_at == datetime.fromisoformat("2026-03-02T09:12:32.529+00:00")


@pytest.mark.parametrize("time", [160513393115100000, "soon", -1, None, 1.5])
def test_impossible_times_are_not_said(time: Any) -> None:
    assert observed(issue(createdAt=time)).occurred_at is None


def test_what_the_template_says_counts_more_than_the_entity() -> None:
    observation = observed(payload("written_issue_activated_with_tags"))

    assert (observation.attribution["service"], observation.attribution["team"]) == ("checkout-api", "payments")


def test_labels_of_the_target_are_facts_in_the_older_form() -> None:
    facts = observed(incident()).attribution

    assert (facts["team"], facts["environment"], facts["service"]) == ("payments", "prod", "checkout")


def test_what_people_wrote_and_who_they_are_stays_out() -> None:
    for file in sorted(PAYLOADS.glob("*.json")):
        told = repr(newrelic.read({}, json.loads(file.read_text()))).lower()
        for secret in ("cannot pay", "dana", "alice", "violation description"):
            assert secret not in told, f"{secret} in {file.name}"


def test_what_a_user_does_to_an_issue_is_no_new_trouble_though_it_stays_active() -> None:
    assert isinstance(newrelic.read({}, issue(state="ACTIVATED", trigger="USER_ACTION")), Ignored)


@pytest.mark.parametrize("state", ["test", "DEACTIVATED"])
def test_tests_and_deactivated_issues_are_no_trouble(state: str) -> None:
    assert isinstance(newrelic.read({}, incident(current_state=state)), Ignored)
