"""The ledger of what is sent to managers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final

import asyncpg

from kinetic.common.database import Transaction
from kinetic.common.events import new_id
from kinetic.common.retention import SWEPT_AT_ONCE
from kinetic.contracts.ids import PersonId
from kinetic.recommendation.domain.delivery import About, Delivery, Occasion, Standing
from kinetic.recommendation.domain.receipt import Channel

LEFT_AT_ONCE: Final = 1000

KEPT: Final = timedelta(days=7)
"""After the last change. References into other systems are personal data, and nothing changes a message any more."""


_COME: Final = """
    INSERT INTO delivery (delivery_id, nudge_id, notice_id, manager_id, occasion, wanted_version, standing, due_at,
                          in_doubt, attempts, passed, changed_at)
    VALUES ($1, $2, $3, $4, $5, $5, 'planned', clock_timestamp(), false, 0, '{}', clock_timestamp())
    ON CONFLICT DO NOTHING
"""
_NEWS: Final = """
    UPDATE delivery SET wanted_version = $2, changed_at = clock_timestamp(),
        standing = CASE WHEN standing = 'sent' THEN 'planned' ELSE standing END,
        due_at = CASE WHEN standing = 'sent' THEN clock_timestamp() + $3::interval
                      WHEN standing = 'planned' AND reference IS NOT NULL
                      THEN least(due_at, clock_timestamp() + $3::interval)
                      ELSE due_at END
    WHERE {which} = $1 AND wanted_version < $2
      AND occasion = (SELECT max(occasion) FROM delivery WHERE {which} = $1)
"""


async def note(tx: Transaction, occasions: Sequence[Occasion]) -> None:
    """Enter what comes before managers, and what is new about that which did."""
    coming = [one for one in occasions if one.comes]
    await tx.execute_many(
        _COME, [(new_id(), one.about.nudge_id, one.about.notice_id, one.manager_id, one.version) for one in coming]
    )
    news = [one for one in occasions if not one.comes]
    for which in ("nudge_id", "notice_id"):
        found = [(getattr(one.about, which), one.version, one.waits) for one in news if getattr(one.about, which)]
        await tx.execute_many(_NEWS.format(which=which), sorted(found))


async def take_due(tx: Transaction) -> Delivery | None:
    """The first entry that is due and that nobody else has, held until the transaction ends."""
    row = await tx.fetch_one(
        """SELECT * FROM delivery WHERE standing IN ('planned', 'sending') AND due_at <= clock_timestamp()
           ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED"""
    )
    return _delivery(row) if row else None


async def leave_to_console(tx: Transaction) -> int:
    """Nobody can be sent anything: some of what is due and was never sent stands in the console; how many."""
    return await tx.execute(
        """UPDATE delivery SET standing = 'unaddressed', changed_at = clock_timestamp() WHERE delivery_id IN (
               SELECT delivery_id FROM delivery WHERE standing = 'planned' AND due_at <= clock_timestamp()
                 AND reference IS NULL AND NOT in_doubt
               ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)""",
        LEFT_AT_ONCE,
    )


async def hold(tx: Transaction, delivery_id: str) -> Delivery | None:
    """An entry, held until the transaction ends; None when there is none."""
    row = await tx.fetch_one("SELECT * FROM delivery WHERE delivery_id = $1 FOR UPDATE", delivery_id)
    return _delivery(row) if row else None


async def save(tx: Transaction, delivery: Delivery) -> None:
    """Keep the new state of an entry that is held."""
    await tx.execute(
        """UPDATE delivery SET wanted_version = $2, standing = $3, due_at = $4, channel = $5, reference = $6,
               shown_version = $7, in_doubt = $8, attempts = $9, trying_since = $10, passed = $11, problem = $12,
               changed_at = clock_timestamp()
           WHERE delivery_id = $1""",
        *_columns(delivery),
    )


async def standing(tx: Transaction, wanted: Iterable[Standing], limit: int) -> list[Delivery]:
    """Entries of which this is known, the newest first."""
    rows = await tx.fetch(
        "SELECT * FROM delivery WHERE standing = ANY($1::text[]) ORDER BY changed_at DESC LIMIT $2", list(wanted), limit
    )
    return [_delivery(row) for row in rows]


async def sweep(tx: Transaction) -> int:
    """Forget entries whose nudges or notices have ended, a week after the last change; how many."""
    return await tx.execute(
        """DELETE FROM delivery WHERE delivery_id IN (
               SELECT delivery_id FROM delivery WHERE changed_at < clock_timestamp() - $1::interval
                 AND NOT EXISTS (SELECT 1 FROM nudge WHERE nudge.nudge_id = delivery.nudge_id
                                 AND state IN ('composed', 'seen', 'snoozed'))
                 AND NOT EXISTS (SELECT 1 FROM notice WHERE notice.notice_id = delivery.notice_id
                                 AND state = 'composed') LIMIT $2)""",
        KEPT,
        SWEPT_AT_ONCE,
    )


async def erase_people(tx: Transaction, person_ids: Iterable[PersonId]) -> None:
    """Forget what was sent to erased people."""
    await tx.execute("DELETE FROM delivery WHERE manager_id = ANY($1::uuid[])", list(person_ids))


def _columns(delivery: Delivery) -> tuple[Any, ...]:
    return (
        delivery.delivery_id,
        delivery.wanted_version,
        delivery.standing,
        delivery.due_at,
        delivery.channel,
        None if delivery.reference is None else dict(delivery.reference),
        delivery.shown_version,
        delivery.in_doubt,
        delivery.attempts,
        delivery.trying_since,
        {str(channel): why for channel, why in delivery.passed.items()},
        delivery.problem,
    )


def _delivery(row: asyncpg.Record) -> Delivery:
    return Delivery(
        delivery_id=row["delivery_id"],
        about=About(row["nudge_id"], row["notice_id"]),
        manager_id=PersonId(row["manager_id"]),
        occasion=row["occasion"],
        wanted_version=row["wanted_version"],
        standing=Standing(row["standing"]),
        due_at=row["due_at"],
        channel=Channel(row["channel"]) if row["channel"] else None,
        reference=row["reference"],
        shown_version=row["shown_version"],
        in_doubt=row["in_doubt"],
        attempts=row["attempts"],
        trying_since=row["trying_since"],
        passed=row["passed"],
        problem=row["problem"],
    )
