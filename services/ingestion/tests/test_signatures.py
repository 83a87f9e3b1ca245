"""Only who knows a secret gets in, and only in time."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.payloads import moment_of
from kinetic.ingestion.connectors.protocol import Doubt, Webhook
from kinetic.ingestion.connectors.signatures import WINDOW, Choice, Hmac, Token, base64, without_counters

HEADERS = {"github": "x-hub-signature-256", "jira": "x-hub-signature"}
BODY = '{"title": "Ümlaut"}'.encode()
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TIMED = Hmac(
    "x-signature",
    base64(),
    message=lambda webhook: webhook.headers.get("x-time", "").encode() + webhook.body,
    sent_at=lambda webhook: moment_of(webhook.headers.get("x-time")),
    id_header="x-id",
)


def sign(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def doubt(tool: str, secrets: list[str], signature: str, body: bytes = BODY) -> Doubt | None:
    return CONNECTORS[tool].signature.doubt(secrets, Webhook({HEADERS[tool]: signature}, body), NOW)


def timed(sent_at: datetime, **headers: str) -> Webhook:
    time = sent_at.isoformat()
    digest = hmac.new(b"secret", time.encode() + BODY, hashlib.sha256).digest()
    return Webhook({"x-time": time, "x-signature": b64encode(digest).decode(), **headers}, BODY)


def test_github_signs_as_its_documentation_says() -> None:
    # The example in GitHub's "Validating webhook deliveries".
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    assert doubt("github", ["It's a Secret to Everybody"], signature, b"Hello, World!") is None


@pytest.mark.parametrize("tool", sorted(HEADERS))
def test_either_secret_is_valid_during_a_rotation(tool: str) -> None:
    assert doubt(tool, ["new", "old"], sign("new", BODY)) is None
    assert doubt(tool, ["new", "old"], sign("old", BODY)) is None
    assert doubt(tool, ["new"], sign("old", BODY)) is Doubt.FORGED


@pytest.mark.parametrize("tool", sorted(HEADERS))
def test_signature_of_another_body_is_wrong(tool: str) -> None:
    assert doubt(tool, ["new"], sign("new", BODY + b" ")) is Doubt.FORGED


@pytest.mark.parametrize("tool", sorted(HEADERS))
@pytest.mark.parametrize("signature", ["sha256=", "sha1=00", "ü", ",", "sha256=" + "0" * 64, "0" * 10_000])
def test_malformed_signature_is_wrong_and_no_error(tool: str, signature: str) -> None:
    assert doubt(tool, ["new"], signature) is Doubt.FORGED


@pytest.mark.parametrize("tool", sorted(HEADERS))
def test_missing_signature_is_told_apart(tool: str) -> None:
    assert doubt(tool, ["new"], "") is Doubt.UNSIGNED
    assert CONNECTORS[tool].signature.doubt(["new"], Webhook({}, BODY), NOW) is Doubt.UNSIGNED


@pytest.mark.parametrize("tool", sorted(HEADERS))
def test_wrong_by_one_digit_is_wrong(tool: str) -> None:
    right = sign("new", BODY)

    assert doubt(tool, ["new"], right[:-1] + ("0" if right[-1] != "0" else "1")) is Doubt.FORGED


@pytest.mark.parametrize("away", [-WINDOW, timedelta(0), WINDOW])
def test_a_signed_time_within_the_window_is_believed(away: timedelta) -> None:
    assert TIMED.doubt(["secret"], timed(NOW + away), NOW) is None


@pytest.mark.parametrize("away", [-WINDOW, WINDOW])
def test_a_signed_time_outside_the_window_is_not_believed(away: timedelta) -> None:
    assert TIMED.doubt(["secret"], timed(NOW + away * 1.01), NOW) is Doubt.UNTIMELY


def test_a_time_that_was_changed_breaks_the_signature() -> None:
    late = timed(NOW - timedelta(hours=1))

    assert TIMED.doubt(["secret"], Webhook({**late.headers, "x-time": NOW.isoformat()}, BODY), NOW) is Doubt.FORGED
    assert TIMED.doubt(["secret"], Webhook({"x-signature": "0"}, BODY), NOW) is Doubt.FORGED


def test_one_of_several_signatures_in_a_header_is_enough() -> None:
    webhook = timed(NOW)

    several = {**webhook.headers, "x-signature": f"AAAA,{webhook.headers['x-signature']}"}
    assert TIMED.doubt(["secret"], Webhook(several, BODY), NOW) is None


def test_what_a_repetition_repeats_is_a_signed_id_or_the_body() -> None:
    assert TIMED.delivery_id(timed(NOW, **{"x-id": "7"})) == "7"
    github = CONNECTORS["github"].signature
    ids = [github.delivery_id(Webhook({"x-github-delivery": given}, BODY)) for given in ("1", "2")]
    assert ids[0] == ids[1]
    assert github.delivery_id(Webhook({}, BODY + b" ")) != ids[0]


@pytest.mark.parametrize(
    "headers",
    [
        {"x-kinetic-token": "secret"},
        {"authorization": "Bearer secret"},
        {"authorization": "basic " + b64encode(b"kinetic:secret").decode()},
    ],
)
def test_a_token_may_come_in_three_ways(headers: dict[str, str]) -> None:
    assert Token().doubt(["new", "secret"], Webhook(headers, BODY), NOW) is None
    assert Token().doubt(["new"], Webhook(headers, BODY), NOW) is Doubt.FORGED


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Basic ü", "Basic AAA", "Basic " + b64encode(b"\xff").decode()]
)
def test_a_broken_token_is_no_token(authorization: str) -> None:
    assert Token().doubt(["secret"], Webhook({"authorization": authorization}, BODY), NOW) is Doubt.UNSIGNED


def test_counter_of_attempts_makes_no_other_delivery() -> None:
    counted = Hmac("x-signature", repeated=without_counters("attempt", "sent"))
    ids = {
        counted.delivery_id(Webhook({}, body))
        for body in (b'{"id":7,"attempt":1,"sent": 10}', b'{"id":7,"attempt":2,"sent": 11}')
    }

    assert len(ids) == 1
    assert counted.delivery_id(Webhook({}, b'{"id":8,"attempt":1,"sent": 10}')) not in ids


def test_token_may_stand_in_the_address_where_a_tool_knows_no_headers() -> None:
    url = "https://kinetic.example/webhooks/7?token=s%2Becret&other=1"

    assert Token(parameter="token").doubt(["s+ecret"], Webhook({}, BODY, url), NOW) is None
    assert Token(parameter="token").doubt(["new"], Webhook({}, BODY, url), NOW) is Doubt.FORGED
    assert Token(parameter="token").doubt(["s+ecret"], Webhook({}, BODY, "https://[broken"), NOW) is Doubt.UNSIGNED
    assert Token().doubt(["s+ecret"], Webhook({}, BODY, url), NOW) is Doubt.UNSIGNED


def test_a_signature_that_is_there_must_be_right_even_if_the_token_is() -> None:
    either = Choice("x-signature", signed=Hmac("x-signature"), otherwise=Token())
    signature = hmac.new(b"secret", BODY, hashlib.sha256).hexdigest()
    token = {"x-kinetic-token": "secret"}

    assert either.doubt(["secret"], Webhook({"x-signature": signature}, BODY), NOW) is None
    assert either.doubt(["secret"], Webhook(token, BODY), NOW) is None
    assert either.doubt(["secret"], Webhook({**token, "x-signature": "0"}, BODY), NOW) is Doubt.FORGED
    assert either.doubt(["secret"], Webhook({}, BODY), NOW) is Doubt.UNSIGNED
    assert either.delivery_id(Webhook(token, BODY)) == either.delivery_id(Webhook({"x-signature": signature}, BODY))
