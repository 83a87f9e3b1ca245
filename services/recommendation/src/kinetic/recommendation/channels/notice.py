"""What another service asked for, in the words of its reader, as every channel renders it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kinetic.contracts.ids import ContentId, NoticeId
from kinetic.recommendation.channels.message import Action, ActionId, Addressee, Message, Spoken, one_line
from kinetic.recommendation.domain import wording
from kinetic.recommendation.domain.notice import Notice, State
from kinetic.recommendation.domain.subjects import word_request
from kinetic.recommendation.words import Phrasebook

_PATH: Final = re.compile(r"/(?![/\\])[A-Za-z0-9/?&=._~-]{0,300}")


@dataclass(frozen=True, slots=True)
class NoticeMessage(Spoken):
    """A notice, or that it is over: then `outcome` says so. What can be done with it is done in the console."""

    notice_id: NoticeId
    version: int
    state: State
    language: str
    title: str
    why: str
    actions: tuple[Action, ...]
    outcome: str | None
    url: str
    settings_url: str
    book: Phrasebook
    weekly_budget: int

    @property
    def item_id(self) -> str:
        """The id of what it shows."""
        return self.notice_id


Item = Message | NoticeMessage
"""What a message to a manager is about."""


def notice_message_of(notice: Notice, titles: Mapping[ContentId, str], reader: Addressee) -> NoticeMessage:
    """A notice in the words of its reader. `titles` are those of the content that it names."""
    book = reader.book
    words = word_request(notice.told, titles, book)
    url = page_of(notice.told.path, reader.base_url)
    return NoticeMessage(
        notice_id=notice.notice_id,
        version=notice.version,
        state=notice.state,
        language=book.language,
        title=one_line(words.title),
        why=one_line(words.why),
        actions=(Action(ActionId.OPEN, book.say("action-open"), url),),
        outcome=wording.notice_ended(notice, book, reader.zone),
        url=url,
        settings_url=f"{reader.base_url}/settings/nudges",
        book=book,
        weekly_budget=reader.weekly_budget,
    )


def page_of(path: str, base_url: str) -> str:
    """A page of the console, and of nothing else: what is no path of its own opens its first page."""
    return f"{base_url}{path}" if _PATH.fullmatch(path) else f"{base_url}/"
