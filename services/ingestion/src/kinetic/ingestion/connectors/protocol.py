"""What a connector is: pure functions that make observations of a tool's webhook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

Headers = Mapping[str, str]
"""HTTP headers with lower-case names."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What a payload says about a team's work, before it is known which team.

    `severity` lies between 0 and 1. `attribution` holds the facts by which rules find the team, such as
    ``{"repository": "acme/checkout"}``; the key ``person`` holds an e-mail address and is used for nothing else.
    `occurred_at` is None when the tool does not say when.
    """

    kind: str
    severity: float
    summary: str
    url: str | None
    occurred_at: datetime | None
    attribution: Mapping[str, str]
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mapped:
    """The payload means something. All that was observed belongs to one team: the facts for rules are the same."""

    observations: tuple[Observation, ...]


@dataclass(frozen=True, slots=True)
class Ignored:
    """The payload means nothing to Kinetic, and why."""

    reason: str


Reading = Mapped | Ignored


class Connector(Protocol):
    """One tool. Nothing here does I/O, and `read` raises for no payload whatever."""

    @property
    def tool(self) -> str:
        """The tool's name, e.g. ``github``; the `source` of its signals."""
        ...

    def verify(self, secrets: Sequence[str], headers: Headers, body: bytes) -> bool:
        """Whether the raw body carries a signature made with one of `secrets`, compared in constant time."""
        ...

    def delivery_id(self, headers: Headers, body: bytes) -> str:
        """What stays the same when the tool sends the same webhook again."""
        ...

    def read(self, headers: Headers, payload: Any) -> Reading:
        """What the payload, a JSON value, means."""
        ...
