"""The platform's own bearer token: fetched with its client secret, kept, and renewed before it expires."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import httpx

from examples.lms.requests import SYSTEM

_RENEW_BEFORE_SECONDS: Final = 60.0


class TokenUnavailable(Exception):
    """The issuer does not answer, or refuses. Says why; trying again later may help."""


class Bearer:
    """Tokens of one client of one OIDC issuer, whose token endpoint is found by discovery."""

    def __init__(
        self, http: httpx.AsyncClient, issuer: str, secret_file: Path, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._http = http
        self._issuer = issuer
        self._secret_file = secret_file
        self._clock = clock
        self._token = ""
        self._renew_at = float("-inf")

    async def token(self) -> str:
        """A token that is valid for a while yet. TokenUnavailable when none can be had."""
        if self._clock() >= self._renew_at:
            await self._renew()
        return self._token

    def forget(self) -> None:
        """The token was refused: fetch another one next time."""
        self._renew_at = float("-inf")

    async def _renew(self) -> None:
        try:
            # Read each time: the issuer may make the secret after this process started.
            secret = self._secret_file.read_text().strip()
            metadata = (await self._http.get(f"{self._issuer}/.well-known/openid-configuration")).raise_for_status()
            form = {"grant_type": "client_credentials"}
            answer = await self._http.post(metadata.json()["token_endpoint"], data=form, auth=(SYSTEM, secret))
            granted = answer.raise_for_status().json()
            self._token = str(granted["access_token"])
            self._renew_at = self._clock() + float(granted["expires_in"]) - _RENEW_BEFORE_SECONDS
        except (OSError, httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise TokenUnavailable(f"no token from {self._issuer}: {error!r}") from error
