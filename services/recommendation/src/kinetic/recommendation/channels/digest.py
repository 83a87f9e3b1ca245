"""Several nudges and notices that come before one manager at once, in one message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kinetic.recommendation.channels.notice import Item
from kinetic.recommendation.words import Phrasebook


@dataclass(frozen=True, slots=True)
class Digest:
    """At least one message, all in the language of `book`. The title counts what still waits for an answer."""

    messages: tuple[Item, ...]
    book: Phrasebook

    @property
    def title(self) -> str:
        """E.g. `2 messages are waiting`."""
        waiting = sum(message.outcome is None for message in self.messages)
        return self.book.say("digest-title", count=waiting)

    @property
    def told(self) -> str:
        """What is read where there is no room for more."""
        titles = "; ".join(message.outcome or message.title for message in self.messages)
        return self.book.say("labelled", label=self.title, text=titles)

    @property
    def item_id(self) -> str:
        """The id of what stands first, which it keeps however many others end."""
        return self.messages[0].item_id


Shown = Item | Digest
"""What a channel is given to show."""


def shown_as(messages: Sequence[Item]) -> Shown:
    """One message as it is, several as a digest."""
    return messages[0] if len(messages) == 1 else Digest(tuple(messages), messages[0].book)
