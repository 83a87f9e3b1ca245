"""Who is asking: OIDC bearer tokens, verified against the issuer's published keys.

People act with their own token only. A token that carries the role `service` passes only a door that names that role,
whatever other roles it carries: a service cannot act for a manager.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, Final

import httpx
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError

from kinetic.common.keys import InvalidToken, KeyRing, KeysUnavailable, fetch_keys, key_id_of
from kinetic.common.problems import Problem, unavailable

ALGORITHMS: Final = ("RS256", "ES256")
"""Of signatures on tokens, and no others."""
LEEWAY_SECONDS: Final = 30

REMEMBERED_SECONDS: Final = 60.0
"""How long a verified token is not verified again: also the longest that a withdrawn key still opens a door."""
MOST_REMEMBERED: Final = 10_000

_REALM: Final = 'Bearer realm="kinetic"'


class Role(StrEnum):
    """What a caller may be, from the claim `roles`."""

    MANAGER = "manager"
    LEARNING = "learning"
    ADMIN = "admin"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller whose token was verified. `email` is lower case, and None when absent or not verified by the issuer."""

    subject: str
    email: str | None
    roles: frozenset[Role]

    def may_pass(self, named: Collection[Role]) -> bool:
        """Whether a door that names these roles lets this caller in. A door that names none takes every person."""
        if Role.SERVICE in self.roles:
            return Role.SERVICE in named
        return not named or not self.roles.isdisjoint(named)


class Verifier:
    """Judges bearer tokens of one issuer for one audience.

    Only `algorithms` are taken, and a key that names its algorithm only verifies that one. `http` stays the caller's to
    close.
    """

    def __init__(
        self,
        issuer: str,
        audience: str,
        jwks_url: str,
        http: httpx.AsyncClient,
        algorithms: Collection[str] = ALGORITHMS,
    ) -> None:
        self._keys = KeyRing(partial(fetch_keys, http, jwks_url))
        self._verified: dict[str, tuple[Principal, float]] = {}
        # RFC 7515 has readers ignore header parameters that they do not know.
        self._registry = jws.JWSRegistry(algorithms=tuple(algorithms), strict_check_header=False)
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            sub={"essential": True},
            exp={"essential": True},
        )

    async def verify(self, token: str) -> Principal:
        """The caller whom the token names. InvalidToken or KeysUnavailable when that cannot be said."""
        known = self._verified.get(token)
        if known is not None and known[1] > time.time():
            return known[0]
        key = await self._keys.find(key_id_of(token, self._registry))
        try:
            claims = jwt.decode(token, key, registry=self._registry).claims
            self._claims.validate(claims)
        except ExpiredTokenError as error:
            raise InvalidToken("the token has expired") from error
        except (JoseError, ValueError, TypeError) as error:
            raise InvalidToken("the token is not valid here") from error
        caller = read_principal(claims)
        self._remember(token, caller, float(claims["exp"]))
        return caller

    def _remember(self, token: str, caller: Principal, expires_at: float) -> None:
        """Judge the same token once a minute: checking a signature costs more than all else at a door."""
        if len(self._verified) >= MOST_REMEMBERED:
            self._verified.clear()
        self._verified[token] = (caller, min(expires_at, time.time() + REMEMBERED_SECONDS))


def read_principal(claims: Mapping[str, Any]) -> Principal:
    """The caller in verified claims. Roles that Kinetic does not know are left out."""
    roles = claims.get("roles")
    named = {str(role) for role in roles} if isinstance(roles, list) else set[str]()
    email = claims.get("email")
    is_usable = isinstance(email, str) and email and claims.get("email_verified", True) is True
    return Principal(
        subject=claims["sub"],
        email=str(email).lower() if is_usable else None,
        roles=frozenset(role for role in Role if role in named),
    )


_bearer: Final = HTTPBearer(
    auto_error=False, scheme_name="bearer", bearerFormat="JWT", description="An access token of the company's issuer."
)


def require(*roles: Role) -> Callable[..., Awaitable[Principal]]:
    """A dependency that lets in a caller with one of `roles`, or any person when none is named.

    Used as ``caller: Annotated[Principal, Depends(require(Role.MANAGER))]``; the verifier is in `app.state.verifier`.
    Answers 401 without a valid token, 403 without the role, and 503 when the issuer's keys cannot be had.
    """

    async def principal(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> Principal:
        return await _admit(request, credentials, roles)

    return principal


async def admit(request: Request, *roles: Role) -> Principal:
    """What `require` does, for an operation that FastAPI calls with its request alone."""
    return await _admit(request, await _bearer(request), roles)


async def _admit(
    request: Request, credentials: HTTPAuthorizationCredentials | None, roles: Collection[Role]
) -> Principal:
    caller = await _authenticate(request.app.state.verifier, credentials)
    if not caller.may_pass(roles):
        raise _forbidden()
    return caller


async def _authenticate(verifier: Verifier, credentials: HTTPAuthorizationCredentials | None) -> Principal:
    if credentials is None:
        # RFC 6750, section 3.1: a request that brought nothing is told no error code.
        raise _unauthenticated("Send a bearer token.", _REALM)
    try:
        return await verifier.verify(credentials.credentials)
    except InvalidToken as error:
        challenge = f'{_REALM}, error="invalid_token", error_description="{error}"'
        raise _unauthenticated(f"The token is refused: {error}.", challenge) from error
    except KeysUnavailable as error:
        raise unavailable("Tokens cannot be verified: their issuer does not answer.") from error


def _unauthenticated(detail: str, challenge: str) -> Problem:
    return Problem(401, "Not authenticated", detail, headers={"WWW-Authenticate": challenge})


def _forbidden() -> Problem:
    challenge = f'{_REALM}, error="insufficient_scope"'
    return Problem(403, "Not allowed", "The caller lacks the role.", headers={"WWW-Authenticate": challenge})
