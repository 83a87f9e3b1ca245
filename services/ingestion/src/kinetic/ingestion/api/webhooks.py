"""`POST /webhooks/{integration_id}`: what tools send, each in its own words and with its own signature."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from kinetic.common import metrics
from kinetic.common.direct import DirectRoute
from kinetic.common.operations import database_of
from kinetic.common.problems import Problem
from kinetic.common.telemetry import current_traceparent
from kinetic.ingestion.api.receipts import TOO_MANY, Taken, answer, commit_one, counted, taken
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Reading, Webhook
from kinetic.ingestion.connectors.signatures import reads_url
from kinetic.ingestion.intake import Delivery, Receipt
from kinetic.ingestion.journal import OUTCOMES, Journal, Note, Outcome
from kinetic.ingestion.reception import Refusal, read_webhook
from kinetic.ingestion.senders import Sender, Senders
from kinetic.ingestion.store.receipts import digest_of

router = APIRouter(tags=["webhooks"], route_class=DirectRoute)

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
    journal: Journal = request.app.state.journal
    try:
        webhook = Webhook(request.headers, await request.body(), _url_for(sender, request))
        reading = read_webhook(sender, webhook, request.app.state.rate_limit, datetime.now(UTC))
        if isinstance(reading, Refusal):
            raise counted(reading)
        return await _take(request, sender, webhook, reading)
    except Problem as problem:
        reason = problem.detail or problem.title
        journal.note(Note(sender.integration_id, Outcome.REFUSED, reason))
        raise


@router.head("/webhooks/{integration_id}", status_code=204)
async def answer_check(request: Request, integration_id: str) -> Response:
    """Answer tools that look whether somebody is there before they send, as Trello and Intercom do."""
    await _find_sender(request, integration_id)
    return Response(status_code=204)


async def _take(request: Request, sender: Sender, webhook: Webhook, reading: Reading) -> Response:
    journal: Journal = request.app.state.journal
    if isinstance(reading, Ignored):
        metrics.DOOR_IGNORED.labels(sender.name).inc()
        journal.note(Note(sender.integration_id, Outcome.IGNORED, reading.reason))
        return answer({"status": "ignored", "event_ids": (), "reason": reading.reason})

    receipt = await commit_one(request, _delivery(sender, webhook, reading))
    metrics.DOOR_ACCEPTED.labels(sender.name).inc()
    metrics.DOOR_UNKNOWN_WORDS.labels(sender.name).inc(sum(len(one.unknown) for one in reading.observations))
    journal.note(_note(sender, reading, receipt))
    return answer(taken(receipt))


async def _find_sender(request: Request, integration_id: str) -> Sender:
    senders: Senders = request.app.state.senders
    sender = await senders.find(database_of(request), integration_id)
    if sender is None:
        raise counted(Refusal("unknown integration", Problem(404, "No such integration")))
    return sender


def address_of(request: Request, path: str) -> str:
    """Where tools reach `path`: behind a proxy it is not the address that this process sees."""
    public_url: str | None = request.app.state.settings.public_url
    return (public_url or str(request.base_url)).rstrip("/") + path


def _url_for(sender: Sender, request: Request) -> str:
    """The address that the tool called, for a signature that covers it."""
    if not reads_url(sender.connector.signature):
        return ""
    if request.app.state.settings.public_url is None:
        return str(request.url)
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{address_of(request, request.url.path)}{query}"


def _delivery(sender: Sender, webhook: Webhook, mapped: Mapped) -> Delivery:
    origin = sender.origin(current_traceparent())
    digest = digest_of(origin.sender, "", sender.connector.signature.delivery_id(webhook))
    return Delivery(digest, sender.signals(mapped, datetime.now(UTC)), origin)


def _note(sender: Sender, mapped: Mapped, receipt: Receipt) -> Note:
    return Note(
        sender.integration_id,
        OUTCOMES[receipt.fate],
        receipt.reason,
        mapped.kinds,
        mapped.facts,
        receipt.event_ids,
    )
