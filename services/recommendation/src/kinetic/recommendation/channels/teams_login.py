"""The bot's own token for the Bot Connector: fetched by one caller for all, and kept until shortly before it ends.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from kinetic.common.web import read_json
from kinetic.recommendation.channels.retry_after import retry_after_seconds
from kinetic.recommendation.channels.sending import Delayed

SCOPE: Final = "https://api.botframework.com/.default"
LOGIN_SECONDS: Final = 4.0
ENDS_EARLY_SECONDS: Final = 300.0
"""So long before its end a token is used no more, or from half of its life on."""


@dataclass(frozen=True, slots=True)
class BotAccess:
    """How the bot proves who it is: an application of one tenant, with a secret."""

    app_id: str
    app_secret: SecretStr
    tenant_id: str
    login_url: str


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    ends_at: float


class BotLogin:
    """Tokens for one bot. `http` stays the caller's to close."""

    def __init__(self, access: BotAccess, http: httpx.AsyncClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._access = access
        self._http = http
        self._clock = clock
        self._token: _Token | None = None
        self._fetching: asyncio.Task[_Token | Delayed] | None = None

    async def token(self) -> str | Delayed:
        """A token that holds, or why there is none now."""
        if self._token is not None and self._clock() < self._token.ends_at:
            return self._token.value
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch())
        # Shielded: a caller that leaves must not take the fetch of all others with it.
        found = await asyncio.shield(self._fetching)
        return found.value if isinstance(found, _Token) else found

    def discard(self, token: str) -> None:
        """The far side does not take this token, whatever its end says."""
        if self._token is not None and self._token.value == token:
            self._token = None

    async def _fetch(self) -> _Token | Delayed:
        try:
            found = await self._ask()
            self._token = found if isinstance(found, _Token) else None
            return found
        finally:
            self._fetching = None

    async def _ask(self) -> _Token | Delayed:
        url = f"{self._access.login_url}/{quote(self._access.tenant_id, safe='')}/oauth2/v2.0/token"
        form = {
            "grant_type": "client_credentials",
            "client_id": self._access.app_id,
            "client_secret": self._access.app_secret.get_secret_value(),
            "scope": SCOPE,
        }
        try:
            async with asyncio.timeout(LOGIN_SECONDS):
                answer = await self._http.post(url, data=form, follow_redirects=False)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            return Delayed(f"the login service did not answer: {type(error).__name__}")
        return self._read(answer)

    def _read(self, answer: httpx.Response) -> _Token | Delayed:
        told = _document(answer)
        if answer.status_code != 200:
            reason = told.get("error")
            is_a_name = isinstance(reason, str) and reason.replace("_", "").isalpha() and len(reason) <= 50
            problem = f"the login service answered {answer.status_code} {reason if is_a_name else ''}".rstrip()
            return Delayed(problem, retry_after_seconds(answer), pauses=answer.status_code == 429)
        value, seconds = told.get("access_token"), told.get("expires_in")
        if not isinstance(value, str) or not isinstance(seconds, int | float) or not _fits_a_header(value):
            return Delayed("the login service answered without a token")
        return _Token(value, self._clock() + max(seconds - ENDS_EARLY_SECONDS, seconds / 2))


def _document(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = read_json(answer.content)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _fits_a_header(value: str) -> bool:
    return bool(value) and value.isascii() and value.isprintable() and " " not in value
