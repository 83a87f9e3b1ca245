"""Sends what the ledger plans: write down the attempt → call the channel, with no transaction open → write down the receipt."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

import asyncpg

from kinetic.common import metrics
from kinetic.common.database import Database, DatabaseUnavailable, Transaction
from kinetic.directory import store as directory
from kinetic.recommendation.addressees import addressee_of, message_for
from kinetic.recommendation.channels.message import Message
from kinetic.recommendation.channels.sending import (
    Channel,
    Delayed,
    Dispatch,
    Receipt,
    Recipient,
    Sender,
    Sent,
    Unknown,
)
from kinetic.recommendation.domain.delivery import (
    Delivery,
    Situation,
    Standing,
    Way,
    advance,
    settle,
    unaddressed,
    ways_left,
)
from kinetic.recommendation.domain.preferences import attention_of
from kinetic.recommendation.store import absences, deliveries, gaps, mail_stops, nudges, policies, preferences

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS: Final = 0.5
LONGEST_SEND_SECONDS: Final = 30.0
"""Well before an attempt counts as lost, so that nobody else begins one meanwhile."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """An attempt that is written down. `more_ways` says whether another channel could take the message."""

    delivery: Delivery
    sender: Sender
    dispatch: Dispatch
    more_ways: bool


class Deliverer:
    """Takes one entry after the other; several may run at once. Without channels, entries stand in the console alone."""

    def __init__(self, senders: Iterable[Sender], console_url: str) -> None:
        self._senders = {sender.channel: sender for sender in senders}
        self._console_url = console_url
        self._paused: dict[Channel, float] = {}

    async def run(self, database: Database, beat: Callable[[], None]) -> None:
        """Deliver until cancelled."""
        while True:
            beat()
            try:
                if await self.deliver_due(database):
                    continue
            except (DatabaseUnavailable, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("nothing was delivered: %s", error)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def deliver_due(self, database: Database) -> bool:
        """Take up one entry that is due, or without channels many at once; False when there is none."""
        async with database.transaction() as tx:
            if not self._senders and await deliveries.leave_to_console(tx):
                return True
            delivery = await deliveries.take_due(tx)
            if delivery is None:
                return False
            attempt = await self._prepare(tx, delivery)
        if attempt is not None:
            receipt = await self._send(attempt)
            async with database.transaction() as tx:
                await _settle(tx, attempt, receipt)
        return True

    async def _prepare(self, tx: Transaction, delivery: Delivery) -> _Attempt | None:
        """The attempt to make now, or None; in any case, what is to become of the entry is written down."""
        case = await _load(tx, delivery, self._console_url)
        if case is None:
            await deliveries.save(tx, unaddressed(delivery))
            return None
        ways = self._ways_to(case.recipient, case.situation.now)
        ahead = advance(delivery, case.situation, ways)
        await deliveries.save(tx, ahead)
        if ahead.standing is not Standing.SENDING or ahead.channel is None:
            return None
        left = ways_left(ahead, ways, case.situation.wished)
        more_ways = any(way.channel is not ahead.channel for way in left)
        return _Attempt(ahead, self._senders[ahead.channel], case.dispatch_of(ahead), more_ways)

    def _ways_to(self, recipient: Recipient, now: datetime) -> list[Way]:
        return [
            Way(sender.channel, sender.follows, now + self._pause_of(sender.channel))
            for sender in self._senders.values()
            if sender.reaches(recipient)
        ]

    async def _send(self, attempt: _Attempt) -> Receipt:
        """Call the channel. A sender that raises has a defect, and nobody knows how far it came."""
        channel = attempt.sender.channel
        try:
            async with asyncio.timeout(LONGEST_SEND_SECONDS):
                receipt = await attempt.sender.send(attempt.dispatch)
        except TimeoutError:
            receipt = Unknown(f"{channel} did not answer within {LONGEST_SEND_SECONDS:.0f} s")
        except Exception as error:
            log.exception("delivery %s: %s failed", attempt.delivery.delivery_id, channel)
            receipt = Unknown(f"{type(error).__name__} in the sender; it was recorded")
        if isinstance(receipt, Delayed) and receipt.pauses:
            self._paused[channel] = monotonic() + (receipt.after_seconds or LOOK_EVERY_SECONDS)
        metrics.DELIVERIES.labels(channel.value, type(receipt).__name__.lower()).inc()
        if not isinstance(receipt, Sent):
            log.warning("delivery %s by %s: %s", attempt.delivery.delivery_id, channel, receipt.problem)
        return receipt

    def _pause_of(self, channel: Channel) -> timedelta:
        return timedelta(seconds=max(0.0, self._paused.get(channel, 0.0) - monotonic()))


@dataclass(frozen=True, slots=True)
class _Case:
    """An entry with all that is known about it. An inactive person has no address."""

    situation: Situation
    recipient: Recipient
    message: Message

    def dispatch_of(self, delivery: Delivery) -> Dispatch:
        """What the channel is to send."""
        nudge = self.situation.nudge
        occasion = f"{nudge.nudge_id}.{delivery.occasion}"
        return Dispatch(
            key=f"{occasion}.{nudge.version}",
            message=self.message,
            recipient=self.recipient,
            reference=delivery.reference,
            in_doubt=delivery.in_doubt,
            occasion=occasion,
        )


async def _load(tx: Transaction, delivery: Delivery, console_url: str) -> _Case | None:
    nudge = await nudges.find(tx, delivery.nudge_id)
    person = (await directory.people(tx, [delivery.manager_id])).get(delivery.manager_id)
    if nudge is None or person is None or not person.active:
        return None
    wishes = await preferences.of(tx, person.person_id)
    gap = (await gaps.load(tx, [nudge.gap_id])).get(nudge.gap_id)
    policy = attention_of(await policies.load(tx), wishes, gap.told.pressure if gap else 0.0)
    reader = await addressee_of(tx, person, console_url)
    manages = await absences.acts_for(tx, nudge.manager_id, nudge.team_id)
    email = await directory.email_of(tx, person.person_id)
    wants_no_mail = await mail_stops.stopped(tx, [person.person_id])
    return _Case(
        Situation(nudge, manages, policy, reader.zone, reader.now, wishes.channels),
        Recipient(person.person_id, email, person.external_ids, takes_mail=not wants_no_mail),
        await message_for(tx, nudge, reader),
    )


async def _settle(tx: Transaction, attempt: _Attempt, receipt: Receipt) -> None:
    """Write down what is known now. An entry that is gone, or that somebody else has taken up, is left alone."""
    held = await deliveries.hold(tx, attempt.delivery.delivery_id)
    if held is None or (held.standing, held.attempts) != (Standing.SENDING, attempt.delivery.attempts):
        log.warning("delivery %s was settled by somebody else", attempt.delivery.delivery_id)
        return
    version = attempt.dispatch.message.version
    await deliveries.save(tx, settle(held, version, receipt, attempt.more_ways, await tx.now()))
