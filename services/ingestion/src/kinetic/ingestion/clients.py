"""Clients of the xAPI door: an integration proves itself by its secret, or by a token that it got for its secret."""

from __future__ import annotations

import hmac
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus

from kinetic.common.database import Database
from kinetic.ingestion.connectors import XAPI
from kinetic.ingestion.senders import Sender, Senders
from kinetic.ingestion.vault import Vault

TOKEN_SECONDS: Final = 900
"""So long a token opens the door, also when the secret was replaced meanwhile."""

_LONGEST: Final = 4096
_PREFIX: Final = "xapi-token/"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client id, which is an integration's id, and its secret."""

    client_id: str
    secret: str


def read_basic(value: str) -> Credentials | None:
    """The credentials behind `Basic` in an Authorization header (RFC 7617); None when there are none."""
    try:
        client_id, colon, secret = b64decode(value, validate=True).decode().partition(":")
    except (NotBase64, ValueError):
        return None
    return Credentials(client_id, secret) if colon and len(value) <= _LONGEST else None


async def find_client(senders: Senders, database: Database, credentials: Credentials) -> Sender | None:
    """The integration that these credentials prove; None when they prove none. They may be form-encoded (RFC 6749, 2.3.1)."""
    sender = await _find(senders, database, unquote_plus(credentials.client_id))
    known = sender.secrets if sender else ("",)
    offered = (credentials.secret, unquote_plus(credentials.secret))
    # Every pair is compared, whatever the others say: the time tells nothing.
    proofs = [hmac.compare_digest(one.encode(), secret.encode()) for one in offered for secret in known]
    return sender if sender is not None and any(proofs) else None


def issue_token(vault: Vault, sender: Sender) -> str:
    """A token that opens the xAPI door of this integration, and no other, for `TOKEN_SECONDS`."""
    return vault.seal(f"{_PREFIX}{sender.integration_id}").decode()


async def find_bearer(vault: Vault, senders: Senders, database: Database, token: str) -> Sender | None:
    """The integration that a token was issued to; None when it is none of ours, too old, or the integration is gone."""
    if len(token) > _LONGEST or not token.isascii():
        return None
    opened = vault.open_fresh(token.encode(), TOKEN_SECONDS)
    if opened is None or not opened.startswith(_PREFIX):
        return None
    return await _find(senders, database, opened.removeprefix(_PREFIX))


async def _find(senders: Senders, database: Database, integration_id: str) -> Sender | None:
    sender = await senders.find(database, integration_id)
    return sender if sender is not None and sender.connector.tool == XAPI else None
