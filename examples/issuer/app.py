"""The HTTP doors of the issuer: discovery, keys, and tokens for programs (OAuth 2.0 client credentials)."""

from __future__ import annotations

import base64
import binascii
import hmac
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote_plus

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from joserfc.jwk import RSAKey

from examples.issuer.keys import ALGORITHM, load_client_secret, load_signing_key
from examples.issuer.tokens import DEFAULT_AUDIENCE, LIFETIME_SECONDS, sign
from examples.issuer.users import Accounts

_NO_STORE = {"Cache-Control": "no-store"}


def create_app(folder: Path, accounts: Accounts, url: str) -> FastAPI:
    """The issuer reachable at `url`, which is also the `iss` of its tokens. Makes key and secrets that are missing."""
    key = load_signing_key(folder)
    secrets = {client: load_client_secret(folder, client) for client in accounts.clients}
    app = FastAPI(title="Example issuer", openapi_url=None)

    @app.get("/.well-known/openid-configuration")
    async def discover() -> dict[str, Any]:
        return _discovery(url)

    @app.get("/jwks.json")
    async def publish_keys() -> dict[str, Any]:
        return {"keys": [key.as_dict(private=False)]}

    @app.get("/livez")
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/token")
    async def grant(request: Request) -> JSONResponse:
        form = _fields(await request.body())
        if form.get("grant_type") != "client_credentials":
            return _refusal(400, "unsupported_grant_type")
        client = _authenticated(request.headers.get("authorization", ""), form, secrets)
        if client is None:
            return _refusal(401, "invalid_client")
        return _granted(key, url, client, accounts.clients[client])

    return app


def _discovery(url: str) -> dict[str, Any]:
    """Metadata as OpenID Connect Discovery 1.0 and RFC 8414 name them."""
    return {
        "issuer": url,
        "jwks_uri": f"{url}/jwks.json",
        "token_endpoint": f"{url}/token",
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
    }


def _granted(key: RSAKey, url: str, client: str, roles: tuple[str, ...]) -> JSONResponse:
    claims: dict[str, object] = {"iss": url, "aud": DEFAULT_AUDIENCE, "client_id": client, "roles": list(roles)}
    token = sign(key, claims, LIFETIME_SECONDS)
    body = {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_SECONDS}
    return JSONResponse(body, headers=_NO_STORE)


def _refusal(status: int, error: str) -> JSONResponse:
    challenge = {"WWW-Authenticate": 'Basic realm="issuer"'} if status == 401 else {}
    return JSONResponse({"error": error}, status, headers={**_NO_STORE, **challenge})


def _fields(body: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _authenticated(authorization: str, form: dict[str, str], secrets: dict[str, str]) -> str | None:
    """The client that proved itself by Basic authentication or form fields (RFC 6749, section 2.3.1), or None."""
    client, secret = _basic(authorization) or (form.get("client_id", ""), form.get("client_secret", ""))
    expected = secrets.get(client)
    if expected is None or not hmac.compare_digest(expected.encode(), secret.encode()):
        return None
    return client


def _basic(authorization: str) -> tuple[str, str] | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote_plus(client), unquote_plus(secret)
