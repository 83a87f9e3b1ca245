"""What is known after an attempt to send: it arrived, it did not yet, it never will, or nobody knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Channel(StrEnum):
    """Where a manager may read nudges besides the console."""

    SLACK = "slack"
    TEAMS = "teams"
    MAIL = "mail"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Sent:
    """The far side has it. `reference` finds it again, for changes."""

    reference: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delayed:
    """It did not arrive, and may if it is sent again: not before `after_seconds`, when the far side said so.

    `pauses` says that it asked for a rest from all messages, not of this one.
    """

    problem: str
    after_seconds: float | None = None
    pauses: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """It did not arrive and never will, e.g. because nobody has that address."""

    problem: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have arrived. It is not sent again, unless the channel can find out first: in doubt, `after_seconds`."""

    problem: str
    after_seconds: float | None = None


Receipt = Sent | Delayed | Refused | Unknown
