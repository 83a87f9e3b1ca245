"""`POST /webhooks/{integration_id}`: what tools send, each in its own words and with its own signature."""

from __future__ import annotations

from datetime import UTC, datetime
from json import JSONDecodeError
from typing import Any

from fastapi import APIRouter, Request, Response

from kinetic.common import metrics
from kinetic.common.metrics import DOOR_IGNORED
from kinetic.common.operations import database_of
from kinetic.common.problems import Problem
from kinetic.common.telemetry import current_traceparent
from kinetic.common.web import read_json
from kinetic.ingestion.api.receipts import TOO_MANY, Taken, answer, commit_one, taken
from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Observation, Webhook
from kinetic.ingestion.domain.attribution import place_of
from kinetic.ingestion.domain.intake import Origin
from kinetic.ingestion.domain.occurrences import Signal
from kinetic.ingestion.intake import Delivery
from kinetic.ingestion.senders import Sender, Senders
from kinetic.ingestion.store.receipts import digest_of

router = APIRouter(tags=["webhooks"])

_DOCUMENT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object", "description": "Whatever the tool sends."}}},
    }
}


@router.post(
    "/webhooks/{integration_id}", status_code=202, response_model=Taken, responses=TOO_MANY, openapi_extra=_DOCUMENT
)
async def take_webhook(request: Request, integration_id: str) -> Response:
    """Take a webhook that carries the signature of its integration. The answer comes when it is committed.

    A redelivery of the same body is answered like the first time and changes nothing. What means nothing to Kinetic is `ignored`.
    """
    sender = await _find_sender(request, integration_id)
    connector = CONNECTORS[sender.tool]
    webhook = Webhook(request.headers, await request.body(), str(request.url))
    doubt = connector.signature.doubt(sender.secrets, webhook, datetime.now(UTC))
    if doubt is not None:
        raise _refused(401, "signature", "The webhook is not believed", doubt, {"WWW-Authenticate": "Signature"})

    reading = connector.read(request.headers, _read_payload(request, webhook.body))
    if isinstance(reading, Ignored):
        DOOR_IGNORED.labels(sender.name).inc()
        return answer({"status": "ignored", "event_ids": (), "reason": reading.reason})

    receipt = await commit_one(request, _delivery(sender, connector.signature.delivery_id(webhook), reading))
    metrics.DOOR_ACCEPTED.labels(sender.name).inc()
    return answer(taken(receipt))


async def _find_sender(request: Request, integration_id: str) -> Sender:
    senders: Senders = request.app.state.senders
    sender = await senders.find(database_of(request), integration_id)
    if sender is None or sender.tool not in CONNECTORS:
        raise _refused(404, "unknown integration", "No such integration")
    return sender


def _read_payload(request: Request, body: bytes) -> Any:
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise _refused(
            415, "media type", "Only JSON is taken here", "Set the webhook's content type to application/json."
        )
    try:
        return read_json(body)
    except JSONDecodeError as error:
        raise _refused(400, "malformed", "The body is not JSON", error.msg) from error


def _delivery(sender: Sender, delivery_id: str, mapped: Mapped) -> Delivery:
    origin = Origin(f"integration/{sender.integration_id}", current_traceparent())
    signals = tuple(_signal(sender, observation) for observation in mapped.observations)
    return Delivery(digest_of(origin.sender, "", delivery_id), signals, origin)


def _signal(sender: Sender, observed: Observation) -> Signal:
    """The observation as a signal of the tool. Without a time, or with one yet to come, it happened when we heard of it."""
    now = datetime.now(UTC)
    return Signal(
        place=place_of(observed.attribution, sender.rules, sender.integration_id),
        source=sender.tool,
        kind=observed.kind,
        severity=observed.severity,
        summary=observed.summary,
        url=observed.url,
        occurred_at=min(observed.occurred_at or now, now),
        attributes=observed.attributes,
    )


def _refused(
    status: int, reason: str, title: str, detail: str | None = None, headers: dict[str, str] | None = None
) -> Problem:
    metrics.DOOR_REFUSED.labels(reason).inc()
    return Problem(status, title, detail, headers=headers)
