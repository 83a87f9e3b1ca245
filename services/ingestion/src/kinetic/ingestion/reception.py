"""The steps by which a webhook is let in and understood, the same for one that a tool sends and for a test event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from json import JSONDecodeError
from math import ceil

from kinetic.common.failures import Overloaded
from kinetic.common.problems import Problem, unavailable
from kinetic.common.web import parse_json
from kinetic.ingestion.connectors.protocol import Ignored, Reading, Webhook
from kinetic.ingestion.limits import RateLimit
from kinetic.ingestion.senders import Sender

PAUSED = "the integration is paused"
PARKING_RETRY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is not let in: the problem that is answered, and the reason under which a door counts it."""

    counted_as: str
    problem: Problem


def read_webhook(sender: Sender, webhook: Webhook, rate_limit: RateLimit, now: datetime) -> Reading | Refusal:
    """What a webhook means, when it is believed, does not come too often and is JSON.

    That of a paused integration means nothing.
    """
    doubt = sender.connector.signature.doubt(sender.secrets, webhook, now)
    if doubt is not None:
        problem = Problem(401, "The webhook is not believed", doubt, headers={"WWW-Authenticate": "Signature"})
        return Refusal("signature", problem)
    return refuse_haste(rate_limit, sender.integration_id) or _read(sender, webhook)


def refuse_haste(rate_limit: RateLimit, integration_id: str) -> Refusal | None:
    """429 when an integration comes too often. Ask when it has proved itself: nobody else uses up its rate."""
    wait = rate_limit.seconds_to_wait(integration_id)
    if not wait:
        return None
    headers = {"Retry-After": str(ceil(wait))}
    return Refusal(
        "rate", Problem(429, "Too many requests", "The integration sends faster than it may.", headers=headers)
    )


def refuse_overload(error: Overloaded) -> Refusal:
    """503: too much waits already."""
    return Refusal("overloaded", unavailable(f"Nothing was taken: {error}."))


def refuse_parking() -> Refusal:
    """429: it would have to be parked, and too much of its sender is parked already."""
    detail = "Too many of your events wait for teams, people or content that are not known here. Send it again later."
    headers = {"Retry-After": str(PARKING_RETRY_SECONDS)}
    return Refusal("parking full", Problem(429, "Your parking is full", detail, headers=headers))


def _read(sender: Sender, webhook: Webhook) -> Reading | Refusal:
    refusal = _refuse_forms(webhook.headers)
    if refusal is not None:
        return refusal
    try:
        payload = parse_json(webhook.body)
    except JSONDecodeError as error:
        return Refusal("malformed", Problem(400, "The body is not JSON", error.msg))
    return Ignored(PAUSED) if sender.is_paused else sender.connector.read(webhook.headers, payload)


def _refuse_forms(headers: Mapping[str, str]) -> Refusal | None:
    if not headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return None
    detail = "Set the webhook's content type to application/json."
    return Refusal("media type", Problem(415, "Only JSON is taken here", detail))
