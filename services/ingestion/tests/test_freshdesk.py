"""What Freshdesk's automation webhooks mean."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.freshdesk import Change, changes_of
from kinetic.ingestion.connectors.protocol import Doubt, Ignored, Mapped, Observation, Webhook

freshdesk = CONNECTORS["freshdesk"]


def told(triggered_event: str = "", **fields: Any) -> Any:
    return {
        "freshdesk_webhook": {
            "triggered_event": triggered_event,
            "ticket_url": "https://northwind.freshdesk.com/a/tickets/4711",
            "ticket_type": "Question",
            "ticket_status": "Open",
            "ticket_priority": "Medium",
            "ticket_group_name": "Billing",
            **fields,
        }
    }


def observed(body: Any) -> Observation:
    reading = freshdesk.read({}, body)
    assert isinstance(reading, Mapped), reading
    (observation,) = reading.observations
    return observation


@pytest.mark.parametrize(
    ("triggered_event", "changes"),
    [
        ("{priority:{from:3,to:1}}", {"priority": Change("3", "1")}),
        ("{ticket_action:created}", {"ticket_action": Change(None, "created")}),
        ("{status:{from:Resolved, to:Waiting on Customer}}", {"status": Change("resolved", "waiting on customer")}),
        (
            '{"status":{"from":"4","to":"2"},"note_type":"public"}',
            {"status": Change("4", "2"), "note_type": Change(None, "public")},
        ),
        ("{status:{from:,to:2}}", {"status": Change("", "2")}),
        ("nonsense", {}),
        ("{{{:,:}", {}),
    ],
)
def test_what_changed_is_read_from_the_words_of_freshdesk(triggered_event: str, changes: dict[str, Change]) -> None:
    assert changes_of(triggered_event) == changes


@pytest.mark.parametrize(("issue_type", "kind"), [("Incident", "service.incident"), ("Problem", "quality.defect")])
def test_new_ticket_is_trouble_by_its_type(issue_type: str, kind: str) -> None:
    observation = observed(told("{ticket_action:created}", ticket_type=issue_type, ticket_priority="High"))

    assert (observation.kind, observation.severity) == (kind, 0.75)
    assert observation.url == "https://northwind.freshdesk.com/a/tickets/4711"
    assert observation.occurred_at is None


@pytest.mark.parametrize("status", ["{from:4,to:2}", "{from:5,to:3}", "{from:Resolved,to:Open}", "{from:4,to:6}"])
def test_ticket_that_was_done_and_is_not_any_more_is_a_dissatisfied_customer(status: str) -> None:
    observation = observed(told(f"{{status:{status}}}"))

    assert (observation.kind, observation.summary) == ("customer.dissatisfied", "A ticket in Billing was reopened")


@pytest.mark.parametrize("status", ["{from:2,to:4}", "{from:4,to:5}", "{from:2,to:3}", "{from:2,to:6}"])
def test_other_changes_of_the_status_are_no_trouble(status: str) -> None:
    assert isinstance(freshdesk.read({}, told(f"{{status:{status}}}")), Ignored)


@pytest.mark.parametrize("priority", ["{from:1,to:3}", "{from:3,to:4}", "{from:Low,to:Urgent}"])
def test_priority_raised_to_high_is_an_escalation(priority: str) -> None:
    assert observed(told(f"{{priority:{priority}}}", ticket_priority="Urgent")).attributes["state"] == "escalated"


@pytest.mark.parametrize("priority", ["{from:4,to:3}", "{from:1,to:2}", "{from:3,to:3}"])
def test_other_changes_of_the_priority_are_no_escalation(priority: str) -> None:
    assert isinstance(freshdesk.read({}, told(f"{{priority:{priority}}}")), Ignored)


@pytest.mark.parametrize(
    ("priority", "severity", "unknown"),
    [("Urgent", 1.0, ()), (3, 0.75, ()), ("1", 0.25, ()), (None, 0.5, ()), ("P7", 0.5, ("priority P7",))],
)
def test_priority_makes_the_severity(priority: Any, severity: float, unknown: tuple[str, ...]) -> None:
    observation = observed(told(event="sla_breached", ticket_priority=priority))

    assert (observation.kind, observation.severity, observation.unknown) == ("service.breached", severity, unknown)


@pytest.mark.parametrize(
    ("rating", "severity"), [("Extremely dissatisfied", 1.0), (-103, 1.0), ("very unhappy", 0.9), ("Unhappy", 0.75)]
)
def test_bad_rating_is_a_dissatisfied_customer(rating: Any, severity: float) -> None:
    assert observed(told(event="rated", rating=rating, ticket_status="Closed")).severity == severity
    assert observed(told(f"{{customer_feedback:{rating}}}", ticket_status="Closed")).severity == severity


@pytest.mark.parametrize("rating", ["Neutral", "happy", 103, "Extremely happy", ""])
def test_other_ratings_are_no_trouble(rating: Any) -> None:
    assert isinstance(freshdesk.read({}, told(event="rated", rating=rating)), Ignored)


def test_secret_comes_as_a_header_or_as_a_password() -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    basic = {"authorization": "Basic " + b64encode(b"kinetic:secret").decode()}

    assert freshdesk.signature.doubt(["secret"], Webhook({"x-kinetic-token": "secret"}, b"{}"), now) is None
    assert freshdesk.signature.doubt(["secret"], Webhook(basic, b"{}"), now) is None
    assert freshdesk.signature.doubt(["other"], Webhook(basic, b"{}"), now) is Doubt.FORGED
    assert freshdesk.signature.doubt(["secret"], Webhook({}, b"{}"), now) is Doubt.UNSIGNED


def test_ticket_that_is_done_in_another_language_is_no_trouble() -> None:
    created = {"triggered_event": "{ticket_action:created}", "ticket_type": "Incident"}

    assert isinstance(freshdesk.read({}, {"freshdesk_webhook": {**created, "ticket_status": "Offen"}}), Mapped)
    assert isinstance(freshdesk.read({}, {"freshdesk_webhook": {**created, "ticket_status": "Gelöst"}}), Ignored)
