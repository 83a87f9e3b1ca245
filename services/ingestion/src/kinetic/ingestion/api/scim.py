"""SCIM 2.0 at /scim/v2, for identity providers. Its errors have SCIM's own form; it describes itself at /Schemas."""

from __future__ import annotations

from typing import Annotated, Any

import asyncpg
import orjson
from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from scim2_models import Error, SCIMException
from scim2_server.handler import AsyncScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import SCIM_MEDIA_TYPE, ScimResponse
from starlette.exceptions import HTTPException

from kinetic.common.auth import Principal, Role, require
from kinetic.common.direct import Handler
from kinetic.common.operations import database_of
from kinetic.common.problems import TRANSIENT, unavailable
from kinetic.ingestion.scim.protocol import DirectoryProtocol
from kinetic.ingestion.scim.storage import DirectoryStorage
from kinetic.ingestion.store.directory import hold_directory

PREFIX = "/scim/v2"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_protocol = DirectoryProtocol()


class ScimRoute(APIRoute):
    """An operation whose errors are SCIM's: also those of who may ask, and of a database that is away."""

    def get_route_handler(self) -> Handler:
        """The handler that FastAPI calls."""
        handle = super().get_route_handler()

        async def handle_as_scim(request: Request) -> Response:
            try:
                return await handle(request)
            except SCIMException as error:
                return _answer(_protocol.error_response(error))
            except asyncpg.DataError:
                return _failure(
                    HTTPException(400, "A value cannot be stored: out of range or not text."), "invalidValue"
                )
            except HTTPException as error:
                return _failure(error)
            except TRANSIENT:
                return _failure(unavailable("Nothing was changed; try again."))

        return handle_as_scim


router = APIRouter(prefix=PREFIX, route_class=ScimRoute, include_in_schema=False)

Provisioner = Annotated[Principal, Depends(require(Role.SERVICE, Role.ADMIN))]


@router.api_route("", methods=list(METHODS))
@router.api_route("/{path:path}", methods=list(METHODS))
async def serve(request: Request, _: Provisioner, path: str = "") -> Response:
    """Users, groups, and what can be done with them."""
    asked = ScimRequest(
        method=request.method,
        base_url=f"{str(request.base_url).rstrip('/')}{PREFIX}",
        path=f"/{path}",
        query=dict(request.query_params),
        headers=dict(request.headers),
        body=await request.body(),
    )
    async with database_of(request).transaction() as tx:
        if request.method != "GET" and not path.endswith(".search"):
            await hold_directory(tx)
        return _answer(await AsyncScimHandler(_protocol, DirectoryStorage(tx)).handle(asked))


def _answer(response: ScimResponse) -> Response:
    headers = {"Cache-Control": "no-store", **response.headers}
    body = b"" if response.body is None else orjson.dumps(response.body)
    return Response(body, int(response.status), headers)


def _failure(error: HTTPException, scim_type: str | None = None) -> Response:
    body: dict[str, Any] = Error(status=error.status_code, scim_type=scim_type, detail=str(error.detail)).model_dump()
    return Response(orjson.dumps(body), error.status_code, error.headers, SCIM_MEDIA_TYPE)
