"""`POST /events`: measurements, learning records and signals as CloudEvents 1.0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel

from kinetic.common import metrics
from kinetic.common.auth import Principal, Role, admit, require
from kinetic.common.problems import MAX_ERRORS, Fault, Problem
from kinetic.common.telemetry import current_traceparent
from kinetic.common.web import Handler
from kinetic.ingestion.api.receipts import TOO_MANY, Taken, answer, commit, commit_one, problem_of, taken
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
from kinetic.ingestion.intake import Delivery, Receipt
from kinetic.ingestion.reports import TYPES, any_data, many_reports, one_report


class DirectRoute(APIRoute):
    """Asks who is there and calls its operation, which reads the rest of the request itself.

    Solving dependencies for each request would cost more than anything else that this door does.
    """

    def get_route_handler(self) -> Handler:
        """The handler that FastAPI calls."""

        async def handle(request: Request) -> Response:
            response: Response = await self.endpoint(request, await admit(request, Role.SERVICE))
            return response

        return handle


router = APIRouter(tags=["events"], route_class=DirectRoute)

Sender = Annotated[Principal, Depends(require(Role.SERVICE))]

_DOOR = "events"


class Result(BaseModel):
    """What became of one event of a batch: its HTTP status, and either what was taken or the problem."""

    status: int
    taken: Taken | None = None
    problem: dict[str, Any] | None = None


class Results(BaseModel):
    """One result for each event, in the order of the batch."""

    results: list[Result]


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
        return await _take_batch(request, read_batch(body, origin))
    receipt = await commit_one(request, delivery_of(read_message(message), origin))
    metrics.DOOR_ACCEPTED.labels(_DOOR).inc()
    return answer(taken(receipt))


async def _take_batch(request: Request, entries: list[Delivery | Problem]) -> Response:
    readable = [entry for entry in entries if isinstance(entry, Delivery)]
    outcomes = iter(await commit(request, readable) if readable else ())
    ends = [next(outcomes) if isinstance(entry, Delivery) else entry for entry in entries]
    problems = {index: problem_of(end) for index, end in enumerate(ends) if isinstance(end, Exception)}
    metrics.DOOR_ACCEPTED.labels(_DOOR).inc(len(ends) - len(problems))
    metrics.DOOR_REFUSED.labels("invalid").inc(len(entries) - len(readable))
    if problems and len(problems) == len(ends):
        raise _all_refused(problems)
    results = [
        {"status": 202, "taken": taken(end)} if isinstance(end, Receipt) else _refused(problems[index])
        for index, end in enumerate(ends)
    ]
    return answer({"results": results}, 207 if problems else 202)


def _refused(problem: Problem) -> dict[str, Any]:
    return {"status": problem.status_code, "problem": problem.document()}


def _all_refused(problems: Mapping[int, Problem]) -> Problem:
    """One problem for a batch of which nothing was taken; pointers begin with the place in the batch."""
    faults = [
        Fault(f"#/{index}{fault.pointer.removeprefix('#')}", fault.detail, fault.where)
        for index, problem in problems.items()
        for fault in problem.errors or [Fault("#", problem.title)]
    ]
    worst = max(problems.values(), key=lambda problem: problem.status_code)
    title = "No event of the batch was taken"
    return Problem(worst.status_code, title, errors=faults[:MAX_ERRORS], headers=worst.headers)
