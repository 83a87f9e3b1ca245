"""Keys as the environment gives them, refused with a reason that quotes none of them."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from typing import Final

from pydantic import SecretStr

PREFIX: Final = "whsec_"
SHORTEST_SECRET_BYTES: Final = 24
LONGEST_SECRET_BYTES: Final = 64
SHORTEST_KEY: Final = 32


def split(secrets: SecretStr) -> tuple[str, ...]:
    """The secrets, which commas separate."""
    return tuple(secret for part in secrets.get_secret_value().split(",") if (secret := part.strip()))


def unsubscribe_keys(secrets: SecretStr) -> tuple[bytes, ...]:
    """Keys of addresses that unsubscribe. ValueError when one is too short to be a secret."""
    keys = split(secrets)
    if any(len(key) < SHORTEST_KEY for key in keys):
        raise ValueError(f"KINETIC_UNSUBSCRIBE_KEYS: a key has at least {SHORTEST_KEY} characters; make one at random")
    return tuple(key.encode() for key in keys)


def webhook_secrets(secrets: SecretStr) -> tuple[bytes, ...]:
    """Secrets of Standard Webhooks, as bytes. ValueError when one is none."""
    return tuple(_webhook_secret(secret) for secret in split(secrets))


def _webhook_secret(secret: str) -> bytes:
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True) if secret.startswith(PREFIX) else b""
    except (NotBase64, ValueError):
        key = b""
    if not SHORTEST_SECRET_BYTES <= len(key) <= LONGEST_SECRET_BYTES:
        raise ValueError(
            f"KINETIC_NUDGE_WEBHOOK_SECRETS: a secret reads {PREFIX} and the base64 of "
            f"{SHORTEST_SECRET_BYTES} to {LONGEST_SECRET_BYTES} bytes"
        )
    return key
