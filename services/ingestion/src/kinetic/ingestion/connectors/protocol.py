"""What a connector is: how a tool proves that it sent a webhook, and a pure function that makes observations of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

Headers = Mapping[str, str]
"""HTTP headers with lower-case names."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """What a tool sent, as it came. `url` is the address that the tool called."""

    headers: Headers
    body: bytes
    url: str = ""

    def with_header(self, name: str, value: str) -> Webhook:
        """The same with `value` in the header `name`."""
        return replace(self, headers={**self.headers, name: value})


class Doubt(StrEnum):
    """Why a webhook is not believed."""

    UNSIGNED = "the signature is missing"
    FORGED = "the signature is wrong"
    UNTIMELY = "the time of the signature lies too far from now"


class Signature(Protocol):
    """How a tool proves that a webhook comes from it."""

    def doubt(self, secrets: Sequence[str], webhook: Webhook, now: datetime) -> Doubt | None:
        """Why the webhook is not believed to be signed with one of `secrets`; None when it is. Takes constant time."""
        ...

    def delivery_id(self, webhook: Webhook) -> str:
        """What a repetition of the webhook repeats and the signature covers: a signed id, else a digest of the body."""
        ...

    def sign(self, secret: str, webhook: Webhook, now: datetime, delivery_id: str) -> Webhook:
        """The webhook as the tool sends it `now`: signed with `secret`, under `delivery_id` where the tool signs an id."""
        ...


class Observation(NamedTuple):
    """What a payload says about a team's work, before it is known which team.

    `severity` lies between 0 and 1. `attribution` holds the facts by which rules find the team, such as
    ``{"repository": "acme/checkout"}``; the key ``person`` holds an e-mail address and is used for nothing else.
    `occurred_at` is None when the tool does not say when. `unknown` names words of the tool that no rule knows and that
    were read as neutral, such as ``priority P7``.
    """

    kind: str
    severity: float
    summary: str
    url: str | None
    occurred_at: datetime | None
    attribution: Mapping[str, str]
    attributes: Mapping[str, str] = MappingProxyType({})
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mapped:
    """The payload means something. All that was observed belongs to one team: the facts for rules are the same."""

    observations: tuple[Observation, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """What was observed, one for each observation."""
        return tuple(one.kind for one in self.observations)

    @property
    def facts(self) -> tuple[Mapping[str, str], ...]:
        """By what rules find the team, one for each observation."""
        return tuple(one.attribution for one in self.observations)


@dataclass(frozen=True, slots=True)
class Ignored:
    """The payload means nothing to Kinetic, and why."""

    reason: str


Reading = Mapped | Ignored


@dataclass(frozen=True, slots=True)
class Connector:
    """One tool. `read` makes observations of the headers and the payload, a JSON value; it does no I/O and never raises.

    `tool` is the `source` of its signals.
    """

    tool: str
    signature: Signature
    read: Callable[[Headers, Any], Reading]
