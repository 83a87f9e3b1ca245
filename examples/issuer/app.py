"""The HTTP doors of the issuer: discovery, keys, and tokens for programs (OAuth 2.0 client credentials)."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs, under which address, and for which clients (secrets and roles by client id)."""

    url: str
    key: RSAKey
    secrets: Mapping[str, str]
    roles: Mapping[str, tuple[str, ...]]

    def grant(self, authorization: str, form: Mapping[str, str]) -> JSONResponse:
        """A token for a client that shows its secret, or the refusal that RFC 6749, section 5.2, names."""
        if form.get("grant_type") != "client_credentials":
            return _refusal(400, "unsupported_grant_type")
        client = _authenticated(authorization, form, self.secrets)
        return _granted(self, client) if client else _refusal(401, "invalid_client")


def create_app(folder: Path, accounts: Accounts, url: str) -> FastAPI:
    """The issuer reachable at `url`, which is also the `iss` of its tokens. Makes key and secrets that are missing."""
    secrets = {client: load_client_secret(folder, client) for client in accounts.clients}
    issuer = Issuer(url, load_signing_key(folder), secrets, accounts.clients)
    app = FastAPI(title="Example issuer", openapi_url=None)

    @app.get("/.well-known/openid-configuration")
    async def discover() -> dict[str, Any]:
        return _discovery(url)

    @app.get("/jwks.json")
    async def publish_keys() -> dict[str, Any]:
        return {"keys": [issuer.key.as_dict(private=False)]}

    @app.get("/livez")
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/token")
    async def grant(request: Request) -> JSONResponse:
        return issuer.grant(request.headers.get("authorization", ""), _fields(await request.body()))

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


def _granted(issuer: Issuer, client: str) -> JSONResponse:
    roles = list(issuer.roles[client])
    claims: dict[str, object] = {"iss": issuer.url, "aud": DEFAULT_AUDIENCE, "client_id": client, "roles": roles}
    token = sign(issuer.key, claims, LIFETIME_SECONDS)
    body = {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_SECONDS}
    return JSONResponse(body, headers=_NO_STORE)


def _refusal(status: int, error: str) -> JSONResponse:
    challenge = {"WWW-Authenticate": 'Basic realm="issuer"'} if status == 401 else {}
    return JSONResponse({"error": error}, status, headers={**_NO_STORE, **challenge})


def _fields(body: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _authenticated(authorization: str, form: Mapping[str, str], secrets: Mapping[str, str]) -> str | None:
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
