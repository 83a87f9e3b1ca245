"""Errors as RFC 9457 problem documents: the only shape in which a service says no over HTTP.

A problem's `type` is ``/problems/<slug>``, relative to the service. The slug is stable: callers may branch on it, never
on the title. The slugs used here stand in `SLUGS`; a service adds its own where a rule refuses something.

`errors` names each wrong place: ``in`` is ``body``, ``query``, ``path``, ``header`` or ``cookie``, and ``pointer`` is
a JSON pointer into that part, e.g. ``#/people/0/email``. No problem quotes a value that the caller sent. A problem of
the 5xx class carries a ``trace_id`` to be told to the operator.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Literal
from urllib.parse import quote

import asyncpg
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from kinetic.common.database import DatabaseUnavailable
from kinetic.common.logs import LOGGED
from kinetic.common.telemetry import current_trace_id

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = 5
MAX_ERRORS: Final = 50
MAX_POINTER: Final = 200

SLUGS: Final[Mapping[int, str]] = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
    413: "too-large",
    415: "unsupported-media-type",
    422: "invalid",
    429: "too-many-requests",
    500: "internal",
    503: "unavailable",
}

Part = Literal["body", "query", "path", "header", "cookie"]

_logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong place in a request: a JSON pointer as URI fragment (RFC 6901, section 6) into the part `where`."""

    pointer: str
    detail: str
    where: Part = "body"


class Problem(HTTPException):
    """Raise it in a door to answer with a problem document.

    Without `slug` the type is the one that `SLUGS` has for the status.
    """

    def __init__(
        self,
        status: int,
        title: str,
        detail: str | None = None,
        *,
        slug: str | None = None,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail or title, headers)
        self.title = title
        self.slug = slug or SLUGS.get(status)
        self.errors = tuple(errors)

    def document(self) -> dict[str, Any]:
        """The members of the problem document."""
        members: dict[str, Any] = {
            "type": f"/problems/{self.slug}" if self.slug else "about:blank",
            "title": self.title,
            "status": self.status_code,
        }
        if self.detail != self.title:
            members["detail"] = self.detail
        if self.errors:
            members["errors"] = [{"in": e.where, "pointer": e.pointer, "detail": e.detail} for e in self.errors]
        if self.status_code >= 500 and (trace_id := current_trace_id()):
            members["trace_id"] = trace_id
        return members

    def response(self) -> Response:
        """The problem as an answer."""
        # ASCII only, so that no text, however broken, can make an error answer fail.
        body = json.dumps(self.document(), separators=(",", ":")).encode()
        return Response(body, self.status_code, self.headers, MEDIA_TYPE)


def pointer_to(path: Iterable[str | int]) -> str:
    """The path as the pointer of a fault, of 200 characters at most. A caller may call steps whatever they like."""
    return ("#" + "".join(f"/{_token(step)}" for step in path))[:MAX_POINTER]


def unavailable(detail: str, retry_after_seconds: int = RETRY_AFTER_SECONDS) -> Problem:
    """503 with `Retry-After`: nothing was taken, try again."""
    return Problem(503, "Not available at the moment", detail, headers={"Retry-After": str(retry_after_seconds)})


def install_problem_handlers(app: FastAPI) -> None:
    """Answer every error of `app` with a problem document."""
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(asyncpg.DataError, _on_unstorable_value)
    for transient in TRANSIENT:
        app.add_exception_handler(transient, _on_unavailable)
    app.add_exception_handler(asyncpg.InterfaceError, _on_interface_error)
    app.add_exception_handler(Exception, _on_unexpected)


TRANSIENT: Final[tuple[type[Exception], ...]] = (
    DatabaseUnavailable,
    OSError,  # refused, unreachable, not resolved; includes TimeoutError
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,  # too many connections, out of memory, disk full
    asyncpg.OperatorInterventionError,  # shutting down, starting up, statement cancelled
    asyncpg.TransactionRollbackError,  # deadlock, serialization failure
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,  # still connected to what is now a standby
)
"""What is answered 503: nothing was changed, and the same request can succeed later."""


async def _on_http_error(_request: Request, error: Exception) -> Response:
    if isinstance(error, Problem):
        return error.response()
    if not isinstance(error, HTTPException):
        raise error
    title = HTTPStatus(error.status_code).phrase
    return Problem(error.status_code, title, str(error.detail), headers=error.headers).response()


async def _on_invalid_request(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    if isinstance(error.__cause__, json.JSONDecodeError):
        return Problem(400, "The body is not JSON", error.__cause__.msg).response()
    faults = error.errors()
    errors = [_fault(fault, error.body) for fault in faults[:MAX_ERRORS]]
    return Problem(422, "The request is not valid", _count(len(faults)), errors=errors).response()


async def _on_unstorable_value(_request: Request, error: Exception) -> Response:
    # The type alone: the message quotes the value.
    _logger.warning("a value passed validation and could not be stored", extra={"error": type(error).__qualname__})
    return Problem(422, "The request is not valid", "A value cannot be stored: out of range or not text.").response()


async def _on_unavailable(_request: Request, error: Exception) -> Response:
    is_plain = type(error) is OSError
    _logger.warning("answered 503: %s", type(error).__qualname__, exc_info=error if is_plain else None)
    return unavailable("A system that is needed for this does not answer. Nothing was changed; try again.").response()


async def _on_interface_error(request: Request, error: Exception) -> Response:
    # asyncpg has one class for wrong use and for a connection or pool that closed under us.
    if str(error).startswith(("connection is closed", "pool is clos")):
        return await _on_unavailable(request, error)
    return await _on_unexpected(request, error)


async def _on_unexpected(_request: Request, error: Exception) -> Response:
    _logger.error("request failed", exc_info=error)
    setattr(error, LOGGED, True)
    return Problem(500, "Something went wrong on our side", "It was recorded under the trace_id.").response()


def _count(faults: int) -> str:
    return "One place is wrong." if faults == 1 else f"{faults} places are wrong."


def _fault(fault: Mapping[str, Any], body: object) -> Fault:
    part, *path = fault["loc"]
    if part == "body":
        path = _path_in(body, path, is_missing=fault["type"] == "missing")
    return Fault(pointer_to(path), str(fault["msg"]).removeprefix("Value error, "), part)


def _path_in(body: object, steps: Sequence[str | int], *, is_missing: bool) -> list[str | int]:
    """`steps` without the names of union members and validators, which pydantic mixes in and no caller sent."""
    path: list[str | int] = []
    for position, step in enumerate(steps, start=1):
        is_there, inner = _step_into(body, step)
        if is_there or (is_missing and position == len(steps)):
            path.append(step)
            body = inner
    return path


def _step_into(body: object, step: str | int) -> tuple[bool, object]:
    if isinstance(body, dict) and step in body:
        return True, body[step]
    if isinstance(body, list) and isinstance(step, int) and step < len(body):
        return True, body[step]
    return False, body


def _token(step: str | int) -> str:
    escaped = str(step).replace("~", "~0").replace("/", "~1")
    return quote(escaped, safe="~!$&'()*+,;=:@", errors="replace")


_TEXT: Final = {"type": "string"}

PROBLEM_SCHEMA: Final[dict[str, Any]] = {
    "title": "Problem",
    "description": "RFC 9457",
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": _TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": _TEXT,
        "trace_id": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["in", "pointer", "detail"],
                "properties": {
                    "in": {"enum": ["body", "query", "path", "header", "cookie"]},
                    "pointer": _TEXT,
                    "detail": _TEXT,
                },
            },
        },
    },
}


def _declared(status: int) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": HTTPStatus(status).phrase, "content": content}


PROBLEM_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    status: _declared(status) for status in (400, 401, 403, 404, 405, 409, 413, 415, 422, 503)
}
"""What every operation may answer besides success, for OpenAPI. `create_app` declares it on all operations."""
