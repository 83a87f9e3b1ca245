"""Secrets at rest."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from kinetic.common.problems import unavailable


class Vault:
    """Encrypts secrets with the first of some Fernet keys and decrypts them with any. Without keys it stays shut."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys]) if keys else None

    def seal(self, secret: str) -> bytes:
        """The secret, encrypted. Problem 503 when there is no key."""
        return self._opened().encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """The secret in `sealed`. Problem 503 when there is no key, or none that fits."""
        try:
            return self._opened().decrypt(sealed).decode()
        except InvalidToken as error:
            raise unavailable("A secret was encrypted with a key that is not among KINETIC_SECRET_KEYS.") from error

    def open_fresh(self, sealed: bytes, seconds: int) -> str | None:
        """What was sealed in the last `seconds`; None when it is older or was not sealed here. Problem 503 without a key."""
        try:
            return self._opened().decrypt(sealed, ttl=seconds).decode()
        except InvalidToken:
            return None

    def _opened(self) -> MultiFernet:
        if self._fernet is None:
            raise unavailable("This installation has no key for secrets: set KINETIC_SECRET_KEYS.")
        return self._fernet


def new_secret(prefix: str = "") -> str:
    """A fresh secret: 256 bits in base64 behind `prefix`."""
    return prefix + b64encode(secrets.token_bytes(32)).decode()
