"""Whether an activity comes from the Bot Framework: its bearer token, judged as Microsoft has bots judge it.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import httpx
from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import Key

from kinetic.common.keys import FETCH_SECONDS, InvalidToken, KeyRing, fetch_keys, key_id_of
from kinetic.common.web import read_json

ISSUER: Final = "https://api.botframework.com"
ALGORITHMS: Final = ("RS256",)
LEEWAY_SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class Proof:
    """What a token proves: for which service its bearer speaks, and from which channels it may bring activities."""

    service_url: str
    endorsements: frozenset[str]


class BotFramework:
    """Judges tokens that are meant for one bot. InvalidToken, or KeysUnavailable when its keys cannot be had."""

    def __init__(self, app_id: str, openid_url: str) -> None:
        self._keys = KeyRing(partial(_discover_keys, openid_url))
        self._registry = jws.JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            aud={"essential": True, "value": app_id},
            exp={"essential": True},
            serviceurl={"essential": True},
        )

    async def verify(self, token: str) -> Proof:
        """What the token proves."""
        key_id = key_id_of(token, self._registry)
        if self._issuer_in(token) != ISSUER:
            raise InvalidToken("the token is of another issuer")  # and worth no question about its key
        key = await self._keys.find(key_id)
        try:
            claims = jwt.decode(token, key, registry=self._registry).claims
            self._claims.validate(claims)
        except ExpiredTokenError as error:
            raise InvalidToken("the token has expired") from error
        except (JoseError, ValueError, TypeError) as error:
            raise InvalidToken("the token is not valid here") from error
        return Proof(str(claims["serviceurl"]), _endorsements_of(key))

    def _issuer_in(self, token: str) -> Any:
        """The issuer that a token names, whoever signed it."""
        try:
            claims = read_json(jws.extract_compact(token.encode(), registry=self._registry).payload)
        except (JoseError, ValueError, TypeError) as error:
            raise InvalidToken("the token is malformed") from error
        return claims.get("iss") if isinstance(claims, dict) else None


async def _discover_keys(openid_url: str) -> Mapping[str, Key]:
    async with httpx.AsyncClient(timeout=FETCH_SECONDS) as http:
        try:
            metadata = (await http.get(openid_url)).raise_for_status().json()
            return await fetch_keys(http, _jwks_url(metadata))
        except httpx.InvalidURL as error:
            raise ValueError("the address of the keys is none") from error


def _jwks_url(metadata: Any) -> str:
    url = metadata.get("jwks_uri") if isinstance(metadata, dict) else None
    if not isinstance(url, str):
        raise ValueError("the OpenID metadata does not say where the keys are")
    return url


def _endorsements_of(key: Key) -> frozenset[str]:
    told = key.get("endorsements")
    return frozenset(str(channel) for channel in told) if isinstance(told, list) else frozenset()
