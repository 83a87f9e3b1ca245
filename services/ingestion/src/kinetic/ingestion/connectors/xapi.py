"""Learning platforms that speak xAPI. They send no webhooks: `POST /xapi/statements` takes what they say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from kinetic.ingestion.connectors.protocol import Connector, Doubt, Headers, Ignored, Reading, Webhook


class _NeverSigned:
    """No webhook of such a platform is believed."""

    def doubt(self, secrets: Sequence[str], webhook: Webhook, now: datetime) -> Doubt | None:
        del secrets, webhook, now
        return Doubt.UNSIGNED

    def delivery_id(self, webhook: Webhook) -> str:
        del webhook
        return ""

    def sign(self, secret: str, webhook: Webhook, now: datetime, delivery_id: str) -> Webhook:
        del secret, now, delivery_id
        return webhook


def _read(headers: Headers, payload: Any) -> Reading:
    del headers, payload
    return Ignored("statements are sent to /xapi/statements")


CONNECTOR = Connector("xapi", _NeverSigned(), _read)
