"""The weeks of skill-gap's floor: what readings add to them, and what teams hold in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from benchmarks.floors.loop import Connection

ADD = """INSERT INTO kpi_week (team_id, kpi, week, total, cases)
         SELECT * FROM unnest($1::text[]::uuid[], $2::text[], $3::int[], $4::float8[], $5::float8[])
         ON CONFLICT (kpi, team_id, week) DO UPDATE SET
             total = kpi_week.total + excluded.total, cases = kpi_week.cases + excluded.cases"""
KEEP = """INSERT INTO coverage_week (team_id, competency, week, share)
          SELECT * FROM unnest($1::text[]::uuid[], $2::text[], $3::int[], $4::float8[]) AS found (team_id, competency, week, share)
          WHERE NOT EXISTS (SELECT 1 FROM coverage_week AS kept WHERE (kept.team_id, kept.competency, kept.week, kept.share)
                            = (found.team_id, found.competency, found.week, found.share))
          ON CONFLICT (competency, team_id, week) DO UPDATE SET share = excluded.share"""


def week_at(moment: datetime) -> int:
    """The week of a moment, from Monday on."""
    return (moment.toordinal() - 1) // 7


async def add_to_weeks(connection: Connection, sums: Mapping[tuple[str, str, int], tuple[float, float]]) -> None:
    """Add to the weeks of KPIs."""
    keys = list(sums)
    columns = ([key[place] for key in keys] for place in range(3))
    await connection.execute(ADD, *columns, *([sums[key][place] for key in keys] for place in range(2)))


async def keep_shares(connection: Connection, shares: Mapping[tuple[str, str], float | None], now: datetime) -> None:
    """Keep what teams hold this week."""
    kept = {pair: round(share, 3) for pair, share in shares.items() if share is not None}
    pairs = list(kept)
    week = [week_at(now)] * len(pairs)
    await connection.execute(
        KEEP, [team for team, _ in pairs], [skill for _, skill in pairs], week, list(kept.values())
    )
