"""A Kafka door: a topic that a service reads, the events it takes from it, and what it does with them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from kinetic.common.database import Transaction
from kinetic.common.dead_letters import DeadLetter
from kinetic.common.events import Envelope, Unreadable, read_envelope, read_headers
from kinetic.contracts import topics
from kinetic.contracts.event import Event

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


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """A record that holds an event which its door takes."""

    record: KafkaRecord
    envelope: Envelope[Event]


def read_each(records: Sequence[KafkaRecord], door: Door) -> tuple[list[ReadRecord], list[DeadLetter]]:
    """The events of a batch, and the records that are none. Types that the door does not take are left out."""
    read: list[ReadRecord] = []
    unreadable: list[DeadLetter] = []
    for record in records:
        if isinstance(record, Undecodable) or (door.compacted and record.value is None):
            continue  # a tombstone only makes Kafka forget: what it ends was told by an event before it
        try:
            envelope = read_envelope(read_headers(record.headers), record.value, door.models)
        except Unreadable as error:
            unreadable.append(letter_of(record, None, f"unreadable: {error}"))
            continue
        if envelope is not None:
            read.append(ReadRecord(record, envelope))
    return read, unreadable


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
