"""Sends what the ledger plans: write down the attempt → call the channel, with no transaction open → write down the receipt."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

import asyncpg

from kinetic.common import metrics
from kinetic.common.database import Database, DatabaseUnavailable, Transaction
from kinetic.common.failures import is_outage
from kinetic.recommendation.cases import Case, load_cases
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
    Standing,
    set_aside,
    settle,
    ways_left,
)
from kinetic.recommendation.domain.digest import (
    Part,
    Together,
    advance_together,
    left_to_console,
    settle_together,
)
from kinetic.recommendation.domain.situation import Way
from kinetic.recommendation.store import deliveries

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS: Final = 0.5
HELD_SECONDS: Final = 10.0
"""So long a loop waits for a channel itself. Then it sends others, and the answer is waited for beside."""
MOST_BESIDE: Final = 8
"""So many messages of one channel. Others wait until one of them is answered."""


_NO_DATABASE: Final = (DatabaseUnavailable, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """An attempt that is written down. `more_ways` says whether another channel could take the message.

    `version` is that in which it shows its own subject, `along` that of what else it shows, by entry.
    """

    delivery: Delivery
    sender: Sender
    dispatch: Dispatch
    more_ways: bool
    version: int
    along: Mapping[str, int]


class Deliverer:
    """Takes one entry after the other; several may run at once. Without channels, entries stand in the console alone."""

    def __init__(self, senders: Iterable[Sender], console_url: str) -> None:
        self._senders = {sender.channel: sender for sender in senders}
        self._console_url = console_url
        self._paused: dict[Channel, float] = {}
        self._beside: dict[asyncio.Task[None], Channel] = {}

    async def run(self, database: Database, beat: Callable[[], None]) -> None:
        """Deliver until cancelled."""
        try:
            while True:
                beat()
                if not await self._has_delivered(database):
                    await asyncio.sleep(LOOK_EVERY_SECONDS)
        finally:
            for sending in self._beside:
                sending.cancel()

    async def _has_delivered(self, database: Database) -> bool:
        try:
            return await self.deliver_due(database)
        except _NO_DATABASE as error:
            log.warning("nothing was delivered: %s", error)
            return False

    async def deliver_due(self, database: Database) -> bool:
        """Take up one entry that is due, or without channels many at once; False when there is none."""
        async with database.transaction() as tx:
            if not self._senders and await deliveries.leave_to_console(tx):
                return True
            delivery = await deliveries.take_due(tx)
            if delivery is None:
                return False
            attempt = await self._prepare_or_set_aside(tx, delivery)
        if attempt is not None:
            await self._carry_out(database, attempt)
        return True

    async def _carry_out(self, database: Database, attempt: _Attempt) -> None:
        """Send, and write down what is known. What takes long goes on beside, so that others are sent meanwhile."""
        sending = asyncio.create_task(self._finish(database, attempt))
        try:
            await asyncio.wait({sending}, timeout=HELD_SECONDS)
        except asyncio.CancelledError:
            sending.cancel()
            raise
        if sending.done():
            return sending.result()
        self._beside[sending] = attempt.sender.channel
        sending.add_done_callback(self._ended_beside)
        return None

    async def _finish(self, database: Database, attempt: _Attempt) -> None:
        receipt = await self._send(attempt)
        async with database.transaction() as tx:
            await _settle(tx, attempt, receipt)

    def _ended_beside(self, sending: asyncio.Task[None]) -> None:
        del self._beside[sending]
        if not sending.cancelled() and (error := sending.exception()):
            log.warning("what became of a message could not be written down: %s", error)

    async def _prepare_or_set_aside(self, tx: Transaction, delivery: Delivery) -> _Attempt | None:
        """An entry with a defect, such as one that only a later version can read, harms itself alone."""
        try:
            async with tx.savepoint():
                return await self._prepare(tx, delivery)
        except Exception as error:
            if is_outage(error):
                raise
            log.exception("delivery %s cannot be prepared", delivery.delivery_id)
            problem = f"{type(error).__name__} in what is to be sent; it was recorded"
            await deliveries.save(tx, set_aside(delivery, problem, await tx.now()))
            return None

    async def _prepare(self, tx: Transaction, delivery: Delivery) -> _Attempt | None:
        """The attempt to make now, or None; in any case, what is to become of the entry is written down."""
        carried = await deliveries.carried(tx, delivery.delivery_id)
        beside = await deliveries.due_beside(tx, delivery) if delivery.is_fresh else []
        cases = await load_cases(tx, [delivery, *carried, *beside], self._console_url)
        case = cases.get(delivery.delivery_id)
        if case is None:
            await deliveries.save(tx, *left_to_console(delivery, carried, await tx.now()))
            return None
        ways = self._ways_to(case.recipient, case.situation.now)
        parts = {one.delivery_id: _part(one, cases) for one in (*carried, *beside)}
        together = advance_together(
            delivery,
            case.situation,
            [parts[one.delivery_id] for one in carried],
            [parts[one.delivery_id] for one in beside],
            ways,
        )
        await deliveries.save(tx, together.ahead, *together.changed)
        return self._attempt(together, cases, ways)

    def _attempt(self, together: Together, cases: Mapping[str, Case], ways: Sequence[Way]) -> _Attempt | None:
        ahead = together.ahead
        if ahead.standing is not Standing.SENDING or ahead.channel is None:
            return None
        case = cases[ahead.delivery_id]
        left = ways_left(ahead, ways, case.situation.wished)
        more_ways = any(way.channel is not ahead.channel for way in left)
        along = {one.delivery_id: cases[one.delivery_id].message for one in together.along if one.delivery_id in cases}
        versions = {name: message.version for name, message in along.items()}
        dispatch = case.dispatch_of(ahead, tuple(along.values()))
        return _Attempt(ahead, self._senders[ahead.channel], dispatch, more_ways, case.message.version, versions)

    def _ways_to(self, recipient: Recipient, now: datetime) -> list[Way]:
        return [
            Way(
                sender.channel,
                sender.follows,
                now + self._pause_of(sender.channel),
                timedelta(seconds=sender.longest_seconds),
            )
            for sender in self._senders.values()
            if sender.reaches(recipient)
        ]

    async def _send(self, attempt: _Attempt) -> Receipt:
        """Call the channel. A sender that raises has a defect, and nobody knows how far it came."""
        channel, longest = attempt.sender.channel, attempt.sender.longest_seconds
        try:
            async with asyncio.timeout(longest):
                receipt = await attempt.sender.send(attempt.dispatch)
        except TimeoutError:
            receipt = Unknown(f"{channel} did not answer within {longest:.0f} s")
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
        """How long a channel is left alone: it asked for a rest, or has much to answer."""
        is_full = list(self._beside.values()).count(channel) >= MOST_BESIDE
        rest = HELD_SECONDS if is_full else 0.0
        return timedelta(seconds=max(rest, self._paused.get(channel, 0.0) - monotonic()))


async def _settle(tx: Transaction, attempt: _Attempt, receipt: Receipt) -> None:
    """Write down what is known now. An entry that is gone, or that somebody else has taken up, is left alone."""
    held = await deliveries.hold(tx, attempt.delivery.delivery_id)
    if held is None or (held.standing, held.attempts) != (Standing.SENDING, attempt.delivery.attempts):
        log.warning("delivery %s was settled by somebody else", attempt.delivery.delivery_id)
        return
    settled = settle(held, attempt.version, receipt, attempt.more_ways, await tx.now())
    carried = await deliveries.carried(tx, held.delivery_id)
    if isinstance(receipt, Sent):
        settled, carried = settle_together(settled, carried, attempt.along)
    await deliveries.save(tx, settled, *carried)


def _part(delivery: Delivery, cases: Mapping[str, Case]) -> Part:
    case = cases.get(delivery.delivery_id)
    return Part(delivery, case.situation if case else None)
