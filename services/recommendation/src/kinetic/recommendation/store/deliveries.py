"""The ledger of what is sent to managers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final

import asyncpg

from kinetic.common.database import Transaction
from kinetic.common.events import new_id
from kinetic.common.locks import try_lock_keys
from kinetic.common.retention import SWEPT_AT_ONCE
from kinetic.contracts.ids import PersonId
from kinetic.recommendation.domain.delivery import Delivery, Standing
from kinetic.recommendation.domain.occasion import About, Occasion
from kinetic.recommendation.domain.receipt import Channel

LEFT_AT_ONCE: Final = 1000
LOOKED_AT: Final = 20
"""More than the loops that deliver at once, so that each finds a manager whom no other has."""

KEPT: Final = timedelta(days=7)
"""After the last change. References into other systems are personal data, and nothing changes a message any more."""


_POKE: Final = """
    WITH news AS (SELECT * FROM unnest($1::uuid[], $2::int[], $3::interval[]) AS news (item_id, version, waits)),
    behind AS (
        SELECT carried.carried_by AS delivery_id, min(news.waits) AS waits
        FROM news JOIN delivery AS carried ON carried.{which} = news.item_id
        WHERE carried.standing = 'carried' AND carried.wanted_version < news.version
          AND carried.occasion = (SELECT max(occasion) FROM delivery WHERE {which} = news.item_id)
        GROUP BY carried.carried_by),
    held AS (
        SELECT delivery.delivery_id, waits FROM delivery JOIN behind USING (delivery_id)
        ORDER BY delivery.delivery_id FOR UPDATE OF delivery)
    UPDATE delivery SET changed_at = clock_timestamp(),
        standing = CASE WHEN standing = 'sent' THEN 'planned' ELSE standing END,
        due_at = CASE WHEN standing = 'sent' THEN clock_timestamp() + held.waits
                      WHEN standing = 'planned' AND reference IS NOT NULL
                      THEN least(due_at, clock_timestamp() + held.waits)
                      ELSE due_at END
    FROM held WHERE delivery.delivery_id = held.delivery_id
"""
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
_CATCH_UP: Final = """
    UPDATE delivery SET standing = 'planned', due_at = clock_timestamp(), changed_at = clock_timestamp()
    WHERE standing = 'sent' AND delivery_id IN (
        SELECT carried_by FROM delivery
        WHERE {which} = ANY($1::uuid[]) AND standing = 'carried' AND wanted_version > coalesce(shown_version, 0))
"""


async def note(tx: Transaction, occasions: Sequence[Occasion]) -> None:
    """Enter what comes before managers, and what is new about that which did.

    The message that carries an entry is held before the entry itself, as it is when it is sent. What has gone out in another
    message since that was looked for is found afterwards.
    """
    coming = [one for one in occasions if one.comes]
    await tx.execute_many(
        _COME, [(new_id(), one.about.nudge_id, one.about.notice_id, one.manager_id, one.version) for one in coming]
    )
    news = [one for one in occasions if not one.comes]
    for which in ("nudge_id", "notice_id"):
        found = [(getattr(one.about, which), one.version, one.waits) for one in news if getattr(one.about, which)]
        if found:
            await tx.execute(_POKE.format(which=which), *map(list, zip(*sorted(found), strict=True)))
            await tx.execute_many(_NEWS.format(which=which), sorted(found))
            await tx.execute(_CATCH_UP.format(which=which), [item_id for item_id, _, _ in found])


async def take_due(tx: Transaction) -> Delivery | None:
    """The first entry that is due and that nobody else has, held until the transaction ends.

    Its manager is locked before: what else is due for them is not taken by somebody else meanwhile.
    """
    rows = await tx.fetch(
        """SELECT manager_id FROM delivery WHERE standing IN ('planned', 'sending') AND due_at <= clock_timestamp()
           ORDER BY due_at LIMIT $1""",
        LOOKED_AT,
    )
    for manager_id in dict.fromkeys(row["manager_id"] for row in rows):
        if await try_lock_keys(tx, "recipient", [manager_id]):
            row = await tx.fetch_one(
                """SELECT * FROM delivery WHERE manager_id = $1 AND standing IN ('planned', 'sending')
                     AND due_at <= clock_timestamp() ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED""",
                manager_id,
            )
            if row:
                return _delivery(row)
    return None


async def carried(tx: Transaction, delivery_id: str) -> list[Delivery]:
    """What goes along in the message of an entry that is held; it is held too."""
    rows = await tx.fetch(
        "SELECT * FROM delivery WHERE carried_by = $1 AND standing = 'carried' ORDER BY delivery_id FOR UPDATE",
        delivery_id,
    )
    return [_delivery(row) for row in rows]


async def due_beside(tx: Transaction, delivery: Delivery) -> list[Delivery]:
    """What else is due for the manager of an entry, was never tried, and is held by nobody."""
    rows = await tx.fetch(
        """SELECT * FROM delivery WHERE manager_id = $1 AND delivery_id <> $2 AND standing = 'planned'
             AND due_at <= clock_timestamp() AND attempts = 0 AND reference IS NULL AND NOT in_doubt AND passed = '{}'
           ORDER BY due_at, delivery_id LIMIT $3 FOR UPDATE SKIP LOCKED""",
        delivery.manager_id,
        delivery.delivery_id,
        LOOKED_AT,
    )
    return [_delivery(row) for row in rows]


async def leave_to_console(tx: Transaction) -> int:
    """Nobody can be sent anything: some of what is due and was never sent stands in the console; how many."""
    return await tx.execute(
        """UPDATE delivery SET standing = 'unaddressed', changed_at = clock_timestamp() WHERE delivery_id IN (
               SELECT delivery_id FROM delivery WHERE standing = 'planned' AND due_at <= clock_timestamp()
                 AND reference IS NULL AND NOT in_doubt
                 AND NOT EXISTS (SELECT FROM delivery AS along WHERE along.carried_by = delivery.delivery_id)
               ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)""",
        LEFT_AT_ONCE,
    )


async def hold(tx: Transaction, delivery_id: str) -> Delivery | None:
    """An entry, held until the transaction ends; None when there is none."""
    row = await tx.fetch_one("SELECT * FROM delivery WHERE delivery_id = $1 FOR UPDATE", delivery_id)
    return _delivery(row) if row else None


async def save(tx: Transaction, *deliveries: Delivery) -> None:
    """Keep the new state of entries that are held."""
    await tx.execute_many(
        """UPDATE delivery SET wanted_version = $2, standing = $3, due_at = $4, channel = $5, reference = $6,
               shown_version = $7, in_doubt = $8, attempts = $9, trying_since = $10, passed = $11, problem = $12,
               carried_by = $13, changed_at = clock_timestamp()
           WHERE delivery_id = $1""",
        [_columns(delivery) for delivery in deliveries],
    )


async def standing(tx: Transaction, wanted: Iterable[Standing], limit: int) -> list[Delivery]:
    """Entries of which this is known, the newest first."""
    rows = await tx.fetch(
        "SELECT * FROM delivery WHERE standing = ANY($1::text[]) ORDER BY changed_at DESC LIMIT $2", list(wanted), limit
    )
    return [_delivery(row) for row in rows]


async def sweep(tx: Transaction) -> int:
    """Forget entries whose nudges or notices have ended, a week after the last change; how many. What carries others goes after them."""
    return await tx.execute(
        """DELETE FROM delivery WHERE delivery_id IN (
               SELECT delivery_id FROM delivery WHERE changed_at < clock_timestamp() - $1::interval
                 AND NOT EXISTS (SELECT 1 FROM nudge WHERE nudge.nudge_id = delivery.nudge_id
                                 AND state IN ('composed', 'seen', 'snoozed'))
                 AND NOT EXISTS (SELECT 1 FROM notice WHERE notice.notice_id = delivery.notice_id
                                 AND state = 'composed')
                 AND NOT EXISTS (SELECT 1 FROM delivery AS along WHERE along.carried_by = delivery.delivery_id)
               LIMIT $2)""",
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
        delivery.carried_by,
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
        carried_by=row["carried_by"],
    )
