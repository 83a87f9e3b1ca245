"""Secrets at rest."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from cryptography.fernet import Fernet, MultiFernet


class Vault:
    """Encrypts secrets with the first of some Fernet keys and decrypts them with any."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, secret: str) -> bytes:
        """The secret, encrypted."""
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """The secret in `sealed`. `cryptography.fernet.InvalidToken` when none of the keys fits."""
        return self._fernet.decrypt(sealed).decode()


def new_secret() -> str:
    """A fresh secret: 256 bits in URL-safe base64."""
    return secrets.token_urlsafe(32)
