"""An issuer's public keys, kept at hand: fetched seldom, by one caller for all, and trusted for a while without the issuer."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import httpx
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, RSAKey, import_key

FETCH_SECONDS: Final = 3.0
REFRESH_AFTER_SECONDS: Final = 600.0
"""Keys older than this are fetched again, while requests go on with those there are."""
STALE_AFTER_SECONDS: Final = 3600.0
"""Keys older than this are no longer trusted: the longest a withdrawn key can live on while the issuer is away."""
PAUSE_SECONDS: Final = 5.0
"""The least time between two fetches, so that invented key ids cannot make us flood the issuer."""

_LONGEST_TOKEN: Final = 16_384

_logger: Final = logging.getLogger(__name__)


class InvalidToken(Exception):
    """The token does not prove who is asking. Says why, in words fit for the caller."""


class KeysUnavailable(Exception):
    """The issuer's keys cannot be had, so no token can be judged."""


FetchKeys = Callable[[], Awaitable[Mapping[str, Key]]]
"""Asks an issuer for its keys. Raises httpx.HTTPError or ValueError."""


class KeyRing:
    """The issuer's public keys, by key id.

    They are fetched when first needed, again every `REFRESH_AFTER_SECONDS`, and when a token names an unknown key: one
    fetch at a time, with `PAUSE_SECONDS` between. While the issuer is away the last keys serve on, until
    `STALE_AFTER_SECONDS`.
    """

    def __init__(self, fetch: FetchKeys, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch_keys = fetch
        self._clock = clock
        self._keys: Mapping[str, Key] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, key_id: str) -> Key:
        """The key of that id. InvalidToken when the issuer has none, KeysUnavailable when it cannot be asked."""
        if self._age() > STALE_AFTER_SECONDS:
            self._keys = {}
        key = self._keys.get(key_id)
        if key is None:
            await self._fetch_now()
            return self._found(key_id)
        if self._age() > REFRESH_AFTER_SECONDS:
            self._begin_fetch()
        return key

    def _age(self) -> float:
        return self._clock() - self._fetched_at

    def _found(self, key_id: str) -> Key:
        key = self._keys.get(key_id)
        if key is not None:
            return key
        if self._fetched_at < self._tried_at:
            raise KeysUnavailable("the issuer of tokens does not answer")
        raise InvalidToken("the token is signed with an unknown key")

    async def _fetch_now(self) -> None:
        fetching = self._begin_fetch()
        if fetching is not None:
            # Shielded: a caller that leaves must not take the fetch of all others with it.
            await asyncio.shield(fetching)

    def _begin_fetch(self) -> asyncio.Task[None] | None:
        if self._fetching is None and self._clock() - self._tried_at >= PAUSE_SECONDS:
            self._tried_at = self._clock()
            self._fetching = asyncio.create_task(self._fetch())
        return self._fetching

    async def _fetch(self) -> None:
        try:
            self._keys = await self._fetch_keys()
            self._fetched_at = self._clock()
        except (httpx.HTTPError, ValueError) as error:
            _logger.warning("the keys of the token issuer could not be fetched: %r", error)
        finally:
            self._fetching = None


async def fetch_keys(http: httpx.AsyncClient, jwks_url: str) -> Mapping[str, Key]:
    """The keys that an issuer publishes now. Raises httpx.HTTPError or ValueError."""
    return read_keys((await http.get(jwks_url, timeout=FETCH_SECONDS)).raise_for_status().json())


def key_id_of(token: str, registry: jws.JWSRegistry) -> str:
    """Which key a token says it is signed with. InvalidToken when it does not say."""
    if len(token) > _LONGEST_TOKEN:
        raise InvalidToken("the token is too long")
    try:
        header = jws.extract_compact(token.encode(), registry=registry).protected
    except (JoseError, ValueError, TypeError) as error:
        raise InvalidToken("the token is malformed") from error
    if not isinstance(header, dict):
        raise InvalidToken("the token is malformed")
    key_id = header.get("kid")
    if not isinstance(key_id, str):
        raise InvalidToken("the token does not name its key")
    return key_id


def read_keys(document: Any) -> dict[str, Key]:
    """The usable signing keys of a JWK set by their id. Others are left out. ValueError when there is none."""
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError("not a JWK set")
    keys = {entry["kid"]: key for entry in entries if (key := _read_key(entry)) is not None}
    if not keys:
        raise ValueError("the JWK set holds no usable key")
    return keys


def _read_key(entry: Any) -> Key | None:
    # Only public-key types: with a symmetric one, whoever can verify a token could make one.
    if not isinstance(entry, dict) or entry.get("kty") not in (RSAKey.key_type, ECKey.key_type):
        return None
    if not isinstance(entry.get("kid"), str) or entry.get("use", "sig") != "sig":
        return None
    try:
        return import_key(entry)
    except (JoseError, ValueError, TypeError):
        return None
