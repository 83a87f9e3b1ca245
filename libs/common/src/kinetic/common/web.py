"""HTTP doors: one FastAPI application per service, in which every error is a problem document (see `problems`).

Bodies are bounded. JSON is strict: no NaN, no lone surrogate, no number beyond a double, at most 254 levels,
or 1024 where nobody descends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from email.message import Message as MailMessage
from http import HTTPStatus
from json import JSONDecodeError
from time import perf_counter
from typing import Any, Final

import orjson
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.params import Form
from fastapi.routing import APIRoute, iter_route_contexts
from opentelemetry.trace import Span, StatusCode
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

from kinetic.common import health, metrics
from kinetic.common.direct import Handler, ShortWays
from kinetic.common.problems import PROBLEM_RESPONSES, PROBLEM_SCHEMA, Problem, install_problem_handlers
from kinetic.common.telemetry import server_span

MAX_BODY_BYTES: Final = 1_048_576
MAX_JSON_DEPTH: Final = 254
UNMATCHED: Final = "unmatched"

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OPERATIONAL: Final = frozenset({"/livez", "/readyz", "/metrics"})
_LEFT_EARLY: Final = 499

_SETTINGS: Final[dict[str, Any]] = {
    "responses": PROBLEM_RESPONSES,
    "redirect_slashes": False,
    "openapi_url": None,  # no door is open but health and metrics; see pages.py
    # FastAPI's own traces carry raw paths and queries, in which people's ids stand.
    "telemetry": {"tracing": False, "metrics": False, "logs": False},
}


def create_app(
    title: str,
    version: str,
    description: str,
    *,
    service: str,
    lifespan: Lifespan[FastAPI] | None = None,
    max_body_bytes: int = MAX_BODY_BYTES,
    routers: Iterable[APIRouter] = (),
) -> FastAPI:
    """An application with problem documents, bounded bodies, metrics, traces, `/livez`, `/readyz` and `/metrics`.

    The wiring sets `app.state.health` (at first a `Health` without conditions) and, for `auth.require`,
    `app.state.verifier`. Operations with a JSON body belong to an `api_router`; with any other the application does
    not start (ValueError).
    """
    app = _Application(title=title, version=version, description=description, lifespan=lifespan, **_SETTINGS)
    app.service, app.max_body_bytes = service, max_body_bytes
    app.router.route_class = StrictJsonRoute
    app.state.health = health.Health()
    install_problem_handlers(app)
    app.add_exception_handler(405, _on_wrong_method)
    for router in (*routers, health.router, metrics.router):  # routes are tried in this order
        app.include_router(router)
    return app


def api_router(prefix: str = "", tags: list[str] | None = None) -> APIRouter:
    """A router whose operations read JSON strictly and answer 415 to any other body."""
    return APIRouter(prefix=prefix, tags=list(tags or ()), route_class=StrictJsonRoute)


parse_json: Final[Callable[[bytes], Any]] = orjson.loads
"""The value in a JSON text of at most 1024 levels. JSONDecodeError when it is no strict JSON.

Integers beyond 64 bits become floats; of a key that stands twice the last wins. For readers that take values by their names:
whoever descends into a value or writes it again wants `read_json`.
"""


def read_json(body: bytes) -> Any:
    """As `parse_json`, of at most 254 levels: what validation and serialization bear."""
    value = parse_json(body)
    # Writing it back is the cheapest way to count, cheaper than to look for brackets; a level is at least two of them.
    if len(body) > 2 * MAX_JSON_DEPTH:
        try:
            orjson.dumps(value)
        except orjson.JSONEncodeError as error:
            raise JSONDecodeError("nested too deeply", "", 0) from error
    return value


class StrictJsonRequest(Request):
    """A request whose `json()` is strict."""

    async def json(self) -> Any:
        """The body as JSON. JSONDecodeError when it is no strict JSON."""
        if not hasattr(self, "_json"):
            self._json = read_json(await self.body())
        return self._json


class StrictJsonRoute(APIRoute):
    """An operation that reads its JSON body strictly."""

    def get_route_handler(self) -> Handler:
        """The handler that FastAPI calls."""
        handle = super().get_route_handler()
        if not _takes_json(self):
            return handle

        async def handle_strictly(request: Request) -> Response:
            strict = StrictJsonRequest(request.scope, request.receive)
            if not _is_json(strict.headers.get("content-type")) and await strict.body():
                raise Problem(415, "Only JSON is taken here", "Send Content-Type: application/json.")
            return await handle(strict)

        return handle_strictly


def _takes_json(route: APIRoute) -> bool:
    field = route.body_field
    return field is not None and not isinstance(field.field_info, Form)


def _is_json(content_type: str | None) -> bool:
    if content_type is None or content_type == "application/json":
        return content_type is not None
    header = MailMessage()
    header["content-type"] = content_type
    main, sub = header.get_content_maintype(), header.get_content_subtype()
    return main == "application" and (sub == "json" or sub.endswith("+json"))


class _Application(FastAPI):
    """FastAPI with the problem schema in its document and the door around everything else."""

    service: str
    max_body_bytes: int

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
        return document

    def build_middleware_stack(self) -> ASGIApp:
        for route in _api_routes(self):
            if _takes_json(route) and not isinstance(route, StrictJsonRoute):
                raise ValueError(f"{route.path} takes JSON: its router must be made by api_router()")
        return HttpDoor(ShortWays(super().build_middleware_stack(), self), self, self.service, self.max_body_bytes)


def _api_routes(app: FastAPI) -> Iterable[APIRoute]:
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            yield context.original_route


async def _on_wrong_method(request: Request, _error: Exception) -> Response:
    path, allowed = request.scope["path"], set[str]()
    for context in iter_route_contexts(request.app.routes):
        pattern = getattr(context, "path_regex", None)
        if pattern is not None and pattern.match(path):
            allowed |= context.methods or set()
    headers = {"Allow": ", ".join(sorted(allowed))}
    return Problem(405, HTTPStatus(405).phrase, headers=headers).response()


class HttpDoor:
    """The one middleware: bounds the body, opens the span, counts and times. Pure ASGI, outside everything else."""

    def __init__(self, app: ASGIApp, application: FastAPI, service: str, max_body_bytes: int) -> None:
        self._app = app
        self._meters = _Meters(application, service)
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer 413 when it says itself that it is too large."""
        if scope["type"] != "http" or scope["path"] in _OPERATIONAL:
            await self._app(scope, receive, send)
            return
        declared_bytes, traceparent = _read_headers(scope)
        exchange = _Exchange(receive, send, self._max_body_bytes)
        started = perf_counter()
        with server_span(traceparent) as span:
            try:
                if declared_bytes > self._max_body_bytes:
                    await _too_large().response()(scope, receive, exchange.send)
                else:
                    await self._app(scope, exchange.receive, exchange.send)
            finally:
                method, route = self._meters.observe(scope, exchange.status, perf_counter() - started)
                _describe(span, method, route, exchange.status)


class _Exchange:
    """One request and its answer: counts the body's bytes and remembers the status."""

    __slots__ = ("_bytes_left", "_receive", "_send", "status")

    def __init__(self, receive: Receive, send: Send, max_body_bytes: int) -> None:
        self._receive = receive
        self._send = send
        self._bytes_left = max_body_bytes
        self.status = _LEFT_EARLY

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._bytes_left -= len(message.get("body", b""))
            if self._bytes_left < 0:
                raise _too_large()
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


class _Meters:
    """Counts and times requests by the template of their route. Keeps the labelled children, which are few."""

    def __init__(self, app: FastAPI, service: str) -> None:
        self._app = app
        self._service = service
        self._templates: dict[int, str] = {}
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def observe(self, scope: Scope, status: int, seconds: float) -> tuple[str, str]:
        route = self._template(scope.get("route"))
        method = scope["method"] if scope["method"] in _METHODS else "other"
        children = self._children.get((method, route, status)) or self._label(method, route, status)
        children[0].inc()
        children[1].observe(seconds)
        return method, route

    def _label(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        counter = metrics.HTTP_REQUESTS.labels(self._service, method, route, str(status))
        return self._children.setdefault((method, route, status), (counter, metrics.HTTP_REQUEST_SECONDS.labels(route)))

    def _template(self, route: object) -> str:
        if route is None:
            return UNMATCHED
        known = self._templates.get(id(route))
        if known is None:
            # A route does not know the prefix under which it was included; the contexts do.
            contexts = iter_route_contexts(self._app.routes)
            self._templates = {id(c.original_route): c.path_format or UNMATCHED for c in contexts}
            known = self._templates.setdefault(id(route), str(getattr(route, "path", UNMATCHED)))
        return known


def _read_headers(scope: Scope) -> tuple[int, str | None]:
    declared_bytes, traceparent = 0, None
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            declared_bytes = int(value[:20])
        elif name == b"traceparent":
            traceparent = value.decode("latin-1")
    return declared_bytes, traceparent


def _too_large() -> Problem:
    return Problem(413, "The body is too large")


def _describe(span: Span, method: str, route: str, status: int) -> None:
    if not span.is_recording():
        return
    span.update_name(f"{method} {route}")
    span.set_attributes({"http.request.method": method, "http.route": route, "http.response.status_code": status})
    if status >= 500:
        span.set_status(StatusCode.ERROR)
