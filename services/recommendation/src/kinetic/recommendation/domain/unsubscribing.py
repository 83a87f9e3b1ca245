"""The address in a mail that unsubscribes its recipient, and nobody else: their id under a key, without an end.

A token is the URL-safe base64 of the 16 bytes of the person's id and an HMAC-SHA256 of them. It holds no name and no address.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from kinetic.contracts.ids import PersonId

TOKEN_LENGTH: Final = 64
_ID_BYTES: Final = 16
_PURPOSE: Final = b"kinetic unsubscribe\0"
"""A key that signs other things elsewhere makes no token here."""


def token_of(person_id: PersonId, keys: Sequence[bytes]) -> str:
    """The token of a person, made with the first key; there is at least one."""
    identity = UUID(person_id).bytes
    return urlsafe_b64encode(identity + _seal(keys[0], identity)).decode()


def person_of(token: str, keys: Sequence[bytes]) -> PersonId | None:
    """Whose token it is; None when none of the keys made it."""
    try:
        raw = urlsafe_b64decode(token) if len(token) == TOKEN_LENGTH else b""
    except (NotBase64, ValueError):
        return None
    identity, seal = raw[:_ID_BYTES], raw[_ID_BYTES:]
    fits = [hmac.compare_digest(seal, _seal(key, identity)) for key in keys]  # all, so that time tells nothing
    return PersonId(str(UUID(bytes=identity))) if any(fits) else None


def _seal(key: bytes, identity: bytes) -> bytes:
    return hmac.digest(key, _PURPOSE + identity, "sha256")
