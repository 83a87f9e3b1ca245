"""What the holdout has drawn."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import asyncpg

from kinetic.common.database import Transaction
from kinetic.common.retention import KEPT, SWEPT_AT_ONCE
from kinetic.contracts.ids import CompetencyKey, GapId, TeamId
from kinetic.contracts.recommendation import Arm
from kinetic.recommendation.domain.holdout import Draw, Unit


async def load(tx: Transaction, units: Collection[Unit]) -> dict[Unit, Draw]:
    """Those of `units` for which it was drawn. Their teams are locked."""
    if not units:
        return {}
    rows = await tx.fetch(
        """SELECT draw.* FROM holdout_draw AS draw
           JOIN unnest($1::uuid[], $2::text[], $3::text[]) AS wanted (team_id, competency, quarter)
           USING (team_id, competency, quarter)""",
        [unit.team_id for unit in units],
        [unit.competency for unit in units],
        [unit.quarter for unit in units],
    )
    return {draw.unit: draw for draw in map(_draw, rows)}


async def save(tx: Transaction, draws: Sequence[Draw]) -> None:
    """Keep what was drawn. A unit is drawn once."""
    await tx.execute_many(
        """INSERT INTO holdout_draw (team_id, competency, quarter, arm, share, policy_version, gap_id, drawn_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
        [
            (d.unit.team_id, d.unit.competency, d.unit.quarter, d.arm, d.share, d.policy_version, d.gap_id, d.drawn_at)
            for d in draws
        ],
    )


async def counts(tx: Transaction) -> list[asyncpg.Record]:
    """How many draws of each quarter fell into each arm, the newest quarter first."""
    return await tx.fetch(
        """SELECT quarter, count(*) FILTER (WHERE arm = 'treated') AS treated,
                  count(*) FILTER (WHERE arm = 'withheld') AS withheld
           FROM holdout_draw GROUP BY quarter ORDER BY quarter DESC"""
    )


async def of_quarter(tx: Transaction, quarter: str, limit: int) -> list[Draw]:
    """The draws of a quarter, the newest first."""
    rows = await tx.fetch(
        "SELECT * FROM holdout_draw WHERE quarter = $1 ORDER BY drawn_at DESC, team_id, competency LIMIT $2",
        quarter,
        limit,
    )
    return list(map(_draw, rows))


async def sweep(tx: Transaction) -> int:
    """Forget some of what was drawn long ago; how many."""
    return await tx.execute(
        """DELETE FROM holdout_draw WHERE (team_id, competency, quarter) IN (
               SELECT team_id, competency, quarter FROM holdout_draw
               WHERE drawn_at < clock_timestamp() - $1::interval LIMIT $2)""",
        KEPT,
        SWEPT_AT_ONCE,
    )


def _draw(row: asyncpg.Record) -> Draw:
    return Draw(
        unit=Unit(TeamId(row["team_id"]), CompetencyKey(row["competency"]), row["quarter"]),
        arm=Arm(row["arm"]),
        share=row["share"],
        policy_version=row["policy_version"],
        gap_id=GapId(row["gap_id"]),
        drawn_at=row["drawn_at"],
    )
