"""What became of the latest deliveries of each integration, and how many there were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import asyncpg

from kinetic.common.database import Transaction

KEPT_DAYS = 7
KEPT_OF_EACH = 500


async def save(tx: Transaction, rows: Sequence[tuple[object, ...]]) -> None:
    """Keep what became of deliveries: integration, time, outcome, reason, kinds, facts, event ids, whether it is a test."""
    await tx.execute_many(
        """INSERT INTO delivery (integration_id, received_at, outcome, reason, kinds, facts, event_ids, test)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
        rows,
    )


async def count(tx: Transaction, counts: Mapping[tuple[str, str], int]) -> None:
    """Add to the numbers of deliveries by integration and outcome."""
    await tx.execute_many(
        """INSERT INTO delivery_count (integration_id, outcome, deliveries, latest_at)
           VALUES ($1, $2, $3, clock_timestamp())
           ON CONFLICT (integration_id, outcome) DO UPDATE SET
               deliveries = delivery_count.deliveries + excluded.deliveries, latest_at = excluded.latest_at""",
        [(*key, number) for key, number in sorted(counts.items())],
    )


async def latest(tx: Transaction, integration_id: str, limit: int) -> list[asyncpg.Record]:
    """The newest deliveries of an integration, and why those wait that are parked by now."""
    return await tx.fetch(
        """SELECT received_at, outcome, coalesce(waits.reason, delivery.reason) AS reason, kinds, facts, event_ids,
                  coalesce(waits.parked, 0) AS parked, test
           FROM delivery LEFT JOIN LATERAL (
               SELECT count(*) AS parked, min(coalesce(expired_reason, parking_lane.reason)) AS reason
               FROM parked LEFT JOIN parking_lane USING (lane) WHERE parked.event_id = ANY(delivery.event_ids)
           ) AS waits ON true
           WHERE integration_id = $1 ORDER BY delivery_id DESC LIMIT $2""",
        integration_id,
        limit,
    )


async def counts(tx: Transaction, integration_ids: Sequence[str]) -> list[asyncpg.Record]:
    """How many deliveries of each integration had which outcome, and when the latest was."""
    return await tx.fetch(
        "SELECT * FROM delivery_count WHERE integration_id = ANY($1::uuid[]) ORDER BY outcome", list(integration_ids)
    )


async def sweep(tx: Transaction) -> int:
    """Forget what is older than a week, or behind the newest of its integration; how many."""
    return await tx.execute(
        """DELETE FROM delivery WHERE received_at < clock_timestamp() - make_interval(days => $1) OR delivery_id IN (
               SELECT delivery_id FROM (
                   SELECT delivery_id, row_number() OVER (PARTITION BY integration_id ORDER BY delivery_id DESC) AS place
                   FROM delivery) AS placed
               WHERE place > $2)""",
        KEPT_DAYS,
        KEPT_OF_EACH,
    )
