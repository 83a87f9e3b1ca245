"""What it means to send: a message goes to a person through a channel, and a receipt says what is known afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from kinetic.contracts.ids import PersonId
from kinetic.recommendation.channels.digest import Shown
from kinetic.recommendation.domain.receipt import Channel, Delayed, Receipt, Refused, Sent, Unknown
from kinetic.recommendation.domain.situation import LONGEST

__all__ = [
    "LONGEST_SECONDS",
    "Channel",
    "Delayed",
    "Dispatch",
    "Receipt",
    "Recipient",
    "Refused",
    "Sender",
    "Sent",
    "Unknown",
]


LONGEST_SECONDS: Final = LONGEST.total_seconds()
"""After which nothing more is to be learnt of a message, in most channels."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message is for, as the directory knows them: `external_ids` by system, e.g. ``slack``.

    `takes_mail` is false once they unsubscribed.
    """

    person_id: PersonId
    email: str | None
    external_ids: Mapping[str, str]
    takes_mail: bool = True


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One message, or several in one, that is to reach one recipient.

    `key` is the same for every attempt at the same message, and new for each version of it. `reference` is what the channel
    gave when the message was first sent: then it is changed, not sent again. `in_doubt` says that an earlier attempt ended
    without an answer: it may have arrived, in a version that is old by now. `occasion` is the same for all versions of the
    message; empty when it has one only.
    """

    key: str
    message: Shown
    recipient: Recipient
    reference: Mapping[str, str] | None = None
    in_doubt: bool = False
    occasion: str = ""


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

    @property
    def longest_seconds(self) -> float:
        """How long sending takes at most. It is given up then."""

    def reaches(self, recipient: Recipient) -> bool:
        """Whether there is an address for this recipient."""

    async def send(self, dispatch: Dispatch) -> Receipt:
        """Send a message, or change the one that was sent. Never raises for what the far side or the network does.

        In doubt, only what the far side takes once however often it comes is sent again; else it is looked up, or Unknown.
        """
