"""Dead letters: what could not be handled is kept whole with its cause, shown, and can be replayed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import asyncpg

from kinetic.common import inbox
from kinetic.common.database import Transaction
from kinetic.common.events import new_id
from kinetic.common.outbox import OutboxRecord, append_records, shard_of, size_of
from kinetic.contracts.fields import storable
from kinetic.contracts.topics import dead_letter_topic

RETENTION_DAYS = 7
_MAX_CAUSE = 4000
MAX_TOLD_BYTES = 3_000_000
"""Of a larger record, key, headers and data together, only what names it is told. All of it stays in the table."""

_NAMING = ("ce_id", "ce_type", "ce_source", "ce_time", "ce_specversion", "ce_correlationid", "ce_causationid")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that was given up.

    `origin` names it for good: ``topic/partition/offset`` as read from Kafka, or the event id of one that waited.
    """

    origin: str
    topic: str
    key: str | None
    headers: dict[str, str]
    value: bytes | None
    event_id: str | None
    cause: str


async def bury(tx: Transaction, letters: Sequence[DeadLetter]) -> None:
    """Keep `letters` and tell `<topic>.dead`, in the transaction of the batch they came with."""
    if not letters:
        return
    letters = [_made_storable(letter) for letter in letters]
    rows = [(new_id(), *_columns(letter)) for letter in letters]
    await tx.execute_many(
        """INSERT INTO dead_letter (dead_letter_id, event_id, origin, topic, key, headers, value, cause)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
           ON CONFLICT (origin) DO UPDATE SET cause = excluded.cause, dead_at = excluded.dead_at, replayed_at = NULL""",
        rows,
    )
    await inbox.mark_dead(tx, [letter.event_id for letter in letters if letter.event_id])
    await append_records(tx, (_announcement(letter) for letter in letters))


async def find(tx: Transaction, dead_letter_id: str) -> asyncpg.Record | None:
    """One dead letter, whole and locked against a second replay; None when there is none of that id."""
    return await tx.fetch_one("SELECT * FROM dead_letter WHERE dead_letter_id = $1 FOR UPDATE", dead_letter_id)


async def latest(tx: Transaction, limit: int) -> list[asyncpg.Record]:
    """The newest dead letters, without their data."""
    return await tx.fetch(
        """SELECT dead_letter_id, event_id, origin, topic, headers->>'ce_type' AS type, cause, dead_at, replayed_at
           FROM dead_letter ORDER BY dead_at DESC LIMIT $1""",
        limit,
    )


async def mark_replayed(tx: Transaction, dead_letter_id: str) -> None:
    """Remember that a dead letter was handled after all."""
    await tx.execute("UPDATE dead_letter SET replayed_at = clock_timestamp() WHERE dead_letter_id = $1", dead_letter_id)


async def sweep(tx: Transaction) -> int:
    """Delete what is older than seven days: it may hold personal data."""
    return await tx.execute(
        "DELETE FROM dead_letter WHERE dead_at < clock_timestamp() - make_interval(days => $1)", RETENTION_DAYS
    )


def _columns(letter: DeadLetter) -> tuple[object, ...]:
    return letter.event_id, letter.origin, letter.topic, letter.key, letter.headers, letter.value, letter.cause


def _announcement(letter: DeadLetter) -> OutboxRecord:
    whole = _told(letter, letter.headers, letter.value)
    if size_of(whole) <= MAX_TOLD_BYTES:
        return whole
    return _told(letter, {name: letter.headers[name] for name in _NAMING if name in letter.headers}, None)


def _told(letter: DeadLetter, headers: dict[str, str], value: bytes | None) -> OutboxRecord:
    told = {**headers, "dead_origin": letter.origin, "dead_cause": letter.cause}
    return shard_of(letter.origin), dead_letter_topic(letter.topic), letter.key or letter.origin, told, value


def _made_storable(letter: DeadLetter) -> DeadLetter:
    """Whatever a stranger wrote, Postgres must hold it."""
    return replace(
        letter,
        key=None if letter.key is None else _storable(letter.key),
        headers={_storable(name): _storable(value) for name, value in letter.headers.items()},
        cause=_storable(letter.cause),
    )


def _storable(text: str) -> str:
    return storable(text, _MAX_CAUSE)
