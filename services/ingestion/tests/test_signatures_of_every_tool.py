"""No tool's webhook is believed when one bit of it is another, when another integration signed it, or out of its time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.generic import PayloadMapping, connector_of
from kinetic.ingestion.connectors.protocol import Connector, Doubt, Webhook
from kinetic.ingestion.connectors.signatures import WINDOW
from services.ingestion.tests.test_generic import MAPPING
from tests.support.signing import ADDRESS, signed, timed_headers

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECRET, OTHER = "c2VjcmV0IG9mIHRoaXMgb25l", "c2VjcmV0IG9mIGFub3RoZXI="


def generic(**signature: str) -> Connector:
    return connector_of(PayloadMapping.model_validate({**MAPPING, "signature": signature}))


TOOLS = {
    **CONNECTORS,
    "generic": generic(),
    "generic with an HMAC": generic(scheme="hmac", prefix="v0=", encoding="base64"),
    "generic with a token": generic(scheme="token"),
}
TIMED = {"generic", "gitlab", "grafana", "hubspot", "linear", "zendesk"}
"""The tools that sign the time along; of the others a replay is told by its body or its id."""

UNSIGNED = {"alertmanager", "azuredevops", "datadog", "freshdesk", "newrelic", "opsgenie", "salesforce", "servicenow"}
UNSIGNED |= {"statuspage", "generic with a token"}
"""The tools that send the secret itself: it says nothing about the body."""


def came(tool: str, at: datetime = NOW, secret: str = SECRET) -> list[tuple[str, Webhook]]:
    """What comes from the tool, by the header that proves it."""
    body = json.dumps({"title": "Ümlaut", "webhookTimestamp": int(at.timestamp() * 1000)}).encode()
    return list(signed(TOOLS[tool].signature, secret, Webhook(timed_headers(at), body, ADDRESS)))


def doubt(tool: str, webhook: Webhook) -> Doubt | None:
    return TOOLS[tool].signature.doubt([SECRET, "former"], webhook, NOW)


def flipped(content: bytes) -> Iterator[bytes]:
    """The bytes, each time with another bit."""
    for at, byte in enumerate(content):
        for bit in range(8):
            yield content[:at] + bytes([byte ^ 1 << bit]) + content[at + 1 :]


def proves_a_body(tool: str, header: str) -> bool:
    return tool not in UNSIGNED and header not in ("authorization", "x-kinetic-token", "x-gitlab-token")


@pytest.mark.parametrize("tool", TOOLS)
def test_right_one_is_believed_and_that_of_another_integration_is_not(tool: str) -> None:
    assert [doubt(tool, webhook) for _, webhook in came(tool)] == [None] * len(came(tool))
    assert {doubt(tool, webhook) for _, webhook in came(tool, secret=OTHER)} == {Doubt.FORGED}


@pytest.mark.parametrize("tool", TOOLS)
def test_signature_with_one_bit_changed_is_not_believed(tool: str) -> None:
    for header, webhook in came(tool):
        written = webhook.headers[header]
        proof = written.rpartition("=")[2] if proves_a_body(tool, header) else written.rpartition(" ")[2]
        proof = written[-20:] if len(proof) < 20 else proof[-20:]
        for changed in flipped(proof.encode()):
            text = written.removesuffix(proof) + changed.decode("latin-1")
            forged = replace(webhook, headers={**webhook.headers, header: text})
            assert doubt(tool, forged) is not None, text


@pytest.mark.parametrize("tool", sorted(set(TOOLS) - UNSIGNED))
def test_body_with_one_bit_changed_is_not_believed(tool: str) -> None:
    checked = 0
    for header, webhook in came(tool):
        if proves_a_body(tool, header):
            checked += 1
            assert all(doubt(tool, replace(webhook, body=body)) is not None for body in flipped(webhook.body))
    assert checked


@pytest.mark.parametrize("away", [timedelta(days=-365), -WINDOW * 1.1, WINDOW * 1.1, timedelta(days=365)])
def test_signature_of_another_time_is_not_believed_where_a_time_is_signed(away: timedelta) -> None:
    late = {tool for tool in TOOLS for _, webhook in came(tool, NOW + away) if doubt(tool, webhook) is Doubt.UNTIMELY}

    assert late == TIMED


@pytest.mark.parametrize("tool", sorted(TIMED - {"linear"}))
def test_time_that_was_changed_is_not_believed(tool: str) -> None:
    later = timed_headers(NOW + timedelta(seconds=1))
    for header, webhook in came(tool):
        if proves_a_body(tool, header) and any(name in webhook.headers for name in later):
            changed = {name: later.get(name, value) for name, value in webhook.headers.items()}
            doubts = doubt(tool, replace(webhook, headers=changed))
            assert doubts is not None or (tool == "grafana" and "x-grafana-alerting-timestamp" not in changed)


@pytest.mark.parametrize("written", ["9" * 5000, "-1", "1e999", "NaN", "\u0663" * 10, "", "0x10", "1 2"])
@pytest.mark.parametrize("tool", sorted(TIMED))
def test_signed_time_that_is_none_is_doubted_and_no_error(tool: str, written: str) -> None:
    headers = dict.fromkeys(timed_headers(NOW), written)
    body = b'{"webhookTimestamp": %s}' % written.encode()
    for header, webhook in signed(TOOLS[tool].signature, SECRET, Webhook(headers, body, ADDRESS)):
        if proves_a_body(tool, header) and not (
            tool == "grafana" and "x-grafana-alerting-timestamp" not in webhook.headers
        ):
            assert doubt(tool, webhook) is Doubt.UNTIMELY
