"""Standard Webhooks (standardwebhooks.com): how tools sign that have no way of their own."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from datetime import datetime

from kinetic.ingestion.connectors.payloads import unix_time
from kinetic.ingestion.connectors.protocol import Webhook
from kinetic.ingestion.connectors.signatures import Hmac, base64, in_seconds, stamped

_TIME = "webhook-timestamp"


def _message(webhook: Webhook) -> bytes:
    return f"{webhook.headers.get('webhook-id')}.{webhook.headers.get(_TIME)}.".encode() + webhook.body


def _sent_at(webhook: Webhook) -> datetime | None:
    return unix_time({_TIME: webhook.headers.get(_TIME)}, _TIME)


def _key(secret: str) -> bytes:
    try:
        return b64decode(secret.removeprefix("whsec_"), validate=True)
    except (NotBase64, ValueError):
        return secret.encode()


STANDARD = Hmac(
    "webhook-signature",
    base64(),
    message=_message,
    sent_at=_sent_at,
    stamp=stamped(_TIME, in_seconds),
    id_header="webhook-id",
    key_of=_key,
    version="v1",
)
"""Its signatures read ``v1,<base64>``, with blanks between several."""
