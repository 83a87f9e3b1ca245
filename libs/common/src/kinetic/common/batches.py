"""The batch loop: raw records → one transaction → explicit offsets. Nothing acknowledged is lost, nothing happens twice."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Any, Generic

from typing_extensions import TypeVar

from kinetic.common import dead_letters, metrics
from kinetic.common.database import Database, Transaction
from kinetic.common.dead_letters import DeadLetter
from kinetic.common.doors import Door, Doorway, KafkaRecord, ReadRecord, Taken, Undecodable, letter_of
from kinetic.common.failures import WHOLE_BATCH_ATTEMPTS, Stopped, Streak, back_off_seconds, cause_of, is_outage
from kinetic.common.offsets import Consumer, commit, rewind
from kinetic.common.telemetry import linked_span
from kinetic.common.waking import wait_until_woken

log = logging.getLogger(__name__)

D = TypeVar("D", bound=Doorway[Any, Any], default=Door)


class BatchLoop(Generic[D]):
    """Hands batches of one door to its handler. `take` never raises: FastStream would skip the batch.

    A batch that fails is rewound and tried again; after three times each record is tried alone, and one that
    fails while others succeed is dead-lettered. When everything fails, nothing is: the loop stops and keeps trying.
    """

    def __init__(self, door: D, database: Database) -> None:
        self.door = door
        self.busy_since: float | None = None
        self._database = database
        self.failures = 0
        self._streak = Streak()
        self._draining = asyncio.Event()

    async def take(self, records: Sequence[KafkaRecord], consumer: Consumer) -> None:
        """Handle a batch and commit its offsets, or rewind all its partitions and wait."""
        self.busy_since = time.monotonic()
        try:
            await self._handle(records)
        except Exception as error:  # the one place that decides what a failure means
            rewind(consumer, records)
            await self._back_off(error)
        else:
            self.failures = 0
            metrics.CONSUMER_STOPPED.labels(self.door.topic).set(0)
            await commit(consumer, records)
        finally:
            self.busy_since = None

    @property
    def is_proven(self) -> bool:
        """Whether the handler works in this process, so that a failure is the fault of the event."""
        return self._streak.proven and not self._streak.stopped

    def prove(self) -> None:
        """The handler has handled an event that waited."""
        self._streak.proven = True

    def drain(self) -> None:
        """End waiting: the process is about to stop."""
        self._draining.set()

    async def _handle(self, records: Sequence[KafkaRecord]) -> None:
        undecodable = [record.letter for record in records if isinstance(record, Undecodable)]
        read, unreadable = self.door.read([record for record in records if not isinstance(record, Undecodable)])
        with (
            linked_span(f"take {self.door.topic}", [item.traceparent for item in read], {"records": len(records)}),
            metrics.BATCH_SECONDS.labels(self.door.topic).time(),
        ):
            self._streak.begin()
            async with self._database.transaction() as tx:
                taken, failed = await self._attempt(tx, read)
                if not read:
                    self._suspect_decoder(unreadable)
                refused = [letter for part in taken for letter in part.refused]
                dead = [*undecodable, *unreadable, *refused, *failed]
                await dead_letters.bury(tx, dead)
        self._streak.keep()
        self.door.conclude(read, taken, dead)

    async def _attempt(
        self, tx: Transaction, read: Sequence[ReadRecord[Any]]
    ) -> tuple[list[Taken[Any]], list[DeadLetter]]:
        if self.failures < WHOLE_BATCH_ATTEMPTS:
            return [await self._take(tx, read)], []
        return await self._take_one_by_one(tx, read)

    async def _take(self, tx: Transaction, read: Sequence[ReadRecord[Any]]) -> Taken[Any]:
        taken = await self.door.take(tx, read)
        if taken.handled:
            self._streak.succeed()
        return taken

    async def _take_one_by_one(
        self, tx: Transaction, read: Sequence[ReadRecord[Any]]
    ) -> tuple[list[Taken[Any]], list[DeadLetter]]:
        """Each record under its own savepoint. Returns the letters of those that fail while others succeed."""
        taken: list[Taken[Any]] = []
        failed: list[DeadLetter] = []
        for item in read:
            try:
                async with tx.savepoint():
                    taken.append(await self._take(tx, [item]))
            except Exception as error:
                if is_outage(error):
                    raise
                failed.append(letter_of(item.record, item.event_id, cause_of(error)))
                self._streak.fail()
        if failed:
            self._streak.require_proof()
        return taken, failed

    def _suspect_decoder(self, unreadable: Sequence[DeadLetter]) -> None:
        """A lone unreadable record is the sender's fault; a long row of them and nothing else is our decoder's."""
        for _ in unreadable:
            self._streak.fail()

    async def _back_off(self, error: Exception) -> None:
        self.failures += 1
        metrics.BATCH_FAILURES.labels(self.door.topic).inc()
        if isinstance(error, Stopped):
            metrics.CONSUMER_STOPPED.labels(self.door.topic).set(1)
        told = None if is_outage(error) else error
        log.error("batch of %s failed (%s in a row): %s", self.door.topic, self.failures, error, exc_info=told)
        await wait_until_woken(self._draining, back_off_seconds(self.failures))
