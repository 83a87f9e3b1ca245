"""Group commit: requests that come in together share a transaction, and each is answered when that has committed."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import asyncpg

from kinetic.common import outbox
from kinetic.common.database import Database, DatabaseUnavailable, Transaction
from kinetic.common.failures import Overloaded, is_outage
from kinetic.common.waking import wait_until_woken
from kinetic.ingestion.intake import Delivery, Outcome, take_in
from kinetic.ingestion.store import parking

log = logging.getLogger(__name__)

GROUP_DELIVERIES = 500
WORTH_A_WRITER = 32
"""So many deliveries that wait are written beside a group that is on its way. Fewer share the next transaction."""

GROUP_SECONDS = 15.0
BACKLOG_CHECK_SECONDS = 1.0


@dataclass(slots=True)
class _Request:
    deliveries: Sequence[Delivery]
    answer: asyncio.Future[list[Outcome]]


class Committer:
    """The writers behind the doors of a replica. What is queued together is committed together, in order.

    They also watch the backlog: `full_senders` are those of whom too much is parked.
    """

    def __init__(self, queue_limit: int, backlog_limit: int, parked_limit: int) -> None:
        self._queue_limit = queue_limit
        self._backlog_limit = backlog_limit
        self._parked_limit = parked_limit
        self._queue: deque[_Request] = deque()
        self._queued = 0
        self._writing = 0
        self._wake = asyncio.Event()
        self.is_backlog_full = False
        self.full_senders: frozenset[str] = frozenset()
        self._check_backlog_at = 0.0

    async def commit(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        """Take deliveries in; returns when they are committed, with one outcome for each.

        Raises Overloaded when too much waits already, and whatever an outage of Postgres raises. After an outage
        nobody knows whether the deliveries were committed: the sender repeats them and gets the same receipts.
        """
        self.admit(len(deliveries))
        request = _Request(deliveries, asyncio.get_running_loop().create_future())
        self._queue.append(request)
        self._queued += len(deliveries)
        if self._is_work_at_hand():
            self._wake.set()
        return await request.answer

    def admit(self, deliveries: int) -> frozenset[str]:
        """The senders of whom too much is parked. Overloaded when so many deliveries cannot be taken now."""
        if self.is_backlog_full:
            raise Overloaded("too many events wait for Kafka")
        if self._queued + deliveries > self._queue_limit:
            raise Overloaded("too many requests wait for Postgres")
        return self.full_senders

    async def run(self, database: Database, beat: Callable[[], None]) -> None:
        """Write groups until cancelled, and watch the backlog. Run several: each is a writer."""
        while True:
            beat()
            group = self._next_group()
            if group:
                self._writing += 1
                await self._write(database, group)
                self._writing -= 1
            else:
                await self._sleep_until_woken()
            await self._check_backlog(database)

    def _is_work_at_hand(self) -> bool:
        """A second writer begins when it is worth a transaction of its own: what comes in one by one shares one."""
        return self._queued >= (WORTH_A_WRITER if self._writing else 1)

    def _next_group(self) -> list[_Request]:
        group: list[_Request] = []
        if not self._is_work_at_hand():
            return group
        size = 0
        while self._queue and (not group or size + len(self._queue[0].deliveries) <= GROUP_DELIVERIES):
            request = self._queue.popleft()
            size += len(request.deliveries)
            group.append(request)
        self._queued -= size
        return group

    async def _write(self, database: Database, group: Sequence[_Request]) -> None:
        deliveries = [delivery for request in group for delivery in request.deliveries]
        try:
            outcomes = await _commit_group(database, deliveries, self.full_senders)
        except Exception as error:
            # Every request of the group is told, and the writer goes on with the next.
            log.warning("a group of %s was not committed", len(deliveries), exc_info=error)
            _refuse(group, error)
            return
        answered = iter(outcomes)
        for request in group:
            mine = [next(answered) for _ in request.deliveries]
            if not request.answer.done():
                request.answer.set_result(mine)

    async def _sleep_until_woken(self) -> None:
        self._wake.clear()
        await wait_until_woken(self._wake, BACKLOG_CHECK_SECONDS)

    async def _check_backlog(self, database: Database) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._check_backlog_at:
            return
        self._check_backlog_at = now + BACKLOG_CHECK_SECONDS
        try:
            async with database.transaction() as tx:
                self.is_backlog_full = await outbox.backlog(tx, self._backlog_limit) >= self._backlog_limit
                self.full_senders = await parking.full_senders(tx, self._parked_limit)
        except (DatabaseUnavailable, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("the backlog could not be counted: %s", error)


async def _commit_group(database: Database, deliveries: Sequence[Delivery], full: Collection[str]) -> list[Outcome]:
    """One transaction for all. When something in it fails, once more with each behind a savepoint of its own."""
    try:
        async with asyncio.timeout(GROUP_SECONDS), database.transaction() as tx:
            return await take_in(tx, deliveries, full)
    except Exception as error:
        if is_outage(error) or len(deliveries) == 1:
            raise
        log.warning("a group of %s failed and is taken one by one: %s", len(deliveries), type(error).__qualname__)
    async with asyncio.timeout(GROUP_SECONDS), database.transaction() as tx:
        return [await _take_alone(tx, delivery, full) for delivery in deliveries]


async def _take_alone(tx: Transaction, delivery: Delivery, full: Collection[str]) -> Outcome:
    try:
        async with tx.savepoint():
            return (await take_in(tx, [delivery], full))[0]
    except Exception as error:
        if is_outage(error):
            raise
        return error


def _refuse(group: Sequence[_Request], error: Exception) -> None:
    for request in group:
        if not request.answer.done():
            request.answer.set_exception(error)
