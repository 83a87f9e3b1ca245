"""An entry of the ledger with all that is known about it when it comes due: what it is about, who reads it, and the message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kinetic.common.database import Transaction
from kinetic.directory import store as directory
from kinetic.directory.store import Person
from kinetic.recommendation.addressees import addressee_of, message_for, notice_message_for
from kinetic.recommendation.channels.digest import shown_as
from kinetic.recommendation.channels.message import Addressee
from kinetic.recommendation.channels.notice import Item
from kinetic.recommendation.channels.sending import Dispatch, Recipient
from kinetic.recommendation.domain.delivery import Delivery
from kinetic.recommendation.domain.occasion import About
from kinetic.recommendation.domain.preferences import attention_of
from kinetic.recommendation.domain.situation import Situation, Subject
from kinetic.recommendation.store import absences, gaps, mail_stops, notices, nudges, policies, preferences


@dataclass(frozen=True, slots=True)
class Case:
    """An entry with all that is known about it. An inactive person has no address."""

    situation: Situation
    recipient: Recipient
    message: Item

    def dispatch_of(self, delivery: Delivery, along: Sequence[Item] = ()) -> Dispatch:
        """What the channel is to send: the message of an entry, with those that go along in it."""
        occasion = f"{self.message.item_id}.{delivery.occasion}"
        messages = [self.message, *along]
        return Dispatch(
            key=".".join([occasion, *(str(message.version) for message in messages)]),
            message=shown_as(messages),
            recipient=self.recipient,
            reference=delivery.reference,
            in_doubt=delivery.in_doubt,
            occasion=occasion,
        )


@dataclass(frozen=True, slots=True)
class _Matter:
    """What an entry is about: how hard it presses, whether it is still for this manager, and its message."""

    subject: Subject
    is_theirs: bool
    pressure: float
    message: Item


async def load_cases(tx: Transaction, entries: Sequence[Delivery], console_url: str) -> dict[str, Case]:
    """The cases of entries that are held, by entry; none where there is nothing, or nobody, any more."""
    found = {one.delivery_id: await _load_case(tx, one, console_url) for one in entries}
    return {delivery_id: case for delivery_id, case in found.items() if case is not None}


async def _load_case(tx: Transaction, delivery: Delivery, console_url: str) -> Case | None:
    person = (await directory.people(tx, [delivery.manager_id])).get(delivery.manager_id)
    if person is None or not person.active:
        return None
    reader = await addressee_of(tx, person, console_url)
    matter = await _matter_of(tx, delivery.about, reader)
    if matter is None:
        return None
    wishes = await preferences.of(tx, person.person_id)
    policy = attention_of(await policies.load(tx), wishes, matter.pressure)
    situation = Situation(matter.subject, matter.is_theirs, policy, reader.zone, reader.now, wishes.channels)
    return Case(situation, await _recipient(tx, person), matter.message)


async def _recipient(tx: Transaction, person: Person) -> Recipient:
    email = await directory.email_of(tx, person.person_id)
    wants_no_mail = await mail_stops.stopped(tx, [person.person_id])
    return Recipient(person.person_id, email, person.external_ids, takes_mail=not wants_no_mail)


async def _matter_of(tx: Transaction, about: About, reader: Addressee) -> _Matter | None:
    if about.notice_id is not None:
        notice = await notices.find(tx, about.notice_id)
        if notice is None:
            return None
        message = await notice_message_for(tx, notice, reader)
        return _Matter(notice, await notices.is_theirs(tx, notice), notice.pressure, message)
    nudge = await nudges.find(tx, about.nudge_id) if about.nudge_id is not None else None
    if nudge is None:
        return None
    gap = (await gaps.load(tx, [nudge.gap_id])).get(nudge.gap_id)
    manages = await absences.acts_for(tx, nudge.manager_id, nudge.team_id)
    pressure = gap.told.pressure if gap else 0.0
    return _Matter(nudge, manages, pressure, await message_for(tx, nudge, reader))
