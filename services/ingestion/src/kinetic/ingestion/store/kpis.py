"""The KPIs of the capability map that is in force, and the newest version of what was measured of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kinetic.common.database import Transaction
from kinetic.common.retention import KEPT, SWEPT_AT_ONCE
from kinetic.ingestion.domain.versions import Measured, Newest

SUBJECT = "capabilities"


async def find_kpis(tx: Transaction, keys: Collection[str]) -> frozenset[str]:
    """Those of `keys` that the map in force defines."""
    if not keys:
        return frozenset()
    rows = await tx.fetch("SELECT key FROM kpi WHERE key = ANY($1)", list(keys))
    return frozenset(row["key"] for row in rows)


async def replace_kpis(tx: Transaction, version: int, keys: Collection[str]) -> bool:
    """Keep the KPIs of a map; False when they are those of an older map than the one in force."""
    newer = await tx.execute(
        "UPDATE publication SET version = $2 WHERE subject = $1 AND version < $2", SUBJECT, version
    )
    if newer:
        await tx.execute("DELETE FROM kpi WHERE NOT key = ANY($1)", list(keys))
        await tx.execute("INSERT INTO kpi (key) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING", list(keys))
    return bool(newer)


async def lock_versions(tx: Transaction, measured: Collection[Measured]) -> dict[Measured, Newest]:
    """The newest version of each of `measured` that has one. All are held until the transaction ends, known or not."""
    if not measured:
        return {}
    rows = await tx.fetch(
        """INSERT INTO measurement (team, kpi, period_start, period_end, version)
           SELECT *, 0 FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[])
           ON CONFLICT (team, kpi, period_start, period_end) DO UPDATE SET version = measurement.version
           RETURNING team, kpi, period_start, period_end, version, event_id""",
        *zip(*sorted(measured), strict=True),
    )
    return {
        (row["team"], row["kpi"], row["period_start"], row["period_end"]): Newest(row["version"], row["event_id"])
        for row in rows
        if row["event_id"] is not None
    }


async def save_versions(tx: Transaction, held: Collection[Measured], newest: Mapping[Measured, Newest]) -> None:
    """Keep the newest versions of measurements that are held, and let go of those of which nothing was taken."""
    if not held:
        return
    await tx.execute_many(
        """UPDATE measurement SET version = $5, event_id = $6, taken_at = clock_timestamp()
           WHERE team = $1 AND kpi = $2 AND period_start = $3 AND period_end = $4""",
        [(*measured, entry.version, entry.event_id) for measured, entry in newest.items()],
    )
    left = sorted(measured for measured in held if measured not in newest)
    await tx.execute_many(
        """DELETE FROM measurement
           WHERE team = $1 AND kpi = $2 AND period_start = $3 AND period_end = $4 AND event_id IS NULL""",
        left,
    )


async def sweep(tx: Transaction) -> int:
    """Forget some of the versions that are 400 days old: nobody corrects them any more. How many."""
    return await tx.execute(
        """DELETE FROM measurement WHERE ctid = ANY(ARRAY(
               SELECT ctid FROM measurement WHERE taken_at < clock_timestamp() - $1::interval LIMIT $2))""",
        KEPT,
        SWEPT_AT_ONCE,
    )
