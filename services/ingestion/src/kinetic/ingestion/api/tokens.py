"""`POST /oauth/token`: tokens for learning platforms by the client credentials grant (RFC 6749, section 4.4)."""

from __future__ import annotations

from math import ceil
from typing import Any, Final, Literal
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from kinetic.common import metrics
from kinetic.common.operations import database_of
from kinetic.ingestion.api.receipts import answer
from kinetic.ingestion.clients import TOKEN_SECONDS, Credentials, find_client, issue_token, read_basic

router = APIRouter(tags=["xapi"])

SCOPE: Final = "statements/write"
_FORM: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS: Final = 20
_NOT_STORED: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}

ErrorCode = Literal[
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
]


class Token(BaseModel):
    """An access token (RFC 6749, section 5.1)."""

    access_token: str
    token_type: Literal["Bearer"] = Field(default="Bearer")
    expires_in: int = Field(default=TOKEN_SECONDS, description="Seconds.")
    scope: str = SCOPE


class TokenError(BaseModel):
    """Why there is none (RFC 6749, section 5.2)."""

    error: ErrorCode
    error_description: str


class _Refused(Exception):
    def __init__(self, code: ErrorCode, description: str, status: int = 400, **headers: str) -> None:
        super().__init__(description)
        self.error = TokenError(error=code, error_description=description)
        self.status = status
        self.headers = headers


_FIELDS = {
    "grant_type": {"type": "string", "enum": ["client_credentials"]},
    "client_id": {"type": "string", "description": "The integration's id, unless it comes by HTTP Basic."},
    "client_secret": {"type": "string"},
    "scope": {"type": "string", "description": f"The answer's scope is `{SCOPE}`, whatever was asked for."},
}
_DOCUMENT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {_FORM: {"schema": {"type": "object", "required": ["grant_type"], "properties": _FIELDS}}},
    }
}
_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": TokenError},
    401: {"model": TokenError},
    429: {"model": TokenError},
}


@router.post("/oauth/token", response_model=Token, responses=_ERRORS, openapi_extra=_DOCUMENT)
async def issue(request: Request) -> Response:
    """Give a learning platform a short-lived token for `/xapi` against its integration's id and secret.

    The secret comes in the form or by HTTP Basic, not both. Errors have the form of RFC 6749, section 5.2.
    """
    try:
        token = await _issue(request)
    except _Refused as refused:
        metrics.DOOR_REFUSED.labels("token").inc()
        return _uncached(answer(refused.error.model_dump(), refused.status), **refused.headers)
    return _uncached(answer(token.model_dump(), 200))


async def _issue(request: Request) -> Token:
    form = await _read_form(request)
    if "grant_type" not in form:
        raise _Refused("invalid_request", "grant_type is missing")
    if form["grant_type"] != "client_credentials":
        raise _Refused("unsupported_grant_type", "only client_credentials is offered")
    credentials = _credentials_of(request, form)
    state = request.app.state
    wait = state.rate_limit.seconds_to_wait(f"token/{credentials.client_id}")
    if wait:
        raise _Refused("invalid_request", "tokens are asked for too often", 429, **{"Retry-After": str(ceil(wait))})
    sender = await find_client(state.senders, database_of(request), credentials)
    if sender is None:
        challenge = {"WWW-Authenticate": 'Basic realm="kinetic"'}
        raise _Refused("invalid_client", "the client is unknown or its secret is wrong", 401, **challenge)
    return Token(access_token=issue_token(state.vault, sender))


async def _read_form(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise _Refused("invalid_request", f"the body must be {_FORM}")
    try:
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise _Refused("invalid_request", "the body is not a form in UTF-8, or it has too many fields") from None
    form = {name: value for name, value in pairs if value}  # without a value: as if it were not there (section 3.2)
    if len({name for name, _ in pairs}) < len(pairs):
        raise _Refused("invalid_request", "a parameter stands twice")
    return form


def _credentials_of(request: Request, form: dict[str, str]) -> Credentials:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    basic = read_basic(value.strip()) if scheme.lower() == "basic" else None
    if basic is not None and "client_secret" in form:
        raise _Refused("invalid_request", "the client proves itself twice")
    if basic is not None:
        return basic
    return Credentials(form.get("client_id", ""), form.get("client_secret", ""))


def _uncached(response: Response, **headers: str) -> Response:
    response.headers.update({**_NOT_STORED, **headers})
    return response
