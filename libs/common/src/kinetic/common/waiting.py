"""Events that came before what they refer to: they wait, visible and counted, and keep their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import asyncpg

from kinetic.common.database import Transaction
from kinetic.common.dead_letters import DeadLetter, bury
from kinetic.common.events import Envelope, headers_of
from kinetic.contracts.event import Event

E = TypeVar("E", bound=Event)

RETRY_SECONDS = 1.0
MAX_RETRY_SECONDS = 60.0
LIMIT_HOURS = 24


@dataclass(frozen=True, slots=True)
class WaitingKey:
    """The events of one key of a topic that wait, oldest first."""

    topic: str
    key: str
    rows: tuple[asyncpg.Record, ...]


async def hold_back(
    tx: Transaction, events: Sequence[Envelope[E]], missing: Callable[[E], str | None]
) -> list[Envelope[E]]:
    """The events that are ready. The others wait, and are offered to their handler again later.

    `missing` names what an event lacks, e.g. ``team/<id>``. What comes behind one of its key that waits, waits for the same.
    """
    ready: list[Envelope[E]] = []
    waits: list[tuple[Envelope[Event], str]] = []
    blocked: dict[str, str] = {}
    for event in events:
        name = blocked.get(event.data.key) or missing(event.data)
        if name is None:
            ready.append(event)
        else:
            blocked[event.data.key] = name
            waits.append((event, name))
    await _let_wait(tx, waits)
    return ready


async def postpone(tx: Transaction, event_id: str, cause: str) -> int:
    """Let an event whose handler failed wait longer; how often it has failed."""
    failures: int = await tx.fetch_value(
        """UPDATE waiting SET waits_for = $2, attempts = attempts + 1, failures = failures + 1,
               due_at = clock_timestamp() + make_interval(secs => least($3 * 2 ^ least(attempts, 10), $4))
           WHERE event_id = $1 RETURNING failures""",
        event_id,
        f"its handler ({cause[:500]})".replace("\x00", ""),
        RETRY_SECONDS,
        MAX_RETRY_SECONDS,
    )
    return failures


async def keep_ready(tx: Transaction, topic: str, envelopes: Sequence[Envelope[Event]]) -> list[Envelope[Event]]:
    """Those whose key has nothing waiting; the others are queued behind what waits there."""
    rows = await tx.fetch(
        "SELECT DISTINCT ON (key) key, waits_for FROM waiting WHERE topic = $1 AND key = ANY($2) ORDER BY key, position",
        topic,
        list({envelope.data.key for envelope in envelopes}),
    )
    if not rows:
        return list(envelopes)
    blocked = {row["key"]: row["waits_for"] for row in rows}
    return await hold_back(tx, envelopes, lambda event: blocked.get(event.key))


async def wake(tx: Transaction, arrived: Sequence[str]) -> None:
    """Offer events that wait for one of `arrived` again at once."""
    await tx.execute(
        """UPDATE waiting SET due_at = clock_timestamp() WHERE position IN (
               SELECT position FROM waiting WHERE waits_for = ANY($1) ORDER BY position FOR UPDATE)""",
        list(arrived),
    )


async def claim_due_key(tx: Transaction, topics: Iterable[str]) -> WaitingKey | None:
    """One key of `topics` whose oldest event is due, locked for this transaction; None when nothing is due."""
    head = await tx.fetch_one(
        """SELECT topic, key FROM waiting w
           WHERE due_at <= clock_timestamp() AND topic = ANY($1)
             AND NOT EXISTS (SELECT 1 FROM waiting e WHERE e.topic = w.topic AND e.key = w.key AND e.position < w.position)
           ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED""",
        list(topics),
    )
    if head is None:
        return None
    rows = await tx.fetch(
        "SELECT * FROM waiting WHERE topic = $1 AND key = $2 ORDER BY position LIMIT 500", head["topic"], head["key"]
    )
    return WaitingKey(head["topic"], head["key"], tuple(rows))


async def still_waiting(tx: Transaction, event_id: str, attempts: int) -> bool:
    """Whether the handler let the event wait again since it was offered with `attempts`."""
    now: int | None = await tx.fetch_value("SELECT attempts FROM waiting WHERE event_id = $1", event_id)
    return now is not None and now > attempts


async def is_waiting(tx: Transaction, event_id: str) -> bool:
    """Whether the event waits."""
    found: bool = await tx.fetch_value("SELECT EXISTS (SELECT FROM waiting WHERE event_id = $1)", event_id)
    return found


async def release(tx: Transaction, event_id: str) -> None:
    """The event waits no longer."""
    await tx.execute("DELETE FROM waiting WHERE event_id = $1", event_id)


async def give_up(tx: Transaction, row: asyncpg.Record, cause: str) -> None:
    """Dead-letter an event whose handler fails. What waits behind it can go on."""
    await release(tx, row["event_id"])
    await bury(tx, [_letter(row, cause)])


async def give_up_overdue(tx: Transaction) -> int:
    """Dead-letter events that waited longer than the limit; how many."""
    rows = await tx.fetch(
        "DELETE FROM waiting WHERE since < clock_timestamp() - make_interval(hours => $1) RETURNING *", LIMIT_HOURS
    )
    await bury(tx, [_letter(row, f"waited longer than {LIMIT_HOURS} hours for {row['waits_for']}") for row in rows])
    return len(rows)


async def counts(tx: Transaction) -> dict[str, int]:
    """Topic → number of waiting events."""
    rows = await tx.fetch("SELECT topic, count(*) AS events FROM waiting GROUP BY topic")
    return {row["topic"]: row["events"] for row in rows}


async def _let_wait(tx: Transaction, events: Sequence[tuple[Envelope[Event], str]]) -> None:
    """Let each event wait for what stands beside it."""
    rows = [
        (e.id, e.data.topic, e.data.key, headers_of(e), e.data.model_dump_json().encode(), name) for e, name in events
    ]
    await tx.execute_many(
        """INSERT INTO waiting (event_id, topic, key, headers, value, waits_for, due_at)
           VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + make_interval(secs => $7))
           ON CONFLICT (event_id) DO UPDATE SET
               waits_for = excluded.waits_for,
               attempts = waiting.attempts + 1,
               due_at = clock_timestamp() + make_interval(secs => least($7 * 2 ^ least(waiting.attempts, 10), $8))""",
        [(*row, RETRY_SECONDS, MAX_RETRY_SECONDS) for row in rows],
    )


def _letter(row: asyncpg.Record, cause: str) -> DeadLetter:
    return DeadLetter(
        origin=row["event_id"],
        topic=row["topic"],
        key=row["key"],
        headers=row["headers"],
        value=row["value"],
        event_id=row["event_id"],
        cause=cause,
    )
