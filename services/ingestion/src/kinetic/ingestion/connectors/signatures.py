"""Signatures over the raw body."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence


def has_sha256_signature(secrets: Sequence[str], signature: str | None, body: bytes) -> bool:
    """Whether `signature` reads ``sha256=<hex HMAC-SHA256 of the body>`` for one of `secrets` (WebSub, section 8)."""
    if signature is None or not signature.isascii():
        return False
    given = signature.encode()
    # Every secret is tried, so that the time taken does not tell which one fits.
    fits = [hmac.compare_digest(_sign(secret, body), given) for secret in secrets]
    return any(fits)


def _sign(secret: str, body: bytes) -> bytes:
    return b"sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()


def digest_of(body: bytes) -> str:
    """Stands in for a delivery id where the tool sends none."""
    return hashlib.sha256(body).hexdigest()
