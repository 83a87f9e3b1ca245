"""What HubSpot's webhooks mean, and how they are signed."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.hubspot.signature import decoded
from kinetic.ingestion.connectors.protocol import Doubt, Ignored, Mapped, Observation, Webhook

hubspot = CONNECTORS["hubspot"]


def change(kind: str, name: str, value: Any, **others: Any) -> dict[str, Any]:
    return {
        "portalId": 48807704,
        "occurredAt": 1795514400123,
        "subscriptionType": f"{kind}.propertyChange",
        "attemptNumber": 0,
        "objectId": 138017612137,
        "propertyName": name,
        "propertyValue": value,
        **others,
    }


def observed(*events: Any) -> tuple[Observation, ...]:
    reading = hubspot.read({}, list(events))
    return reading.observations if isinstance(reading, Mapped) else ()


@pytest.mark.parametrize(
    ("name", "value", "is_lost"),
    [
        ("dealstage", "closedlost", True),
        ("dealstage", "Closed Lost", True),
        ("dealstage", "closedwon", False),
        ("dealstage", "1003291", False),
        ("hs_is_closed_lost", "true", True),
        ("hs_is_closed_lost", True, True),
        ("hs_is_closed_lost", "false", False),
        ("amount", "closedlost", False),
    ],
)
def test_deal_is_lost_by_its_stage_or_by_being_closed_as_lost(name: str, value: Any, *, is_lost: bool) -> None:
    kinds = [one.kind for one in observed(change("deal", name, value))]

    assert kinds == (["sales.lost"] if is_lost else [])


def test_object_is_told_by_its_number_in_newer_subscriptions() -> None:
    assert observed(change("object", "dealstage", "closedlost", objectTypeId="0-3"))
    assert not observed(change("object", "dealstage", "closedlost", objectTypeId="0-1"))
    assert not observed(change("object", "dealstage", "closedlost"))


def test_one_deal_is_lost_once_in_a_batch_and_two_are_two() -> None:
    stage, flag = change("deal", "dealstage", "closedlost"), change("deal", "hs_is_closed_lost", "true")

    assert len(observed(stage, flag)) == 1
    assert len(observed(stage, {**flag, "objectId": 7})) == 2


def test_page_of_the_record_is_known() -> None:
    (observation,) = observed(change("deal", "dealstage", "closedlost"))

    assert observation.url == "https://app.hubspot.com/contacts/48807704/record/0-3/138017612137"
    assert observation.occurred_at == datetime(2026, 11, 24, 10, 0, 0, 123000, tzinfo=UTC)
    assert observed(change("deal", "dealstage", "closedlost", portalId=None))[0].url is None
    assert observed(change("deal", "dealstage", "closedlost", portalId="../x"))[0].url is None


@pytest.mark.parametrize(
    ("value", "is_missed"), [("1", True), ("OVERDUE", True), ("0", False), ("2", False), ("4", False), ("", False)]
)
def test_service_level_is_missed_when_it_is_overdue(value: str, *, is_missed: bool) -> None:
    for name in ("close", "first_response", "next_response"):
        kinds = [one.kind for one in observed(change("ticket", f"hs_time_to_{name}_sla_status", value))]
        assert kinds == (["service.breached"] if is_missed else [])


def test_reopened_ticket_is_a_dissatisfied_customer() -> None:
    (observation,) = observed(change("ticket", "hs_ticket_reopened_at", "1795514400000"))

    assert observation.summary == "A ticket in HubSpot was reopened"
    assert not observed(change("ticket", "hs_ticket_reopened_at", ""))


@pytest.mark.parametrize(
    ("value", "severity"),
    [("DETRACTOR", 0.75), ("0", 0.75), ("PASSIVE", None), ("PROMOTER", None), ("2", None), ("odd", 0.5)],
)
def test_detractor_is_a_dissatisfied_customer(value: str, severity: float | None) -> None:
    for event in (
        change("object", "hs_response_group", value, objectTypeId="0-19"),
        change("contact", "hs_feedback_last_nps_rating", value),
    ):
        assert [one.severity for one in observed(event)] == ([] if severity is None else [severity])


@pytest.mark.parametrize(
    "kind", ["contact.creation", "deal.deletion", "ticket.associationChange", "contact.merge", None]
)
def test_other_events_are_ignored(kind: Any) -> None:
    body = [change("deal", "dealstage", "closedlost", subscriptionType=kind)]

    assert isinstance(hubspot.read({}, body), Ignored)


SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
V3_SENT_AT = datetime.fromtimestamp(1752613922.216, UTC)


def v3(now: datetime = V3_SENT_AT, sent_at: str = "1752613922216") -> Doubt | None:
    """The example of version 3 in HubSpot's "Validating requests"."""
    given = {
        "x-hubspot-signature-v3": "gbj1XPRvUt0noT7i7fXfTzOD4sLzQmf0VT28ZYq0EYg=",
        "x-hubspot-request-timestamp": sent_at,
    }
    body = (
        b'[{"eventId":531833541,"subscriptionId":3923621,"portalId":48807704,"appId":16111050,'
        b'"occurredAt":1752613920733,"subscriptionType":"contact.creation","attemptNumber":0,"objectId":138017612137,'
        b'"changeFlag":"CREATED","changeSource":"CRM_UI","sourceId":"userId:76023669"}]'
    )
    webhook = Webhook(given, body, "https://webhook.site/335453f5-94b3-49d9-b684-a55354d4b8df")
    return hubspot.signature.doubt(["cfc68c0b-4b4e-4ef8-b764-95350e4ea479"], webhook, now)


def older(version: str, signature: str, body: bytes, url: str = "", secret: str = SECRET) -> Doubt | None:
    headers = {"x-hubspot-signature": signature, "x-hubspot-signature-version": version}
    return hubspot.signature.doubt([secret], Webhook(headers, body, url), V3_SENT_AT)


def test_version_3_is_as_documented_and_in_time() -> None:
    assert v3() is None
    assert v3(V3_SENT_AT + timedelta(minutes=6)) is Doubt.UNTIMELY
    assert v3(V3_SENT_AT - timedelta(minutes=6)) is Doubt.UNTIMELY
    assert v3(sent_at="1752613922217") is Doubt.FORGED


def test_version_1_is_as_documented() -> None:
    body = (
        b'[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,'
        b'"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM",'
        b'"changeFlag":"NEW","appId":54321}]'
    )
    signature = "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"

    assert older("v1", signature, body) is None
    assert older("v1", signature, body + b" ") is Doubt.FORGED
    assert older("v1", signature, body, secret="other") is Doubt.FORGED


def test_version_2_is_as_documented() -> None:
    body, url = b'{"example_field":"example_value"}', "https://www.example.com/webhook_uri"
    signature = "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900"

    assert older("v2", signature, body, url) is None
    assert older("v2", signature, body, "http://www.example.com/webhook_uri") is Doubt.FORGED
    assert older("v1", signature, body, url) is Doubt.FORGED


@pytest.mark.parametrize(("version", "signature"), [("v9", "00"), ("v1", "ü"), ("v2", ""), ("", "00")])
def test_malformed_signature_is_no_error(version: str, signature: str) -> None:
    assert older(version, signature, b"{}") in (Doubt.FORGED, Doubt.UNSIGNED)


def test_wrong_newest_signature_is_not_helped_by_an_older_one() -> None:
    older_one = hashlib.sha256(SECRET.encode() + b"{}").hexdigest()
    headers = {"x-hubspot-signature-v3": "AAAA", "x-hubspot-signature": older_one, "x-hubspot-signature-version": "v1"}

    assert hubspot.signature.doubt([SECRET], Webhook(headers, b"{}"), V3_SENT_AT) is Doubt.FORGED


def test_address_is_signed_without_some_percent_codes() -> None:
    assert decoded("https://h/p%3Aa%2fb%3Fc%40d%21e%24f%27g%28h%29i%2Aj%2Ck%3Bl%20m%C3%BC") == (
        "https://h/p:a/b?c@d!e$f'g(h)i*j,k;l%20m%C3%BC"
    )
    message = b"POSThttps://h/a:b?x{}1752613922216"
    signature = b64encode(hmac.new(SECRET.encode(), message, hashlib.sha256).digest()).decode()
    headers = {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": "1752613922216"}

    assert hubspot.signature.doubt([SECRET], Webhook(headers, b"{}", "https://h/a%3Ab?x"), V3_SENT_AT) is None


@pytest.mark.parametrize("sent_at", ["", "yesterday", "-1", "9" * 30, "ü", "²"])
def test_broken_time_is_not_believed(sent_at: str) -> None:
    signature = b64encode(hmac.new(SECRET.encode(), b"POST{}" + sent_at.encode(), hashlib.sha256).digest()).decode()
    headers = {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": sent_at}

    assert hubspot.signature.doubt([SECRET], Webhook(headers, b"{}"), V3_SENT_AT) is Doubt.UNTIMELY


def test_second_attempt_is_the_same_delivery() -> None:
    first, again = (Webhook({}, f'[{{"eventId":1,"attemptNumber":{attempt}}}]'.encode()) for attempt in (0, 1))

    assert hubspot.signature.delivery_id(first) == hubspot.signature.delivery_id(again)
    assert hubspot.signature.delivery_id(first) != hubspot.signature.delivery_id(Webhook({}, b'[{"eventId":2}]'))


def test_older_workflow_names_the_account_and_the_contact_in_its_own_way() -> None:
    contact = {
        "vid": 3234574,
        "portal-id": 62515,
        "properties": {"hs_feedback_last_nps_rating": {"value": "detractor"}},
    }

    (observation,) = observed(contact)

    assert observation.attribution["account"] == "62515"
    assert observation.url == "https://app.hubspot.com/contacts/62515/record/0-1/3234574"


def test_stage_is_named_as_lost_in_another_language() -> None:
    assert [one.kind for one in observed(change("deal", "dealstage", "Verloren"))] == ["sales.lost"]
