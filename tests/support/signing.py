"""Webhooks with the proofs that their tools would send along."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from kinetic.ingestion.connectors.hubspot.signature import NEWEST, HubSpotSignature
from kinetic.ingestion.connectors.protocol import Signature, Webhook
from kinetic.ingestion.connectors.signatures import Choice, Hmac, Token

ADDRESS = "https://kinetic.example/webhooks/7"


def timed_headers(at: datetime) -> dict[str, str]:
    """The headers in which tools say when they sent a webhook, all of them at once, and its id."""
    seconds = str(int(at.timestamp()))
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": seconds,
        "x-grafana-alerting-timestamp": seconds,
        "x-hubspot-request-timestamp": f"{seconds}000",
        "x-zendesk-webhook-signature-timestamp": at.isoformat(),
    }


def signed(signature: Signature, secret: str, webhook: Webhook) -> Iterator[tuple[str, Webhook]]:
    """The webhook with each of the proofs that are taken, and the header in which it stands."""
    if isinstance(signature, Choice):
        yield from signed(signature.signed, secret, webhook)
        rest = {name: value for name, value in webhook.headers.items() if name != signature.header}
        yield from signed(signature.otherwise, secret, replace(webhook, headers=rest))
    elif isinstance(signature, Hmac):
        digest = hmac.new(signature.key_of(secret), signature.message(webhook), signature.algorithm).digest()
        yield signature.header, _with(webhook, {signature.header: signature.written(digest)})
    elif isinstance(signature, HubSpotSignature):
        yield from signed(NEWEST, secret, webhook)
    elif isinstance(signature, Token):
        yield signature.header, _with(webhook, {signature.header: secret})
        yield "authorization", _with(webhook, {"authorization": f"Bearer {secret}"})
    else:
        raise TypeError(f"{type(signature).__qualname__} is not known here")


def _with(webhook: Webhook, headers: Mapping[str, str]) -> Webhook:
    return replace(webhook, headers={**webhook.headers, **headers})
