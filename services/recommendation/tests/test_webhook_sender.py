"""What a company's own endpoint gets, over real sockets: signed, once for each id, and patient with an endpoint that is not well."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from pydantic import SecretStr

from kinetic.ingestion.connectors.protocol import Webhook
from kinetic.ingestion.connectors.standard_webhooks import STANDARD
from kinetic.recommendation.channels import webhook_sender
from kinetic.recommendation.channels.retry_after import seconds_of
from kinetic.recommendation.channels.sending import Channel, Delayed, Dispatch, Receipt, Recipient, Refused, Sent
from kinetic.recommendation.channels.webhook_sender import (
    WebhookSender,
    open_webhook,
    signatures,
)
from kinetic.recommendation.keys import webhook_secrets
from kinetic.recommendation.settings import Settings
from services.recommendation.tests.company import DANA, SEEN_AT
from services.recommendation.tests.test_channels import message

# The example of the specification's own libraries.
VECTOR_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_" + b64encode(b"another secret of 32 bytes length").decode()
NOW = datetime.now(UTC)
NUDGE = Dispatch("n-1.1.1", message(), Recipient(DANA, None, {}))


@dataclass
class Endpoint:
    """A company's own endpoint: what it answers, one after the other, and what it took. It takes an id once."""

    answers: list[bytes | None] = field(default_factory=list)
    holds_back_seconds: float = 0.0
    secret: str = VECTOR_SECRET
    requests: list[Webhook] = field(default_factory=list)
    taken: dict[str, Any] = field(default_factory=dict)
    sent_bytes: int = 0

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request; answer what is next, or nothing at all (None), by default 204."""
        webhook = await _read(reader)
        self.requests.append(webhook)
        answer = self.answers.pop(0) if self.answers else b"HTTP/1.1 204 No Content\r\n\r\n"
        if STANDARD.doubt([self.secret], webhook, datetime.now(UTC)) is not None:
            answer = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n"
        elif answer is None or b" 2" in answer[:12]:
            self.taken.setdefault(webhook.headers["webhook-id"] or "", json.loads(webhook.body))
        await asyncio.sleep(self.holds_back_seconds)
        writer.write(answer or b"")
        writer.close()


async def _read(reader: asyncio.StreamReader) -> Webhook:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    return Webhook(headers, await reader.readexactly(int(headers["content-length"])), first.split()[1])


@asynccontextmanager
async def listening(endpoint: Endpoint) -> AsyncIterator[int]:
    """The port of an endpoint on this machine."""
    server = await asyncio.start_server(endpoint.converse, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def post(endpoint: Endpoint, *dispatches: Dispatch, secrets: str = VECTOR_SECRET) -> list[Receipt]:
    """Send messages to an endpoint, by a client that would follow redirects."""
    async with listening(endpoint) as port, httpx.AsyncClient(follow_redirects=True, trust_env=False) as http:
        sender = WebhookSender(http, f"http://127.0.0.1:{port}/nudges", webhook_secrets(SecretStr(secrets)))
        return [await sender.send(dispatch) for dispatch in dispatches or (NUDGE,)]


def status(code: int, *headers: str) -> bytes:
    """An answer."""
    return "\r\n".join([f"HTTP/1.1 {code} So", *headers, "content-length: 0", "", ""]).encode()


def test_the_example_of_the_specification_is_signed_as_it_says() -> None:
    (secret,) = webhook_secrets(SecretStr(VECTOR_SECRET))
    signed = signatures("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', [secret])
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_a_message_is_believed_by_a_receiver_that_knows_the_secret() -> None:
    endpoint = Endpoint()
    assert await post(endpoint) == [Sent()]
    (webhook,) = endpoint.requests
    assert (webhook.url, webhook.headers["webhook-id"]) == ("/nudges", "n-1.1.1")
    assert webhook.headers["content-type"] == "application/json"
    told = endpoint.taken["n-1.1.1"]
    assert (told["type"], told["data"]["manager_id"]) == ("kinetic.nudge.composed", DANA)
    assert told["data"]["title"] == NUDGE.message.title


@pytest.mark.parametrize(
    ("known", "secrets", "believed"),
    [
        (VECTOR_SECRET, f"{VECTOR_SECRET},{OTHER_SECRET}", True),
        (OTHER_SECRET, f"{VECTOR_SECRET},{OTHER_SECRET}", True),
        (OTHER_SECRET, VECTOR_SECRET, False),
    ],
)
async def test_while_secrets_change_both_sign(known: str, secrets: str, believed: bool) -> None:
    endpoint = Endpoint(secret=known)
    (receipt,) = await post(endpoint, secrets=secrets)
    assert (isinstance(receipt, Sent), bool(endpoint.taken)) == (believed, believed)


async def test_an_answer_that_got_lost_is_asked_for_again_and_the_message_is_taken_once() -> None:
    endpoint = Endpoint(answers=[None])
    lost, found = await post(endpoint, NUDGE, replace(NUDGE, in_doubt=True))
    assert (type(lost), found) == (Delayed, Sent())
    assert len(endpoint.requests) == 2
    assert list(endpoint.taken) == ["n-1.1.1"]


@pytest.mark.parametrize("code", [200, 202, 204, 299])
async def test_a_success_is_one(code: int) -> None:
    assert await post(Endpoint([status(code)])) == [Sent()]


@pytest.mark.parametrize("code", [301, 400, 401, 404, 408, 422, 500, 502, 503, 504])
async def test_what_may_become_better_is_tried_again(code: int) -> None:
    (receipt,) = await post(Endpoint([status(code)]))
    assert isinstance(receipt, Delayed)
    assert (str(code) in receipt.problem, receipt.pauses) == (True, False)


async def test_an_endpoint_that_is_gone_refuses() -> None:
    assert await post(Endpoint([status(410)])) == [Refused("the endpoint answered 410")]


@pytest.mark.parametrize("code", [429, 503])
async def test_an_endpoint_that_asks_for_a_rest_gets_it_from_all_messages(code: int) -> None:
    (receipt,) = await post(Endpoint([status(code, "retry-after: 17")]))
    assert isinstance(receipt, Delayed)
    assert (receipt.after_seconds, receipt.pauses) == (17.0, True)


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("9" * 400, 86_400.0),
        ("Mon, 23 Nov 2026 09:02:00 GMT", 120.0),
        ("Mon, 23 Nov 2026 09:02:00 -0000", 120.0),
        ("Mon, 23 Nov 2026 08:00:00 GMT", 0.0),
        ("Mon, 23 Nov 9999 09:00:00 GMT", 86_400.0),
        ("-1", None),
        ("soon", None),
        ("\u0663", None),
        ("", None),
        (None, None),
    ],
)
def test_a_rest_is_asked_for_in_seconds_or_until_a_moment(asked: str | None, seconds: float | None) -> None:
    assert seconds_of(asked, SEEN_AT) == seconds


async def test_a_redirect_is_not_followed_even_by_a_client_that_would() -> None:
    elsewhere = Endpoint()
    async with listening(elsewhere) as port:
        (receipt,) = await post(Endpoint([status(307, f"location: http://127.0.0.1:{port}/")]))
    assert receipt == Delayed("the endpoint answered 307: redirects are not followed")
    assert elsewhere.requests == []


async def test_an_endpoint_that_falls_silent_is_not_waited_for_without_an_end() -> None:
    with patch.object(webhook_sender, "WHOLE_SECONDS", 0.2):
        (receipt,) = await post(Endpoint(holds_back_seconds=2.0))
    assert isinstance(receipt, Delayed)


async def test_an_answer_byte_by_byte_is_not_read_without_an_end() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while not writer.is_closing():
            writer.write(b"x: y\r\n")
            await asyncio.sleep(0.05)

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with httpx.AsyncClient(trust_env=False) as http:
        with patch.object(webhook_sender, "WHOLE_SECONDS", 0.3):
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            receipt = await asyncio.wait_for(WebhookSender(http, url, [b"s" * 32]).send(NUDGE), 2.0)
    assert receipt == Delayed("the endpoint did not answer within 0 seconds")
    server.close()


async def test_an_answer_without_an_end_is_not_read() -> None:
    sent = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await _read(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n")
        with suppress(ConnectionError):
            while sent < 200_000_000:
                writer.write(b"x" * 100_000)
                await writer.drain()
                sent += 100_000

    server = await asyncio.start_server(flood, "127.0.0.1", 0)
    async with httpx.AsyncClient(trust_env=False) as http:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        assert await WebhookSender(http, url, [b"s" * 32]).send(NUDGE) == Sent()
    server.close()
    assert sent < 20_000_000


@pytest.mark.parametrize("answer", [b"", b"\x00\x01\x02\r\n\r\n", b"HTTP/1.1 9999 ?\r\n\r\n", b"SSH-2.0-x\r\n"])
async def test_whatever_an_endpoint_says_becomes_a_receipt_that_quotes_nothing(answer: bytes) -> None:
    (receipt,) = await post(Endpoint([answer]))
    assert isinstance(receipt, Delayed)
    assert "127.0.0.1" not in receipt.problem


async def test_an_endpoint_at_which_nobody_listens_delays_a_message() -> None:
    async with listening(Endpoint()) as port:
        pass
    async with httpx.AsyncClient(trust_env=False) as http:
        receipt = await WebhookSender(http, f"http://127.0.0.1:{port}/", [b"s" * 32]).send(NUDGE)
    assert receipt == Delayed("the endpoint could not be reached: ConnectError")


async def test_the_settings_make_the_sender_that_they_describe() -> None:
    async with httpx.AsyncClient() as http:
        assert open_webhook(Settings(), http) is None
        url = "https://hooks.company.example/nudges"
        made = open_webhook(Settings(nudge_webhook_url=url, nudge_webhook_secrets=SecretStr(VECTOR_SECRET)), http)
    assert made is not None
    assert (made.url, made.secrets) == (url, (b64decode(VECTOR_SECRET.removeprefix("whsec_")),))
    assert (made.channel, made.follows, made.reaches(NUDGE.recipient)) == (Channel.WEBHOOK, True, True)
