"""Nudges to an endpoint of the company's own, signed as Standard Webhooks says (standardwebhooks.com).

A message keeps its `webhook-id` however often it is sent, by which the far side knows it again: in doubt it is sent again.
"""

from __future__ import annotations

import asyncio
import hmac
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import httpx
import orjson

from kinetic.recommendation.channels.retry_after import seconds_of
from kinetic.recommendation.channels.sending import (
    LONGEST_SECONDS,
    Channel,
    Delayed,
    Dispatch,
    Receipt,
    Recipient,
    Refused,
    Sent,
)
from kinetic.recommendation.channels.webhook import render
from kinetic.recommendation.keys import webhook_secrets
from kinetic.recommendation.settings import Settings

WHOLE_SECONDS: Final = 20.0
"""For everything: an endpoint that answers byte by byte ends too."""

_GONE: Final = 410
_TOO_MANY: Final = 429
_UNAVAILABLE: Final = 503


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class WebhookSender:
    """Posts each message, and what becomes of it, to `url`, with one signature for each of `secrets`."""

    http: httpx.AsyncClient
    url: str
    secrets: Sequence[bytes]
    now: Callable[[], datetime] = _now

    @property
    def channel(self) -> Channel:
        """A webhook."""
        return Channel.WEBHOOK

    @property
    def follows(self) -> bool:
        """Yes: each change is another message."""
        return True

    @property
    def longest_seconds(self) -> float:
        """As long as most channels."""
        return LONGEST_SECONDS

    def reaches(self, recipient: Recipient) -> bool:
        """Everybody: the endpoint decides what it does for whom."""
        return True

    async def send(self, dispatch: Dispatch) -> Receipt:
        """Post a message. It is sent again in doubt, since the far side takes an id once."""
        at = self.now()
        body = orjson.dumps(render(dispatch.message, at, dispatch.recipient.person_id))
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                return await self._post(body, headers_of(dispatch.key, at, body, self.secrets), at)
        except TimeoutError:
            return Delayed(f"the endpoint did not answer within {WHOLE_SECONDS:.0f} seconds")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Delayed(f"the endpoint could not be reached: {type(error).__name__}")

    async def _post(self, body: bytes, headers: dict[str, str], at: datetime) -> Receipt:
        """The answer's body is not read: nothing depends on it, and it could be without an end."""
        async with self.http.stream(
            "POST", self.url, content=body, headers=headers, follow_redirects=False, timeout=WHOLE_SECONDS
        ) as answer:
            return receipt_of(answer.status_code, answer.headers.get("retry-after"), at)


def receipt_of(status: int, retry_after: str | None, at: datetime) -> Receipt:
    """What an answer means. All but success and 410 may become better, so that it is tried again."""
    if 200 <= status < 300:
        return Sent()
    problem = f"the endpoint answered {status}"
    if status == _GONE:
        return Refused(problem)
    rest = seconds_of(retry_after, at)
    if status == _TOO_MANY or (status == _UNAVAILABLE and rest is not None):
        return Delayed(problem, rest, pauses=True)
    return Delayed(f"{problem}: redirects are not followed" if 300 <= status < 400 else problem, rest)


def headers_of(message_id: str, at: datetime, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """The headers of a signed message."""
    timestamp = int(at.timestamp())
    return {
        "content-type": "application/json",
        "user-agent": "kinetic",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signatures(message_id, timestamp, body, secrets),
    }


def signatures(message_id: str, timestamp: int, body: bytes, secrets: Sequence[bytes]) -> str:
    """``v1,<base64>`` by each secret, with blanks between: HMAC-SHA256 of id, timestamp and body, with dots between."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return " ".join(f"v1,{b64encode(hmac.digest(secret, signed, 'sha256')).decode()}" for secret in secrets)


def open_webhook(settings: Settings, http: httpx.AsyncClient) -> WebhookSender | None:
    """The sender as the settings want it; None without an endpoint."""
    if not settings.nudge_webhook_url:
        return None
    return WebhookSender(http, settings.nudge_webhook_url, webhook_secrets(settings.nudge_webhook_secrets))
