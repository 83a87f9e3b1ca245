"""How tools prove that they sent a webhook: an HMAC of the raw body, or a token that only they were given."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

from kinetic.ingestion.connectors.protocol import Doubt, Signature, Webhook

WINDOW: Final = timedelta(minutes=5)
"""How far a signed time may lie from now, before or after: clocks differ, and a replay comes late."""

_LONGEST_HEADER: Final = 4096
_SEVERAL: Final = re.compile(r"[,\s]+")


def hexadecimal(prefix: str = "") -> Callable[[bytes], str]:
    """Writes a digest as hexadecimal digits behind `prefix`, e.g. ``sha256=``."""
    return lambda digest: prefix + digest.hex()


def base64(prefix: str = "") -> Callable[[bytes], str]:
    """Writes a digest in base64 behind `prefix`."""
    return lambda digest: prefix + b64encode(digest).decode()


def the_body(webhook: Webhook) -> bytes:
    """The message of most signatures."""
    return webhook.body


def unstamped(webhook: Webhook, now: datetime) -> Webhook:
    """Of signatures that cover no time."""
    del now
    return webhook


def stamped(header: str, written: Callable[[datetime], str]) -> Callable[[Webhook, datetime], Webhook]:
    """Writes the time of sending into `header`."""
    return lambda webhook, now: webhook.with_header(header, written(now))


def in_seconds(time: datetime) -> str:
    """The whole Unix time."""
    return str(int(time.timestamp()))


def in_milliseconds(time: datetime) -> str:
    """The Unix time in milliseconds."""
    return str(int(time.timestamp() * 1000))


def without_counters(*names: str) -> Callable[[Webhook], bytes]:
    """The body without the numbers `names`, which a tool counts up when it sends the same once more."""
    counters = re.compile(rf'"(?:{"|".join(names)})"\s*:\s*\d+'.encode())
    return lambda webhook: counters.sub(b"", webhook.body)


@dataclass(frozen=True, slots=True)
class Hmac:
    """An HMAC in the header `header`, which may hold several of them between commas or blanks.

    `message` is what is signed. `sent_at` reads the time that is signed along, if any, and `stamp` writes it: without one
    a replay is told by the delivery id alone. `id_header` names a header with an id that is signed along; without one,
    `repeated` is what a repetition repeats. `version` is what a tool writes before a signature and a comma, such as ``v1``.
    """

    header: str
    written: Callable[[bytes], str] = bytes.hex
    algorithm: str = "sha256"
    message: Callable[[Webhook], bytes] = the_body
    sent_at: Callable[[Webhook], datetime | None] | None = None
    stamp: Callable[[Webhook, datetime], Webhook] = unstamped
    id_header: str | None = None
    key_of: Callable[[str], bytes] = str.encode
    repeated: Callable[[Webhook], bytes] = the_body
    version: str = ""

    def doubt(self, secrets: Sequence[str], webhook: Webhook, now: datetime) -> Doubt | None:
        """See `Signature`."""
        given = webhook.headers.get(self.header)
        if not given:
            return Doubt.UNSIGNED
        if not given.isascii() or len(given) > _LONGEST_HEADER or not self._is_signed(secrets, webhook, given):
            return Doubt.FORGED
        if self.sent_at is None:
            return None
        sent_at = self.sent_at(webhook)
        return None if sent_at is not None and abs(now - sent_at) <= WINDOW else Doubt.UNTIMELY

    def delivery_id(self, webhook: Webhook) -> str:
        """See `Signature`."""
        signed_id = webhook.headers.get(self.id_header) if self.id_header else None
        return signed_id or hashlib.sha256(self.repeated(webhook)).hexdigest()

    def sign(self, secret: str, webhook: Webhook, now: datetime, delivery_id: str) -> Webhook:
        """See `Signature`."""
        named = webhook.with_header(self.id_header, delivery_id) if self.id_header else webhook
        sent = self.stamp(named, now)
        signature = self._signature(secret, self.message(sent))
        return sent.with_header(self.header, f"{self.version},{signature}" if self.version else signature)

    def _signature(self, secret: str, message: bytes) -> str:
        return self.written(hmac.new(self.key_of(secret), message, self.algorithm).digest())

    def _is_signed(self, secrets: Sequence[str], webhook: Webhook, given: str) -> bool:
        message, claims = self.message(webhook), [claim.encode() for claim in _SEVERAL.split(given) if claim]
        wanted = [self._signature(secret, message).encode() for secret in secrets]
        # every pair is compared, so that the time taken does not tell which one fits
        fits = [hmac.compare_digest(claim, one) for claim in claims for one in wanted]
        return any(fits)


@dataclass(frozen=True, slots=True)
class Token:
    """The secret itself, for tools that sign nothing: in the header `header`, as a bearer token, or as a basic password.

    `parameter` names where it may stand in the address, for tools that know no headers. It proves less than an HMAC: whoever
    reads one webhook can send others. TLS must keep it.
    """

    header: str = "x-kinetic-token"
    parameter: str | None = None

    def doubt(self, secrets: Sequence[str], webhook: Webhook, now: datetime) -> Doubt | None:
        """See `Signature`."""
        del now
        given = (
            webhook.headers.get(self.header)
            or _credentials(webhook.headers.get("authorization") or "")
            or _parameter(webhook.url, self.parameter)
        )
        if not given:
            return Doubt.UNSIGNED
        # digests, because a comparison of texts tells their length
        fits = [hmac.compare_digest(_digest(secret), _digest(given)) for secret in secrets]
        return None if any(fits) else Doubt.FORGED

    def delivery_id(self, webhook: Webhook) -> str:
        """See `Signature`."""
        return hashlib.sha256(webhook.body).hexdigest()

    def sign(self, secret: str, webhook: Webhook, now: datetime, delivery_id: str) -> Webhook:
        """See `Signature`."""
        del now, delivery_id
        if self.parameter is None:
            return webhook.with_header(self.header, secret)
        separator = "&" if urlsplit(webhook.url).query else "?"
        return replace(webhook, url=f"{webhook.url}{separator}{self.parameter}={quote(secret, safe='')}")


@dataclass(frozen=True, slots=True)
class Choice:
    """`signed` where the header `header` came along, else `otherwise`: for tools that sign only when told to."""

    header: str
    signed: Signature
    otherwise: Signature

    def doubt(self, secrets: Sequence[str], webhook: Webhook, now: datetime) -> Doubt | None:
        """See `Signature`."""
        return self._chosen(webhook).doubt(secrets, webhook, now)

    def delivery_id(self, webhook: Webhook) -> str:
        """See `Signature`."""
        return self._chosen(webhook).delivery_id(webhook)

    def sign(self, secret: str, webhook: Webhook, now: datetime, delivery_id: str) -> Webhook:
        """See `Signature`. As a tool that was told to."""
        return self.signed.sign(secret, webhook, now, delivery_id)

    def _chosen(self, webhook: Webhook) -> Signature:
        return self.signed if self.header in webhook.headers else self.otherwise


def reads_url(signature: Signature) -> bool:
    """Whether it may look at the address that the tool called. Of one that is not known here that is assumed."""
    if isinstance(signature, Hmac):
        return signature.message is not the_body or signature.repeated is not the_body
    if isinstance(signature, Choice):
        return reads_url(signature.signed) or reads_url(signature.otherwise)
    return not isinstance(signature, Token) or signature.parameter is not None


def _parameter(url: str, name: str | None) -> str | None:
    if name is None:
        return None
    try:
        return parse_qs(urlsplit(url).query).get(name, [None])[0]
    except ValueError:
        return None


def _credentials(authorization: str) -> str | None:
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip() or None
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(rest, validate=True).decode().partition(":")[2] or None
    except (NotBase64, ValueError):
        return None


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
