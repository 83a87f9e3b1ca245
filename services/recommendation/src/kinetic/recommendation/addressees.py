"""Who reads a message, in which language, on whose clock; and the message."""

from __future__ import annotations

from kinetic.common.database import Transaction
from kinetic.directory.store import Person
from kinetic.recommendation.channels.message import Addressee, Message, message_of
from kinetic.recommendation.channels.notice import NoticeMessage, notice_message_of
from kinetic.recommendation.domain.attention import zone_of
from kinetic.recommendation.domain.content import UNAPPRAISED
from kinetic.recommendation.domain.expectation import expectation_of
from kinetic.recommendation.domain.notice import Notice
from kinetic.recommendation.domain.nudge import Nudge
from kinetic.recommendation.domain.preferences import attention_of
from kinetic.recommendation.domain.subjects import contents_of
from kinetic.recommendation.store import contents, policies, preferences
from kinetic.recommendation.words import phrasebook_of


async def addressee_of(tx: Transaction, person: Person, console_url: str) -> Addressee:
    """A manager as the words of a message need them: their own wishes before what the directory says."""
    wishes = await preferences.of(tx, person.person_id)
    return Addressee(
        book=phrasebook_of(wishes.language or person.language),
        zone=zone_of(person.time_zone),
        base_url=console_url,
        weekly_budget=attention_of(await policies.load(tx), wishes, 0.0).weekly_budget,
        now=await tx.now(),
    )


async def message_for(tx: Transaction, nudge: Nudge, reader: Addressee) -> Message:
    """A nudge in the words of its reader, with what became of its content so far."""
    content_id = nudge.offer.content.content_id
    known = (await contents.appraisals(tx, [content_id])).get(content_id, UNAPPRAISED)
    return message_of(nudge, reader, expectation_of(known))


async def notice_message_for(tx: Transaction, notice: Notice, reader: Addressee) -> NoticeMessage:
    """A notice in the words of its reader, with the content that it names called as it is by now."""
    titles = await contents.titles(tx, contents_of(notice.told))
    return notice_message_of(notice, titles, reader)
