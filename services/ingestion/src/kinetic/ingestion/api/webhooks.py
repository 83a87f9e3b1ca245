"""`POST /webhooks/{integration_id}`: what tools send, each in its own words and with its own signature."""

from __future__ import annotations

from datetime import UTC, datetime
from json import JSONDecodeError
from typing import Any

from fastapi import APIRouter, Request, Response

from kinetic.common import metrics
from kinetic.common.operations import database_of
from kinetic.common.problems import Problem
from kinetic.common.telemetry import current_traceparent
from kinetic.common.web import read_json
from kinetic.ingestion.api.direct import DirectRoute
from kinetic.ingestion.api.receipts import TOO_MANY, Taken, answer, commit_one, refuse_haste, taken
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Webhook
from kinetic.ingestion.domain.intake import Origin
from kinetic.ingestion.intake import Delivery, Receipt
from kinetic.ingestion.journal import OUTCOMES, Journal, Note, Outcome
from kinetic.ingestion.senders import Sender, Senders
from kinetic.ingestion.store.receipts import digest_of

router = APIRouter(tags=["webhooks"], route_class=DirectRoute)

PAUSED = "the integration is paused"

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
        webhook = Webhook(request.headers, await request.body(), _url_of(request))
        _refuse_doubtful(sender, webhook)
        refuse_haste(request, sender.integration_id)
        payload = _read_payload(request, webhook.body)
        return await _take(request, sender, webhook, payload)
    except Problem as problem:
        reason = problem.detail or problem.title
        journal.note(Note(sender.integration_id, Outcome.REFUSED, reason))
        raise


@router.head("/webhooks/{integration_id}", status_code=204)
async def answer_check(request: Request, integration_id: str) -> Response:
    """Answer tools that look whether somebody is there before they send, as Trello and Intercom do."""
    await _find_sender(request, integration_id)
    return Response(status_code=204)


async def _take(request: Request, sender: Sender, webhook: Webhook, payload: Any) -> Response:
    journal: Journal = request.app.state.journal
    reading = Ignored(PAUSED) if sender.is_paused else sender.connector.read(webhook.headers, payload)
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
        raise _refused(404, "unknown integration", "No such integration")
    return sender


def _refuse_doubtful(sender: Sender, webhook: Webhook) -> None:
    doubt = sender.connector.signature.doubt(sender.secrets, webhook, datetime.now(UTC))
    if doubt is not None:
        raise _refused(401, "signature", "The webhook is not believed", doubt, {"WWW-Authenticate": "Signature"})


def _url_of(request: Request) -> str:
    """The address that the tool called: behind a proxy it is not the one that this process sees."""
    public_url: str | None = request.app.state.settings.public_url
    if public_url is None:
        return str(request.url)
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{public_url.rstrip('/')}{request.url.path}{query}"


def _read_payload(request: Request, body: bytes) -> Any:
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise _refused(
            415, "media type", "Only JSON is taken here", "Set the webhook's content type to application/json."
        )
    try:
        return read_json(body)
    except JSONDecodeError as error:
        raise _refused(400, "malformed", "The body is not JSON", error.msg) from error


def _delivery(sender: Sender, webhook: Webhook, mapped: Mapped) -> Delivery:
    origin = Origin(f"integration/{sender.integration_id}", current_traceparent())
    digest = digest_of(origin.sender, "", sender.connector.signature.delivery_id(webhook))
    now = datetime.now(UTC)
    return Delivery(digest, tuple(sender.signal(observation, now) for observation in mapped.observations), origin)


def _note(sender: Sender, mapped: Mapped, receipt: Receipt) -> Note:
    return Note(
        sender.integration_id,
        OUTCOMES[receipt.fate],
        receipt.reason,
        tuple(observation.kind for observation in mapped.observations),
        tuple(observation.attribution for observation in mapped.observations),
        receipt.event_ids,
    )


def _refused(
    status: int, reason: str, title: str, detail: str | None = None, headers: dict[str, str] | None = None
) -> Problem:
    metrics.DOOR_REFUSED.labels(reason).inc()
    return Problem(status, title, detail, headers=headers)
