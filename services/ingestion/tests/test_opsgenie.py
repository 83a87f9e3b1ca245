"""What Opsgenie's webhooks mean."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Observation

PAYLOADS = Path(__file__).parent / "payloads" / "opsgenie"
opsgenie = CONNECTORS["opsgenie"]


def payload(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text())


def action(name: str, **alert: Any) -> Any:
    body = payload("written_create_p1_with_details")
    body["action"] = name
    body["alert"].update(alert)
    return body


def observed(body: Any) -> Observation:
    reading = opsgenie.read({}, body)
    assert isinstance(reading, Mapped), reading
    (observation,) = reading.observations
    return observation


def test_an_alert_is_told_with_what_its_details_say() -> None:
    observation = observed(payload("written_create_p1_with_details"))

    assert (observation.kind, observation.severity) == ("service.incident", 1.0)
    assert observation.summary == "An incident in checkout was reported"
    assert observation.attribution == {
        "environment": "prod",
        "integration": "Kinetic",
        "service": "checkout",
        "team": "Payments",
    }
    assert observation.occurred_at == datetime.fromisoformat("2026-03-02T09:12:31.529+00:00")


@pytest.mark.parametrize(
    ("priority", "severity"),
    [("P1", 1.0), ("P2", 0.75), ("p3", 0.5), ("P4", 0.25), ("P5", 0.1), (1, 1.0), (5, 0.1), (None, 0.5)],
)
def test_priority_makes_the_severity_as_a_word_and_as_a_number(priority: Any, severity: float) -> None:
    observation = observed(action("Create", priority=priority))

    assert (observation.severity, observation.unknown) == (severity, ())


@pytest.mark.parametrize(("priority", "unknown"), [("Purple", "priority Purple"), (7, "priority 7")])
def test_unknown_priority_is_neutral_and_named(priority: Any, unknown: str) -> None:
    observation = observed(action("Create", priority=priority))

    assert (observation.severity, observation.unknown) == (0.5, (unknown,))


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("Create", "reported"),
        ("Escalate", "escalated"),
        ("EscalateToNext", "escalated"),
        ("UnAcknowledge", "unacknowledged"),
    ],
)
def test_trouble_that_begins_or_waits_is_told(name: str, state: str) -> None:
    assert observed(action(name)).attributes["state"] == state


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Acknowledge",
            "Close",
            "Delete",
            "AddNote",
            "AddTags",
            "RemoveTags",
            "AddRecipient",
            "AddTeam",
            "AddResponder",
        ),
        *(
            "AssignOwnership",
            "TakeOwnership",
            "Snooze",
            "SnoozeEnded",
            "UpdateMessage",
            "UpdateDescription",
            "Restart it",
            "",
        ),
    ],
)
def test_ends_assignments_and_notes_are_no_trouble(name: str) -> None:
    assert isinstance(opsgenie.read({}, action(name)), Ignored)


def test_only_a_raised_priority_is_a_new_sign() -> None:
    assert observed(action("UpdatePriority", priority="P2", oldPriority="P3")).severity == 0.75
    assert observed(action("UpdatePriority", priority="P1")).severity == 1.0
    for priority, before in (("P3", "P2"), ("P3", "P3"), ("Purple", "P5"), (None, "P5")):
        assert isinstance(opsgenie.read({}, action("UpdatePriority", priority=priority, oldPriority=before)), Ignored)


def test_who_gets_the_escalation_is_concerned() -> None:
    assert observed(payload("escalate")).attribution["person"] == "test@ifountain.com"
    assert observed(payload("written_escalate_to_team")).attribution["team"] == "Payments"


def test_team_is_named_by_its_id_where_its_name_is_not_said() -> None:
    observation = observed(action("Create", responders=None, teams=["4513b7ea"], details=None, entity="host-7"))

    assert (observation.attribution["team"], observation.attribution["service"]) == ("4513b7ea", "host-7")


def test_time_of_a_change_is_its_own() -> None:
    assert observed(payload("unacknowledge")).occurred_at == datetime.fromisoformat("2015-01-05T10:03:44.764002+00:00")
    assert observed(payload("escalate")).occurred_at is None


def test_what_people_wrote_and_who_they_are_stays_out() -> None:
    for file in sorted(PAYLOADS.glob("*.json")):
        told = repr(opsgenie.read({}, json.loads(file.read_text()))).lower()
        for secret in (
            "latency is",
            "cannot pay",
            "restarted",
            "another alert",
            "test alert",
            "dana",
            "fili@",
            "prometheus",
        ):
            assert secret not in told, f"{secret} in {file.name}"


def test_incident_that_comes_instead_of_an_alert_has_its_priority_and_time() -> None:
    incident = {"id": "1", "priority": "P1", "createdAt": 1772442751000, "teams": ["Payments"]}

    observation = observed({"action": "Create", "incident": incident, "integrationName": "Kinetic"})

    assert (observation.severity, observation.attribution["team"]) == (1.0, "Payments")
    assert observation.occurred_at is not None
