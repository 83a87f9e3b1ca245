"""`POST /events`: measurements, learning records and signals as CloudEvents 1.0."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from kinetic.common import metrics
from kinetic.common.auth import Principal, Role, require
from kinetic.common.direct import ServiceRoute
from kinetic.common.telemetry import current_traceparent
from kinetic.ingestion.api.batches import Results, take_batch
from kinetic.ingestion.api.receipts import TOO_MANY, Taken, answer, commit_one, taken
from kinetic.ingestion.api.schemas import schema_of
from kinetic.ingestion.cloud_events import (
    BATCH,
    STRUCTURED,
    delivery_of,
    http_message,
    read_batch,
    read_message,
    refuse_other_charsets,
)
from kinetic.ingestion.domain.intake import Origin
from kinetic.ingestion.reports import TYPES, any_data, many_reports, one_report

router = APIRouter(tags=["events"], route_class=ServiceRoute)

Sender = Annotated[Principal, Depends(require(Role.SERVICE))]

_DOOR = "events"


def _header(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "schema": schema, "description": "Binary mode only."}


_DOCUMENT = {
    "parameters": [
        _header("ce-specversion", {"type": "string", "enum": ["1.0"]}),
        _header("ce-id", {"type": "string"}),
        _header("ce-source", {"type": "string"}),
        _header("ce-type", {"type": "string", "enum": list(TYPES)}),
        _header("ce-time", {"type": "string", "format": "date-time"}),
    ],
    "requestBody": {
        "required": True,
        "content": {
            STRUCTURED: {"schema": schema_of(one_report)},
            BATCH: {"schema": schema_of(many_reports)},
            "application/json": {"schema": schema_of(any_data)},
        },
    },
    "responses": {
        "202": {"content": {"application/json": {"schema": {"anyOf": [schema_of(Taken), schema_of(Results)]}}}},
    },
}


@router.post("/events", status_code=202, openapi_extra=_DOCUMENT, responses={207: {"model": Results}, **TOO_MANY})
async def take_events(request: Request, sender: Sender) -> Response:
    """Take CloudEvents in structured, batched or binary mode. The answer comes when they are committed.

    A sender's repetition of (source, id) is answered like the first time and changes nothing. A batch is answered with one
    result per event: 202 when all are taken, 207 when some are, 422 when none is.
    """
    body, origin = await request.body(), Origin(f"principal/{sender.subject}", current_traceparent())
    message = http_message(request.headers, body)
    if message.media_type == BATCH:
        refuse_other_charsets(message)
        return await take_batch(request, read_batch(body, origin), _DOOR)
    receipt = await commit_one(request, delivery_of(read_message(message), origin))
    metrics.DOOR_ACCEPTED.labels(_DOOR).inc()
    return answer(taken(receipt))
