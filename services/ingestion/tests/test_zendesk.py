"""What Zendesk's webhooks mean, and how they are signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Doubt, Ignored, Mapped, Observation, Webhook

PAYLOADS = Path(__file__).parent / "payloads" / "zendesk"
zendesk = CONNECTORS["zendesk"]

# The secret that Zendesk documents for webhooks that are tested before they are made, and the time in its example.
SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
SENT_AT = "2021-03-25T05:09:27Z"
NOW = datetime.fromisoformat(SENT_AT)
BODY = '{"title": "Ümlaut"}'.encode()


def payload(name: str) -> Any:
    return json.loads((PAYLOADS / f"written_{name}.json").read_text())


def observed(body: Any) -> Observation:
    reading = zendesk.read({}, body)
    assert isinstance(reading, Mapped), reading
    (observation,) = reading.observations
    return observation


def status_changed(previous: Any, current: Any) -> Any:
    return {**payload("ticket_status_changed_reopened"), "event": {"previous": previous, "current": current}}


def triggered(**fields: Any) -> Any:
    return {**payload("trigger_sla_breached"), **fields}


@pytest.mark.parametrize(
    ("previous", "current"), [("SOLVED", "OPEN"), ("solved", "pending"), ("CLOSED", "NEW"), ("SOLVED", "HOLD")]
)
def test_solved_ticket_that_is_open_again_is_a_dissatisfied_customer(previous: str, current: str) -> None:
    observation = observed(status_changed(previous, current))

    assert (observation.kind, observation.severity) == ("customer.dissatisfied", 0.75)
    assert observation.summary == "A ticket in group 8447320466430 of Zendesk was reopened"
    assert observation.occurred_at == datetime.fromisoformat("2026-11-24T10:12:07.672717+00:00")


@pytest.mark.parametrize(
    ("previous", "current"), [("OPEN", "SOLVED"), ("SOLVED", "CLOSED"), ("NEW", "OPEN"), (None, "OPEN"), ("SOLVED", 7)]
)
def test_other_changes_of_the_status_are_no_trouble(previous: Any, current: Any) -> None:
    assert isinstance(zendesk.read({}, status_changed(previous, current)), Ignored)


@pytest.mark.parametrize(
    ("priority", "severity"), [("URGENT", 1.0), ("high", 0.75), ("Normal", 0.5), ("LOW", 0.25), (None, 0.5)]
)
def test_priority_makes_the_severity(priority: str | None, severity: float) -> None:
    body = payload("ticket_created_incident")
    body["detail"]["priority"] = priority

    assert observed(body).severity == severity
    assert observed(body).unknown == ()


def test_priority_that_nobody_here_knows_is_neutral_and_named() -> None:
    observation = observed(triggered(priority="P7"))

    assert (observation.severity, observation.unknown) == (0.5, ("priority P7",))


def test_imported_ticket_that_is_done_already_is_no_trouble() -> None:
    body = payload("ticket_created_incident")
    body["detail"]["status"] = "CLOSED"

    assert isinstance(zendesk.read({}, body), Ignored)


@pytest.mark.parametrize(
    "event", ["user.created", "ticket.merged", "article.published", "ticket.sla_policy_changed", ""]
)
def test_other_events_are_ignored(event: str) -> None:
    body = {**payload("ticket_created_incident"), "type": f"zen:event-type:{event}"}

    assert isinstance(zendesk.read({}, body), Ignored)


@pytest.mark.parametrize(
    ("rating", "severity"),
    [
        ("Bad, I'm unsatisfied", 0.75),
        ("bad with comment", 0.75),
        ("1", 1.0),
        (1, 1.0),
        (2, 0.75),
        ("Schlecht", 0.75),
        ("Purple", 0.5),
    ],
)
def test_bad_rating_is_a_dissatisfied_customer(rating: Any, severity: float) -> None:
    observation = observed(triggered(event="rated", rating=rating))

    assert (observation.kind, observation.severity) == ("customer.dissatisfied", severity)


@pytest.mark.parametrize("rating", ["Good, I'm satisfied", "good with comment", 3, "5", "offered", "", None])
def test_other_ratings_are_no_trouble(rating: Any) -> None:
    assert isinstance(zendesk.read({}, triggered(event="rated", rating=rating)), Ignored)


def test_rating_that_stands_in_every_template_is_told_when_it_is_given_only() -> None:
    assert observed(triggered(event="sla_breached", rating="Bad")).kind == "service.breached"
    assert isinstance(zendesk.read({}, triggered(event="updated", rating="Bad")), Ignored)


def test_template_may_wrap_the_ticket() -> None:
    body = triggered(priority="Urgent")
    wrapped = {"event": body.pop("event"), "ticket": body}

    assert observed(wrapped).attribution["queue"] == "Billing"
    assert observed(wrapped).url == "https://northwind.zendesk.com/agent/tickets/5158"


def test_address_without_scheme_and_name_in_place_of_an_address_are_left_out() -> None:
    observation = observed(triggered(url="northwind.zendesk.com/agent/tickets/5158", assignee_email="Dana Doe"))

    assert observation.url is None
    assert "person" not in observation.attribution


def doubt(signature: str, sent_at: str = SENT_AT, now: datetime = NOW, secret: str = SECRET) -> Doubt | None:
    headers = {"x-zendesk-webhook-signature": signature, "x-zendesk-webhook-signature-timestamp": sent_at}
    return zendesk.signature.doubt([secret], Webhook(headers, BODY), now)


def sign(sent_at: str, secret: str = SECRET) -> str:
    return b64encode(hmac.new(secret.encode(), sent_at.encode() + BODY, hashlib.sha256).digest()).decode()


def test_time_and_body_are_signed() -> None:
    assert doubt(sign(SENT_AT)) is None
    assert doubt(sign(SENT_AT, "other")) is Doubt.FORGED
    assert doubt(sign(SENT_AT), "2021-03-25T05:09:28Z") is Doubt.FORGED
    assert doubt("") is Doubt.UNSIGNED


@pytest.mark.parametrize("minutes", [-6, 6])
def test_signature_of_another_time_is_not_believed(minutes: int) -> None:
    assert doubt(sign(SENT_AT), now=NOW + timedelta(minutes=minutes)) is Doubt.UNTIMELY


@pytest.mark.parametrize("sent_at", ["", "yesterday", "2021-03-25T05:09:27", "ü"])
def test_broken_time_is_not_believed(sent_at: str) -> None:
    assert doubt(sign(sent_at), sent_at) is Doubt.UNTIMELY


@pytest.mark.parametrize("rating", ["Gut, ich bin zufrieden", "good_with_comment", "Bonne"])
def test_good_rating_is_no_trouble_in_any_language(rating: str) -> None:
    assert isinstance(zendesk.read({}, triggered(event="rated", rating=rating)), Ignored)


@pytest.mark.parametrize(("priority", "severity"), [("Dringend", 1.0), ("Hoch", 0.75), ("-", 0.5)])
def test_trigger_writes_the_priority_in_the_language_of_the_account(priority: str, severity: float) -> None:
    observation = observed(triggered(priority=priority))

    assert (observation.severity, observation.unknown) == (severity, ())


@pytest.mark.parametrize("event", ["Re-opened", "re_opened", "ticket re opened"])
def test_reopened_is_one_word_however_it_is_written(event: str) -> None:
    assert observed(triggered(event=event)).attributes["state"] == "reopened"
