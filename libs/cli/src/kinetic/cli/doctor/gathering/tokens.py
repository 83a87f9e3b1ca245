"""What the issuer publishes, and what the token at hand says."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import httpx
import orjson

from kinetic.cli.doctor.gathering.http import shown
from kinetic.cli.doctor.judgements.issuer import PublishedKey, TokenState
from kinetic.cli.errors import Refused, Unreachable
from kinetic.common.auth import Verifier
from kinetic.common.keys import InvalidToken, KeysUnavailable, read_keys

_CURVES: Final = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512", "secp256k1": "ES256K"}


async def read_published_keys(client: httpx.AsyncClient, jwks_url: str) -> list[PublishedKey]:
    """The keys of the issuer. Unreachable when it does not answer, Refused when what it answers is no JWK set."""
    try:
        answer = await client.get(jwks_url)
        document = answer.json() if answer.is_success else None
    except httpx.TransportError as error:
        raise Unreachable(f"no answer from {shown(jwks_url)} ({type(error).__name__})") from error
    except ValueError:
        document = None
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise Refused(f"{shown(jwks_url)} answers {answer.status_code} and no JWK set", answer.status_code)
    return [_key(entry) for entry in entries if isinstance(entry, dict)]


async def read_own_name(client: httpx.AsyncClient, issuer: str) -> str | None:
    """What an issuer calls itself in its OpenID metadata; None when it publishes none."""
    try:
        answer = await client.get(f"{issuer}/.well-known/openid-configuration")
        told = answer.json().get("issuer") if answer.is_success else None
    except (httpx.TransportError, ValueError, AttributeError):
        return None
    return str(told) if told else None


async def read_token(client: httpx.AsyncClient, token: str, issuer: str, audience: str, jwks_url: str) -> TokenState:
    """What a token says, and whether services who were told the same would take it."""
    claims = _claims_of(token)
    told = partial(TokenState, str(claims.get("iss")), _audiences_in(claims))
    try:
        await Verifier(issuer, audience, jwks_url, client).verify(token)
    except InvalidToken as error:
        return told(str(error))
    except KeysUnavailable:
        return told(None, is_judged=False)
    return told(None)


def _audiences_in(claims: Mapping[str, Any]) -> tuple[str, ...]:
    named = claims.get("aud") or []
    return tuple(map(str, named if isinstance(named, list) else [named]))


def _key(entry: dict[str, Any]) -> PublishedKey:
    key_id = entry.get("kid")
    return PublishedKey(key_id if isinstance(key_id, str) else None, _algorithm_of(entry), _is_usable(entry))


def _algorithm_of(entry: dict[str, Any]) -> str | None:
    if isinstance(named := entry.get("alg"), str):
        return named
    return "RS256" if entry.get("kty") == "RSA" else _CURVES.get(str(entry.get("crv")))


def _is_usable(entry: dict[str, Any]) -> bool:
    try:
        return bool(read_keys({"keys": [entry]}))
    except ValueError:
        return False


def _claims_of(token: str) -> dict[str, Any]:
    """The claims of a token that nobody has verified; none when it is malformed."""
    try:
        part = token.split(".")[1]
        claims = orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, IndexError):
        return {}
    return claims if isinstance(claims, dict) else {}
