"""How HubSpot signs: three ways, of which the older two are only taken where the newest is missing.

Version 3 is an HMAC with a time. Versions 1 and 2 are plain SHA-256 digests of the secret and the message, with no time. Who
has seen one such webhook can send that very body again, which is a repetition and changes nothing; he cannot make another one
that is JSON.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kinetic.ingestion.connectors.payloads import milliseconds
from kinetic.ingestion.connectors.protocol import Doubt, Webhook
from kinetic.ingestion.connectors.signatures import Hmac, base64, in_milliseconds, stamped, without_counters

_DECODED: Final = {
    quoted: bytes.fromhex(quoted[1:]).decode()
    for quoted in ("%3A", "%2F", "%3F", "%40", "%21", "%24", "%27", "%28", "%29", "%2A", "%2C", "%3B")
}
_ENCODED: Final = re.compile("|".join(_DECODED), re.IGNORECASE)
_METHOD: Final = b"POST"
_TIME: Final = "x-hubspot-request-timestamp"


def decoded(url: str) -> str:
    """The address as HubSpot signs it: these characters, and no others, without their percent codes."""
    return _ENCODED.sub(lambda match: _DECODED[match.group().upper()], url)


def _message(webhook: Webhook) -> bytes:
    timestamp = webhook.headers.get(_TIME, "")
    return _METHOD + decoded(webhook.url).encode() + webhook.body + timestamp.encode()


def _sent_at(webhook: Webhook) -> datetime | None:
    return milliseconds({_TIME: webhook.headers.get(_TIME)}, _TIME)


NEWEST: Final = Hmac(
    "x-hubspot-signature-v3",
    base64(),
    message=_message,
    sent_at=_sent_at,
    stamp=stamped(_TIME, in_milliseconds),
    repeated=without_counters("attemptNumber"),
)
_OLDER: Final[Mapping[str, Callable[[Webhook], bytes]]] = {
    "v1": lambda webhook: webhook.body,
    "v2": lambda webhook: _METHOD + webhook.url.encode() + webhook.body,
}


@dataclass(frozen=True, slots=True)
class HubSpotSignature:
    """See the module. A delivery is told by its body without the number of the attempt, which HubSpot counts up in it."""

    def doubt(self, secrets: Sequence[str], webhook: Webhook, now: datetime) -> Doubt | None:
        """See `Signature`."""
        if NEWEST.header in webhook.headers:
            return NEWEST.doubt(secrets, webhook, now)
        given = webhook.headers.get("x-hubspot-signature")
        if not given:
            return Doubt.UNSIGNED
        message = _OLDER.get(webhook.headers.get("x-hubspot-signature-version", "v1").lower())
        if message is None or not given.isascii():
            return Doubt.FORGED
        wanted = [hashlib.sha256(secret.encode() + message(webhook)).hexdigest() for secret in secrets]
        fits = [hmac.compare_digest(given, one) for one in wanted]
        return None if any(fits) else Doubt.FORGED

    def delivery_id(self, webhook: Webhook) -> str:
        """See `Signature`."""
        return NEWEST.delivery_id(webhook)

    def sign(self, secret: str, webhook: Webhook, now: datetime, delivery_id: str) -> Webhook:
        """See `Signature`. In the newest way."""
        return NEWEST.sign(secret, webhook, now, delivery_id)
