"""The newest version of each measurement, and what it pressed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import asyncpg

from kinetic.common.database import Transaction
from kinetic.skill_gap.domain.assessment import Pressed
from kinetic.skill_gap.domain.measured import Measured, MeasuredKey


async def load(tx: Transaction, keys: Collection[MeasuredKey]) -> dict[MeasuredKey, Measured]:
    """Those of `keys` of which something was measured. Their teams are locked."""
    if not keys:
        return {}
    rows = await tx.fetch(
        """SELECT * FROM measurement
           JOIN unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[])
               AS wanted (team_id, kpi, period_start, period_end) USING (team_id, kpi, period_start, period_end)""",
        *zip(*sorted(set(keys)), strict=True),
    )
    return {(row["team_id"], row["kpi"], row["period_start"], row["period_end"]): _measured(row) for row in rows}


async def save(tx: Transaction, newest: Mapping[MeasuredKey, Measured]) -> None:
    """Keep the newest versions of measurements in the place of those before."""
    await tx.execute_many(
        """INSERT INTO measurement (team_id, kpi, period_start, period_end, version, event_id, pressed, pressed_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
           ON CONFLICT (team_id, kpi, period_start, period_end) DO UPDATE SET
               version = excluded.version, event_id = excluded.event_id,
               pressed = excluded.pressed, pressed_at = excluded.pressed_at""",
        [
            (
                *key,
                measured.version,
                measured.event_id,
                [[competency, pressed.weight, pressed.half_life_days] for competency, pressed in measured.pressed],
                measured.pressed_at,
            )
            for key, measured in sorted(newest.items(), key=lambda entry: entry[0])
        ],
    )


async def sweep(tx: Transaction, before: datetime) -> None:
    """Forget what was measured before then: nobody corrects it any more."""
    await tx.execute("DELETE FROM measurement WHERE period_end < $1", before)


def _measured(row: asyncpg.Record) -> Measured:
    pressed = tuple(
        (competency, Pressed(row["event_id"], weight, half_life_days, row["pressed_at"]))
        for competency, weight, half_life_days in row["pressed"]
    )
    return Measured(row["version"], row["event_id"], row["pressed_at"], pressed)
