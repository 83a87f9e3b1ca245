"""What it means to send: a message goes to a person through a channel, and one of four things is known afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from kinetic.contracts.ids import PersonId
from kinetic.recommendation.channels.message import Message


class Channel(StrEnum):
    """Where a manager may read nudges besides the console."""

    SLACK = "slack"
    TEAMS = "teams"
    MAIL = "mail"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message is for, as the directory knows them: `external_ids` by system, e.g. ``slack``."""

    person_id: PersonId
    email: str | None
    external_ids: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One message that is to reach one recipient.

    `key` is the same for every attempt at the same message, and new for each version of it. `reference` is what the channel
    gave when the message was first sent: then it is changed, not sent again. `in_doubt` says that an earlier attempt ended
    without an answer: it may have arrived.
    """

    key: str
    message: Message
    recipient: Recipient
    reference: Mapping[str, str] | None = None
    in_doubt: bool = False


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
    """It may have arrived. It is not sent again, unless the channel can find out first."""

    problem: str


Receipt = Sent | Delayed | Refused | Unknown


class Sender(Protocol):
    """A channel that is set up.

    Problems are for operators: they name what went wrong, and hold neither secrets nor addresses.
    """

    @property
    def channel(self) -> Channel:
        """Which channel it is."""

    @property
    def follows(self) -> bool:
        """Whether the recipient is also told what became of a nudge: the message is changed, or another is sent."""

    def reaches(self, recipient: Recipient) -> bool:
        """Whether there is an address for this recipient."""

    async def send(self, dispatch: Dispatch) -> Receipt:
        """Send a message, or change the one that was sent. Never raises for what the far side or the network does.

        In doubt, only what the far side takes once however often it comes is sent again; else it is looked up, or Unknown.
        """
