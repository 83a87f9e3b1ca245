"""How Kinetic signs a test event: as each tool documents it, put together here once more."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kinetic.ingestion.connectors import CONNECTORS, connector_for, xapi
from kinetic.ingestion.connectors.protocol import Doubt, Webhook
from kinetic.ingestion.connectors.signatures import Token, reads_url
from services.ingestion.tests.test_generic import MAPPING

NOW = datetime(2026, 11, 24, 12, 30, 15, 250_000, tzinfo=UTC)
SECONDS, MILLISECONDS = 1795523415, 1795523415250
URL = "https://kinetic.example/webhooks/7"
SECRET = "whsec_" + b64encode(b"a secret of the tool").decode()
BODY = b'{"webhookTimestamp": 1700000000000, "title": "x"}'
SENT = Webhook({"x-event": "issue"}, BODY, URL)


def digest(message: bytes, algorithm: str = "sha256", key: bytes = SECRET.encode()) -> bytes:
    return hmac.new(key, message, algorithm).digest()


def in_base64(raw: bytes) -> str:
    return b64encode(raw).decode()


STANDARD = {
    "webhook-id": "d-1",
    "webhook-timestamp": str(SECONDS),
    "webhook-signature": "v1,"
    + in_base64(digest(f"d-1.{SECONDS}.".encode() + BODY, key=b64decode(SECRET.removeprefix("whsec_")))),
}
TOKEN = {"x-kinetic-token": SECRET}
ZENDESK_TIME = "2026-11-24T12:30:15Z"
HEADERS = {
    **dict.fromkeys(
        (
            "alertmanager",
            "azuredevops",
            "datadog",
            "freshdesk",
            "newrelic",
            "opsgenie",
            "salesforce",
            "servicenow",
        ),
        TOKEN,
    ),
    "github": {"x-hub-signature-256": f"sha256={digest(BODY).hex()}"},
    "gitlab": STANDARD,
    "grafana": {
        "x-grafana-alerting-timestamp": str(SECONDS),
        "x-grafana-alerting-signature": digest(f"{SECONDS}:".encode() + BODY).hex(),
    },
    "hubspot": {
        "x-hubspot-request-timestamp": str(MILLISECONDS),
        "x-hubspot-signature-v3": in_base64(digest(f"POST{URL}".encode() + BODY + str(MILLISECONDS).encode())),
    },
    "intercom": {"x-hub-signature": f"sha1={digest(BODY, 'sha1').hex()}"},
    "jira": {"x-hub-signature": f"sha256={digest(BODY).hex()}"},
    "pagerduty": {"x-pagerduty-signature": f"v1={digest(BODY).hex()}"},
    "sentry": {"sentry-hook-signature": digest(BODY).hex()},
    "trello": {"x-trello-webhook": in_base64(digest(BODY + URL.encode(), "sha1"))},
    "zendesk": {
        "x-zendesk-webhook-signature-timestamp": ZENDESK_TIME,
        "x-zendesk-webhook-signature": in_base64(digest(ZENDESK_TIME.encode() + BODY)),
    },
}


def sign(tool: str, sent: Webhook = SENT, secret: str = SECRET) -> Webhook:
    return CONNECTORS[tool].signature.sign(secret, sent, NOW, "d-1")


@pytest.mark.parametrize("tool", sorted(HEADERS))
def test_a_webhook_is_signed_as_the_tool_documents_it(tool: str) -> None:
    assert sign(tool) == Webhook({"x-event": "issue", **HEADERS[tool]}, BODY, URL)


def test_linear_signs_a_body_that_holds_the_time() -> None:
    signed = sign("linear")
    assert json.loads(signed.body) == {"webhookTimestamp": MILLISECONDS, "title": "x"}
    assert signed.headers["linear-signature"] == digest(signed.body).hex()


def test_statuspage_knows_no_headers_and_calls_the_address_with_the_token() -> None:
    assert sign("statuspage", secret="a+b/c=&d") == Webhook(SENT.headers, BODY, f"{URL}?token=a%2Bb%2Fc%3D%26d")
    asked = Webhook({}, BODY, f"{URL}?page=1")
    assert Token(parameter="token").sign("s", asked, NOW, "d-1").url == f"{URL}?page=1&token=s"


@pytest.mark.parametrize("tool", sorted(CONNECTORS))
def test_what_is_signed_is_believed_at_that_time_with_that_secret_alone(tool: str) -> None:
    signature, signed = CONNECTORS[tool].signature, sign(tool)
    assert signature.doubt(["another", SECRET], signed, NOW) is None
    assert signature.doubt(["another"], signed, NOW) is Doubt.FORGED
    if tool in ("gitlab", "grafana", "hubspot", "linear", "zendesk"):
        assert signature.doubt([SECRET], signed, NOW + timedelta(minutes=6)) is Doubt.UNTIMELY


def test_github_signs_its_body_and_the_door_need_not_find_out_the_address() -> None:
    assert not reads_url(CONNECTORS["github"].signature)


@pytest.mark.parametrize("tool", sorted(CONNECTORS))
def test_a_tool_that_covers_the_address_says_so_or_the_door_would_keep_it_back(tool: str) -> None:
    signature, signed = CONNECTORS[tool].signature, sign(tool)
    elsewhere = replace(signed, url="")
    looks = signature.doubt([SECRET], elsewhere, NOW) is not None
    looks |= signature.delivery_id(elsewhere) != signature.delivery_id(signed)
    assert reads_url(signature) or not looks


@pytest.mark.parametrize(
    ("signature", "headers"),
    [
        ({}, STANDARD),
        ({"scheme": "token", "header": "x-secret"}, {"x-secret": SECRET}),
        ({"scheme": "hmac", "header": "x-sign", "prefix": "v0="}, {"x-sign": f"v0={digest(BODY).hex()}"}),
        ({"scheme": "hmac", "header": "x-sign", "encoding": "base64"}, {"x-sign": in_base64(digest(BODY))}),
    ],
)
def test_a_mapping_says_how_the_tool_signs(signature: dict[str, str], headers: dict[str, str]) -> None:
    connector = connector_for("generic", {**MAPPING, "signature": signature})
    assert connector is not None
    assert connector.signature.sign(SECRET, SENT, NOW, "d-1").headers == {"x-event": "issue", **headers}


def test_signing_makes_no_webhook_of_a_learning_platform_believed() -> None:
    signature = xapi.CONNECTOR.signature
    assert signature.doubt([SECRET], signature.sign(SECRET, SENT, NOW, "d-1"), NOW) is Doubt.UNSIGNED


def test_the_tools_of_which_the_signature_is_put_together_here_are_all() -> None:
    assert {*HEADERS, "linear", "statuspage"} == set(CONNECTORS)
