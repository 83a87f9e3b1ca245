"""Any other tool: a mapping says in JMESPath (jmespath.org) what its payloads mean.

Signature: Standard Webhooks (standardwebhooks.com) if nothing else is said: `webhook-id`, `webhook-timestamp` and
`webhook-signature`, HMAC-SHA256 in base64 over ``id.timestamp.body``. A tool that cannot do that signs the body alone
(`hmac`) or sends the secret itself (`token`).

Only what the mapping names is kept, so free text comes in only where somebody asked for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from kinetic.contracts.fields import Share, ShortText, Slug, refuse_unstorable
from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.growth import MOST, growth_of
from kinetic.ingestion.connectors.observing import observe
from kinetic.ingestion.connectors.payloads import link, milliseconds, moment, number, text_of, unix_time
from kinetic.ingestion.connectors.protocol import (
    Connector,
    Headers,
    Ignored,
    Mapped,
    Observation,
    Reading,
    Signature,
)
from kinetic.ingestion.connectors.severities import Scale, Severity
from kinetic.ingestion.connectors.signatures import Hmac, Token, base64, hexadecimal
from kinetic.ingestion.connectors.standard_webhooks import STANDARD

MOST_SIGNALS = 100
_MILLISECONDS_FROM = 100_000_000_000
"""Unix times from here on are milliseconds: as seconds they would lie beyond the year 5000."""


_UNFIT = (JMESPathError, ArithmeticError, RecursionError, TypeError, ValueError)
"""What JMESPath raises about a payload that an expression does not fit: a text compared with a number is a TypeError."""


def refuse_broken_expression(expression: str) -> str:
    """Return `expression`; ValueError when it is no JMESPath, or could blow a payload up."""
    try:
        growth = growth_of(refuse_unstorable(expression))
    except JMESPathError as error:
        raise ValueError(f"is no JMESPath: {str(error).splitlines()[0]}") from error
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error
    if growth > MOST:
        raise ValueError(f"could find {growth} times as much as the payload holds, and {MOST} times is the most")
    return expression


Expression = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(refuse_broken_expression)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,49}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ScaleMapping(_Part):
    """How bad it is by the word at `path`; a word that is not among them is neutral and reported as unknown."""

    path: Expression
    words: dict[ShortText, Share] = Field(min_length=1, max_length=50)


class SignalMapping(_Part):
    """A signal that the payload is when `when` is true of it. Facts and attributes are kept under the names given here."""

    kind: Literal[*kinds.ALL]  # type: ignore[valid-type]
    when: Expression | None = None
    severity: Share | ScaleMapping = 0.5
    state: ShortText = Field(default="reported", description="Ends the summary, e.g. `failed`.")
    place: Expression | None = Field(default=None, description="A name that the tool's administrator chose.")
    occurred_at: Expression | None = Field(default=None, description="ISO 8601 with a zone, or a Unix time.")
    url: Expression | None = None
    facts: dict[Name, Expression] = Field(default={}, max_length=10, description="By these, rules find the team.")
    attributes: dict[Name, Expression] = Field(default={}, max_length=20)


class SignatureMapping(_Part):
    """How the tool proves that it sent a webhook."""

    scheme: Literal["standard", "hmac", "token"] = "standard"
    header: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,100}$")] = "x-kinetic-signature"
    prefix: Annotated[str, StringConstraints(max_length=20), AfterValidator(refuse_unstorable)] = ""
    encoding: Literal["hex", "base64"] = "hex"


class PayloadMapping(_Part):
    """What the payloads of a tool mean."""

    source: Slug = Field(description="The tool's name, the `source` of its signals.")
    each: Expression | None = Field(default=None, description="The list of things in one payload; without it, itself.")
    signals: list[SignalMapping] = Field(min_length=1, max_length=20, description="All that fit are told.")
    signature: SignatureMapping = SignatureMapping()


def connector_of(mapping: PayloadMapping) -> Connector:
    """The connector that a mapping describes."""

    def read(headers: Headers, payload: Any) -> Reading:
        del headers
        return read_mapped(mapping, payload)

    return Connector(mapping.source, _signature_of(mapping.signature), read)


def read_mapped(mapping: PayloadMapping, payload: Any) -> Reading:
    """What `payload` means by `mapping`."""
    things = _find(mapping.each, payload) if mapping.each else [payload]
    if not isinstance(things, list):
        return Ignored("the payload has no list where the mapping looks for one")
    found = tuple(_observations(mapping, things))
    return Mapped(found[:MOST_SIGNALS]) if found else Ignored("no signal of the mapping fits the payload")


def _observations(mapping: PayloadMapping, things: list[Any]) -> Iterator[Observation]:
    for thing in things[:MOST_SIGNALS]:
        for signal in mapping.signals:
            if signal.when is None or _find(signal.when, thing) is True:
                yield _observe(mapping.source, signal, thing)


def _observe(source: str, signal: SignalMapping, thing: Any) -> Observation:
    return observe(
        signal.kind,
        _severity(signal.severity, thing),
        place=_word(signal.place, thing) or source,
        state=signal.state,
        at=_moment(signal.occurred_at, thing),
        url=link({"url": _find(signal.url, thing)}, "url"),
        facts={name: _word(path, thing) for name, path in signal.facts.items()},
        attributes={name: _word(path, thing) for name, path in signal.attributes.items()},
    )


def _severity(given: float | ScaleMapping, thing: Any) -> Severity:
    if isinstance(given, ScaleMapping):
        words = {word.lower(): value for word, value in given.words.items()}
        return Scale(given.path, words).of(_word(given.path, thing))
    return Severity(given)


def _find(path: str | None, thing: Any) -> Any:
    """What the expression finds; None when it finds nothing or does not fit the payload."""
    try:
        return jmespath.search(path, thing) if path else None
    except _UNFIT:
        return None


def _word(path: str | None, thing: Any) -> str | None:
    found = _find(path, thing)
    if isinstance(found, int | float) and not isinstance(found, bool):
        found = str(found)
    return text_of(found)


def _moment(path: str | None, thing: Any) -> datetime | None:
    at = {"at": _find(path, thing)}
    if isinstance(at["at"], str):
        return moment(at, "at")
    whole = number(at, "at")
    return milliseconds(at, "at") if whole is not None and abs(whole) >= _MILLISECONDS_FROM else unix_time(at, "at")


def _signature_of(mapping: SignatureMapping) -> Signature:
    if mapping.scheme == "token":
        return Token(mapping.header)
    if mapping.scheme == "hmac":
        written = base64(mapping.prefix) if mapping.encoding == "base64" else hexadecimal(mapping.prefix)
        return Hmac(mapping.header, written)
    return STANDARD
