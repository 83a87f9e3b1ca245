"""`/xapi`: learning platforms push statements here, as to a learning record store.

Kinetic is a receiver: it takes statements and says what it speaks. Reading statements back, the state and profile
resources, and requests tunnelled through POST are not offered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel

from kinetic.common import metrics
from kinetic.common.failures import Overloaded
from kinetic.common.operations import database_of
from kinetic.common.problems import Fault, Problem, unavailable
from kinetic.common.telemetry import current_traceparent
from kinetic.ingestion.api.receipts import TOO_MANY, answer, counted, problem_of
from kinetic.ingestion.clients import find_bearer, find_client, read_basic
from kinetic.ingestion.committer import GROUP_SECONDS, Committer
from kinetic.ingestion.domain.occurrences import Learning
from kinetic.ingestion.intake import ParkingFull
from kinetic.ingestion.journal import Journal, Note, Outcome
from kinetic.ingestion.reception import PAUSED, Refusal, refuse_haste
from kinetic.ingestion.senders import Sender
from kinetic.ingestion.statements import Conflict, End, Said, Taken, take_statements
from kinetic.ingestion.xapi.meaning import meaning_of
from kinetic.ingestion.xapi.parts import read_body
from kinetic.ingestion.xapi.reading import Read, read_statement, read_statements
from kinetic.ingestion.xapi.versions import HEADER, VERSIONS, answered_version, version_of

_CHALLENGE: Final = 'Basic realm="kinetic", Bearer realm="kinetic"'
_OUTCOMES: Final = {
    End.TOLD: Outcome.MAPPED,
    End.PARKED: Outcome.PARKED,
    End.REPEATED: Outcome.REPEATED,
    End.IGNORED: Outcome.IGNORED,
}


class _VersionedRoute(APIRoute):
    """Every answer names the version of xAPI that it keeps to, a problem too."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_versioned(request: Request) -> Response:
            try:
                response = await handle(request)
            except Problem as problem:
                response = problem.response()
            response.headers[HEADER] = answered_version(request.headers.get(HEADER))
            return response

        return handle_versioned


router = APIRouter(prefix="/xapi", tags=["xapi"], route_class=_VersionedRoute)


async def find_sender(request: Request) -> Sender:
    """The integration whose credentials or token the request carries. Problem 401, or 429 when it comes too often."""
    sender = await let_in(request, request.headers.get("authorization", ""))
    if isinstance(sender, Refusal):
        raise counted(sender)
    return sender


async def let_in(request: Request, authorization: str) -> Sender | Refusal:
    """The integration that an `Authorization` header proves, when it does not come too often."""
    state = request.app.state
    scheme, _, value = authorization.partition(" ")
    sender, database = None, database_of(request)
    if scheme.lower() == "basic" and (credentials := read_basic(value.strip())):
        sender = await find_client(state.senders, database, credentials)
    elif scheme.lower() == "bearer":
        sender = await find_bearer(state.vault, state.senders, database, value.strip())
    if sender is None:
        detail = "Send the id and the secret of an integration by HTTP Basic, or a token of POST /oauth/token."
        problem = Problem(401, "Not authenticated", detail, headers={"WWW-Authenticate": _CHALLENGE})
        return Refusal("unauthenticated", problem)
    return refuse_haste(state.rate_limit, sender.integration_id) or sender


Client = Annotated[Sender, Depends(find_sender)]


class About(BaseModel):
    """What this receiver speaks."""

    version: list[str]


_VERSION_HEADER = {
    "name": HEADER,
    "in": "header",
    "required": True,
    "schema": {"type": "string", "enum": list(VERSIONS)},
}
_STATEMENT = {"type": "object", "description": "A statement of xAPI 1.0.3 or 2.0."}


def _document(schema: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}, "multipart/mixed": {"schema": {"type": "string"}}}
    return {"parameters": [_VERSION_HEADER, *parameters], "requestBody": {"required": True, "content": content}}


_ID = {"name": "statementId", "in": "query", "required": True, "schema": {"type": "string", "format": "uuid"}}
_MANY = _document({"anyOf": [_STATEMENT, {"type": "array", "items": _STATEMENT}]})


@router.get("/about")
async def tell_about(_: Client) -> About:
    """The versions of xAPI that are spoken."""
    return About(version=list(VERSIONS))


@router.post("/statements", response_model=list[str], responses=TOO_MANY, openapi_extra=_MANY)
async def post_statements(request: Request, sender: Client) -> Response:
    """Take one statement or an array of them, all or none: the ids of all.

    A statement that was sent before is answered the same and changes nothing; 409 when it says something else.
    """
    if "method" in request.query_params or "statementId" in request.query_params:
        raise _refused(Problem(400, "The request is not valid", "Send one statement under an id of yours by PUT."))
    read = await read_pushed(request.headers, await request.body())
    await _take(request, sender, read)
    return answer([one.statement_id for one in read], 200)


async def read_pushed(headers: Mapping[str, str], body: bytes) -> list[Read]:
    """The statements of a POST. Problem 400 or 413 when its version is not spoken, or one of them is not valid."""
    version = version_of(headers.get(HEADER.lower()))
    parts = read_body(headers.get("content-type", ""), body)
    return await asyncio.to_thread(read_statements, parts, version)


@router.put(
    "/statements",
    status_code=204,
    response_class=Response,
    responses=TOO_MANY,
    openapi_extra=_document(_STATEMENT, _ID),
)
async def put_statement(request: Request, sender: Client) -> Response:
    """Take one statement under the id that the request names. 409 when it was sent before and said something else."""
    version = version_of(request.headers.get(HEADER))
    statement_id = request.query_params.get("statementId")
    if not statement_id:
        fault = Fault("#/statementId", "is missing", "query")
        raise _refused(Problem(400, "The request is not valid", errors=[fault]))
    body = read_body(request.headers.get("content-type", ""), await request.body())
    await _take(request, sender, [read_statement(body, version, statement_id)])
    return Response(status_code=204)


async def _take(request: Request, sender: Sender, read: Sequence[Read]) -> None:
    """Commit statements and note what became of each. A paused integration's are answered the same and forgotten."""
    now = datetime.now(UTC)
    said = [Said(one.statement_id, one.fingerprint, meaning_of(one.statement, sender.name, now)) for one in read]
    if sender.is_paused:
        taken = [Taken(End.IGNORED, reason=PAUSED) for _ in said]
    else:
        taken = await _commit(request, sender, said)
    for one, became in zip(said, taken, strict=True):
        _note(request, sender, one, became)


async def _commit(request: Request, sender: Sender, said: Sequence[Said]) -> list[Taken]:
    committer: Committer = request.app.state.committer
    origin = sender.origin(current_traceparent())
    try:
        full = committer.admit(len(said))
        async with asyncio.timeout(GROUP_SECONDS), database_of(request).transaction() as tx:
            return await take_statements(tx, said, origin, full)
    except Overloaded as error:
        raise _refused(unavailable(f"Nothing was taken: {error}.")) from error
    except ParkingFull as error:
        raise problem_of(error) from error
    except Conflict as error:
        detail = f"Sent before with another content: {', '.join(error.statement_ids[:10])}. Nothing was taken."
        raise _refused(Problem(409, "A statement cannot be changed", detail)) from error


def _note(request: Request, sender: Sender, said: Said, became: Taken) -> None:
    journal: Journal = request.app.state.journal
    counter = metrics.DOOR_IGNORED if became.end is End.IGNORED else metrics.DOOR_ACCEPTED
    counter.labels(sender.name).inc()
    kinds = (kind_of(said.meaning),) if isinstance(said.meaning, Learning) else ()
    event_ids = (became.event_id,) if became.event_id else ()
    journal.note(Note(sender.integration_id, _OUTCOMES[became.end], became.reason, kinds, (), event_ids))


def kind_of(learning: Learning) -> str:
    """What a learning record is called among the deliveries of an integration."""
    return f"learning.{learning.verb}"


def _refused(problem: Problem) -> Problem:
    metrics.DOOR_REFUSED.labels(str(problem.slug)).inc()
    return problem
