"""What Intercom's notifications mean, and how they are signed."""

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

PAYLOADS = Path(__file__).parent / "payloads" / "intercom"
intercom = CONNECTORS["intercom"]
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def payload(name: str, **item: Any) -> Any:
    """A payload, with something else in its conversation or ticket."""
    body = json.loads((PAYLOADS / f"{name}.json").read_text())
    body["data"]["item"].update(item)
    return body


def observed(body: Any) -> Observation:
    reading = intercom.read({}, body)
    assert isinstance(reading, Mapped), reading
    (observation,) = reading.observations
    return observation


@pytest.mark.parametrize(("rating", "severity"), [(1, 1.0), (2, 0.75), ("1", 1.0), (7, 0.5)])
def test_bad_rating_is_a_dissatisfied_customer(rating: Any, severity: float) -> None:
    observation = observed(payload("written_conversation_rating_one", conversation_rating={"rating": rating}))

    assert (observation.kind, observation.severity) == ("customer.dissatisfied", severity)


@pytest.mark.parametrize("rating", [3, 4, 5, None, True])
def test_other_ratings_are_no_trouble(rating: Any) -> None:
    body = payload("written_conversation_rating_one", conversation_rating={"rating": rating, "remark": "1"})

    assert isinstance(intercom.read({}, body), Ignored)


def test_rating_happened_when_it_was_given() -> None:
    assert observed(payload("written_conversation_rating_one")).occurred_at == datetime(2026, 11, 24, 9, 20, tzinfo=UTC)


def test_conversation_that_is_opened_again_is_a_dissatisfied_customer() -> None:
    old, new = payload("conversation_admin_opened"), payload("written_conversation_admin_opened")

    assert observed(old).url == "https://app.intercom.io/a/apps/i6wc9ipe/conversations/21330229536"
    assert observed(new).url == (
        "https://app.intercom.com/a/inbox/abc123def/inbox/shared/all/conversation/215472621202693"
    )
    assert observed(old).summary == "A conversation in Intercom was reopened"
    assert observed(new).summary == "A conversation in group 9680998 of Intercom was reopened"


def test_reply_is_trouble_only_where_it_opens_a_closed_conversation() -> None:
    assert observed(payload("written_conversation_user_replied_reopens")).attributes["state"] == "reopened"
    assert isinstance(intercom.read({}, payload("conversation_user_replied")), Ignored)


@pytest.mark.parametrize(("status", "is_missed"), [("missed", True), ("hit", False), ("cancelled", False)])
def test_service_level_is_told_when_the_conversation_ends(status: str, *, is_missed: bool) -> None:
    reading = intercom.read({}, payload("written_conversation_admin_closed_late", sla_applied={"sla_status": status}))

    assert isinstance(reading, Mapped) is is_missed


@pytest.mark.parametrize(
    ("before", "after", "is_reopened"),
    [
        ("resolved", "in_progress", True),
        ("resolved", "waiting_on_customer", True),
        ("resolved", "resolved", False),
        ("submitted", "in_progress", False),
        (None, "in_progress", False),
    ],
)
def test_ticket_is_reopened_when_it_leaves_resolved(before: Any, after: str, *, is_reopened: bool) -> None:
    changed = {"previous_ticket_state": before, "ticket_state": after, "created_at": 1795512530}
    body = payload("written_ticket_state_updated_reopened", ticket_parts={"ticket_parts": [changed]})

    assert isinstance(intercom.read({}, body), Mapped) is is_reopened


def test_ticket_may_be_wrapped_once_more() -> None:
    body = payload("written_ticket_closed_wrapped")
    body["data"]["item"]["ticket"]["sla_applied"] = {"sla_status": "missed"}

    assert observed(body).kind == "service.breached"


def test_teammate_is_found_in_old_and_new_payloads_and_never_a_customer() -> None:
    assert observed(payload("conversation_admin_opened")).attribution["person"] == "jerryguitarist@gmail.com"
    assert observed(payload("written_conversation_admin_opened")).attribution["person"] == "dana@northwind.example"
    assert "person" not in observed(payload("written_conversation_user_replied_reopens")).attribution


def test_team_is_the_queue() -> None:
    old = payload("conversation_admin_opened", assignee={"type": "team", "id": "7", "name": "Billing"})
    none = payload("written_conversation_admin_opened", team_assignee_id="0")

    assert observed(old).attribution["queue"] == "Billing"
    assert "queue" not in observed(none).attribution


BODY = b'{"id":"notif_1","delivery_attempts":1,"data":{}}'


def signed(body: bytes) -> Webhook:
    return Webhook({"x-hub-signature": "sha1=" + hmac.new(b"secret", body, hashlib.sha1).hexdigest()}, body)


def test_body_is_signed_with_sha1() -> None:
    assert intercom.signature.doubt(["secret"], signed(BODY), NOW) is None
    assert intercom.signature.doubt(["other"], signed(BODY), NOW) is Doubt.FORGED
    assert intercom.signature.doubt(["secret"], Webhook(signed(BODY).headers, BODY + b" "), NOW) is Doubt.FORGED
    assert intercom.signature.doubt(["secret"], Webhook({}, BODY), NOW) is Doubt.UNSIGNED


def test_second_attempt_is_the_same_delivery() -> None:
    again, other = BODY.replace(b":1,", b":2,"), BODY.replace(b"notif_1", b"notif_2")

    assert intercom.signature.delivery_id(signed(again)) == intercom.signature.delivery_id(signed(BODY))
    assert intercom.signature.delivery_id(signed(other)) != intercom.signature.delivery_id(signed(BODY))
