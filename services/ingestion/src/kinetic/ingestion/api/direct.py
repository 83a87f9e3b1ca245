"""Routes whose operations read their requests themselves.

Solving dependencies for each request would cost more than anything else that the busiest doors do. What FastAPI reads of
an operation's signature still stands in the OpenAPI document.
"""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.routing import APIRoute

from kinetic.common.auth import Role, admit
from kinetic.common.web import Handler


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
