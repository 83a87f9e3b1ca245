"""A Kafka door: a topic that a service reads, what it takes from it, and what it does with that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

from kinetic.common import inbox, metrics, waiting
from kinetic.common.database import Transaction
from kinetic.common.dead_letters import DeadLetter
from kinetic.common.events import Envelope, Unreadable, read_envelope, read_headers
from kinetic.contracts import topics
from kinetic.contracts.event import Event

Content = TypeVar("Content")
Note = TypeVar("Note")

Handle = Callable[[Transaction, Sequence[Envelope[Any]]], Awaitable[None]]


class KafkaRecord(Protocol):
    """The parts of an aiokafka ConsumerRecord that are read."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


@dataclass(frozen=True, slots=True)
class Undecodable:
    """Stands where a record is that Kafka's client cannot decode, e.g. one with a header name that is not UTF-8.

    What the same producer packed behind it into one batch cannot be decoded either.
    """

    topic: str
    partition: int
    offset: int
    fault: str
    key: bytes | None = None
    value: bytes | None = None
    headers: Sequence[tuple[str, bytes]] = ()

    @property
    def letter(self) -> DeadLetter:
        """A dead letter that names its place in Kafka, and holds nothing."""
        return letter_of(self, None, f"undecodable: {self.fault}")


@dataclass(frozen=True, slots=True)
class ReadRecord(Generic[Content]):
    """A record and what it says. `event_id` is None for what has no id of ours, `type` names it in metrics."""

    record: KafkaRecord
    content: Content
    event_id: str | None
    type: str
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class Taken(Generic[Note]):
    """What became of some records, once the transaction has committed.

    `handled` counts those that had an effect, `refused` are those that a rule refuses, and `notes` is for the door itself.
    """

    handled: int
    refused: Sequence[DeadLetter] = ()
    notes: Sequence[Note] = ()


class Doorway(Protocol[Content, Note]):
    """What the batch loop wants of a door."""

    @property
    def topic(self) -> str:
        """What is read."""
        ...

    def read(self, records: Sequence[KafkaRecord]) -> tuple[list[ReadRecord[Content]], list[DeadLetter]]:
        """The records of a batch that can be taken, and letters for those that our own producers cannot have meant."""
        ...

    async def take(self, tx: Transaction, read: Sequence[ReadRecord[Content]]) -> Taken[Note]:
        """Give records their effect, once, in `tx`. It may raise; the loop knows what to do."""
        ...

    def conclude(
        self, read: Sequence[ReadRecord[Content]], taken: Sequence[Taken[Note]], dead: Sequence[DeadLetter]
    ) -> None:
        """The transaction of a batch has committed: count it."""
        ...


class Unhandled(Exception):
    """A dead letter cannot be replayed, and why."""


@dataclass(frozen=True)
class Door:
    """`handle` gets unseen events in order, inside the transaction in which they become seen.

    Its four steps: lock and load, decide, save, append to the outbox. It may raise; the loop knows what to do.
    """

    topic: str
    takes: tuple[type[Event], ...]
    handle: Handle

    @property
    def compacted(self) -> bool:
        """Whether the topic holds full state, which a new service reads to its end before it begins."""
        return self.topic in topics.COMPACTED

    @cached_property
    def models(self) -> Mapping[str, type[Event]]:
        """The events taken, by CloudEvents type."""
        return {event.type: event for event in self.takes}

    def read(self, records: Sequence[KafkaRecord]) -> tuple[list[ReadEvent], list[DeadLetter]]:
        """The events of a batch, and the records that are none. Types that the door does not take are left out."""
        read: list[ReadEvent] = []
        unreadable: list[DeadLetter] = []
        for record in records:
            if self.compacted and record.value is None:
                continue  # a tombstone only makes Kafka forget: what it ends was told by an event before it
            try:
                envelope = read_envelope(read_headers(record.headers), record.value, self.models)
            except Unreadable as error:
                unreadable.append(letter_of(record, None, f"unreadable: {error}"))
                continue
            if envelope is not None:
                read.append(ReadRecord(record, envelope, envelope.id, envelope.data.type, envelope.traceparent))
        return read, unreadable

    async def take(self, tx: Transaction, read: Sequence[ReadEvent]) -> Taken[None]:
        """Hand over those events that are unseen and need not wait."""
        unseen = await inbox.keep_unseen(tx, [item.content for item in read])
        metrics.EVENTS_DUPLICATE.labels(self.topic).inc(len(read) - len(unseen))
        ready = await waiting.keep_ready(tx, self.topic, unseen)
        if ready:
            await self.handle(tx, ready)
        return Taken(len(ready))

    async def replay(self, tx: Transaction, letter: Mapping[str, Any]) -> bool:
        """Hand the event of a dead letter over again, under its own id; whether it has to wait.

        Unreadable when it still is, Unhandled when it is not taken any more or was handled meanwhile; whatever `handle` raises.
        """
        envelope = read_envelope(letter["headers"], letter["value"], self.models)
        if envelope is None:
            raise Unhandled(f"This service no longer takes {letter['headers'].get('ce_type')}.")
        if not await _is_unhandled(tx, letter["event_id"], envelope):
            raise Unhandled("The event of this dead letter was handled in the meantime.")
        await self.handle(tx, [envelope])
        return await waiting.is_waiting(tx, envelope.id)

    def conclude(self, read: Sequence[ReadEvent], taken: Sequence[Taken[None]], dead: Sequence[DeadLetter]) -> None:
        """Count what was read and what is dead."""
        count_records(self.topic, read, dead)


ReadEvent = ReadRecord[Envelope[Event]]


def count_records(topic: str, read: Sequence[ReadRecord[Any]], dead: Sequence[DeadLetter]) -> None:
    """Count records by their type, and the dead by their cause."""
    for event_type, events in Counter(item.type for item in read).items():
        metrics.EVENTS_CONSUMED.labels(topic, event_type).inc(events)
    for letter in dead:
        metrics.EVENTS_DEAD.labels(topic, letter.cause.partition(":")[0][:60]).inc()


async def _is_unhandled(tx: Transaction, dead_event_id: str | None, envelope: Envelope[Event]) -> bool:
    """Claim the event for its replay. A letter that was unreadable had no id, so nothing is known of its event yet."""
    if dead_event_id is None:
        return bool(await inbox.keep_unseen(tx, [envelope]))
    return await inbox.revive(tx, dead_event_id)


def letter_of(record: KafkaRecord, event_id: str | None, cause: str) -> DeadLetter:
    """The dead letter of a record. A record without a readable id is named by its place in Kafka."""
    return DeadLetter(
        origin=f"{record.topic}/{record.partition}/{record.offset}",
        topic=record.topic,
        key=record.key.decode("utf-8", "replace") if record.key is not None else None,
        headers={name: (value or b"").decode("utf-8", "replace") for name, value in record.headers},
        value=record.value,
        event_id=event_id,
        cause=cause,
    )
