"""Routes whose operations read their requests themselves, and a short way to them.

Looking a request up among all routes and solving its dependencies would cost more than anything else that the busiest doors
do. What FastAPI reads of an operation's signature still stands in the OpenAPI document, and its routes stay: a request that
no short way takes finds them as any other.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from re import Pattern
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.types import ASGIApp, Receive, Scope, Send

from kinetic.common.auth import Role, admit

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class DirectRoute(APIRoute):
    """Calls its operation with the request and what stands in the path."""

    def get_route_handler(self) -> Handler:
        """The handler that FastAPI calls."""
        return self.answer

    async def answer(self, request: Request) -> Response:
        """What the operation answers."""
        response: Response = await self.endpoint(request, **request.path_params)
        return response


class ServiceRoute(DirectRoute):
    """Asks first who is there: services may enter."""

    async def answer(self, request: Request) -> Response:
        """What the operation answers to the principal."""
        response: Response = await self.endpoint(request, await admit(request, Role.SERVICE))
        return response


@dataclass(frozen=True, slots=True)
class _Way:
    """A direct route under the path at which it was included."""

    route: DirectRoute
    methods: frozenset[str]
    path: Pattern[str]


class ShortWays:
    """Takes the requests of direct routes, with the same handlers of errors as all others, and leaves the others to `app`."""

    def __init__(self, app: ASGIApp, application: FastAPI) -> None:
        self._app = app
        self._application = application
        self._ways = tuple(_ways(application))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Go the short way, if there is one."""
        if scope["type"] == "http":
            for way in self._ways:
                found = way.path.match(scope["path"]) if scope["method"] in way.methods else None
                if found is not None:
                    scope.update(app=self._application, route=way.route, path_params=found.groupdict())
                    response = await self._answer(way.route, Request(scope, receive, send))
                    await response(scope, receive, send)
                    return
        await self._app(scope, receive, send)

    async def _answer(self, route: DirectRoute, request: Request) -> Response:
        """What the route answers, or the handler of what it raises. Nothing was sent before, so nothing can be half sent."""
        try:
            return await route.answer(request)
        except Exception as error:
            handlers = self._application.exception_handlers
            handle: Any = next((handlers[kind] for kind in type(error).__mro__ if kind in handlers), None)
            if handle is None:
                raise
            answer: Response = await handle(request, error)
            return answer


def _ways(application: FastAPI) -> Iterator[_Way]:
    for context in iter_route_contexts(application.routes):
        route = context.original_route
        if isinstance(route, DirectRoute) and not any(name != "str" for name in _convertors(route)):
            yield _Way(route, frozenset(context.methods or ()), context.path_regex)


def _convertors(route: APIRoute) -> Iterator[str]:
    for convertor in route.param_convertors.values():
        yield "str" if convertor.regex == "[^/]+" else convertor.regex
