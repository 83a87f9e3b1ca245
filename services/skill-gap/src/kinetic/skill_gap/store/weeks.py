"""Weeks of teams: what their KPIs came to, and what they held of competencies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from kinetic.common.database import Transaction
from kinetic.common.retention import KEPT
from kinetic.contracts.ids import CompetencyKey, KpiKey
from kinetic.contracts.skill_gap import CapabilitiesPublished
from kinetic.skill_gap.domain.assessment import AssessmentKey
from kinetic.skill_gap.domain.coverage import Coverage
from kinetic.skill_gap.domain.weeks import KpiWeekKey, Observed, WeekSum, share_kept, week_of

MOST_TEAMS: Final = 200
"""More teams make an interval narrower than anybody needs, and the reckoning longer."""


async def add(tx: Transaction, weeks: Mapping[KpiWeekKey, WeekSum]) -> None:
    """Add to the weeks of KPIs. Their teams are locked."""
    rows = [(*key, one.total, one.cases) for key, one in weeks.items() if one != WeekSum()]
    if rows:
        await tx.execute(
            """INSERT INTO kpi_week (team_id, kpi, week, total, cases)
               SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::float8[], $5::float8[])
               ON CONFLICT (kpi, team_id, week) DO UPDATE SET
                   total = kpi_week.total + excluded.total, cases = kpi_week.cases + excluded.cases""",
            *zip(*rows, strict=True),
        )


async def save_coverages(
    tx: Transaction, rules: CapabilitiesPublished, coverages: Mapping[AssessmentKey, Coverage], now: datetime
) -> None:
    """Keep what teams hold in this week of the competencies that the map links to KPIs. Their teams are locked."""
    linked = {rule.competency for rule in rules.kpi_rules}
    shares = {key: share_kept(coverage) for key, coverage in coverages.items() if key[1] in linked}
    rows = [(*key, round(share, 3)) for key, share in shares.items() if share is not None]
    if rows:
        await tx.execute(
            """INSERT INTO coverage_week (team_id, competency, week, share)
               SELECT team_id, competency, $4::int, found.share
               FROM unnest($1::uuid[], $2::text[], $3::float8[]) AS found (team_id, competency, share)
               WHERE NOT EXISTS (SELECT 1 FROM coverage_week AS kept WHERE kept.week = $4::int AND kept.share = found.share
                                 AND (kept.team_id, kept.competency) = (found.team_id, found.competency))
               ON CONFLICT (competency, team_id, week) DO UPDATE SET share = excluded.share""",
            *zip(*rows, strict=True),
            week_of(now),
        )


async def load(tx: Transaction, pair: tuple[KpiKey, CompetencyKey], now: datetime) -> list[Observed]:
    """The whole weeks in which a KPI and a competency were both seen, of the teams that have most of them."""
    rows = await tx.fetch(
        """WITH both_seen AS (
               SELECT team_id, week, total / cases AS value, share, count(*) OVER (PARTITION BY team_id) AS weeks
               FROM kpi_week JOIN coverage_week USING (team_id, week)
               WHERE kpi = $1 AND competency = $2 AND week < $3 AND week >= $4 AND cases > 0
           ), ranked AS (SELECT *, dense_rank() OVER (ORDER BY weeks DESC, team_id) AS place FROM both_seen)
           SELECT team_id, week, value, share FROM ranked WHERE place <= $5""",
        *pair,
        week_of(now),
        week_of(now - KEPT),
        MOST_TEAMS,
    )
    return [Observed(row["team_id"], row["week"], row["value"], row["share"]) for row in rows]


async def sweep(tx: Transaction, before: datetime) -> None:
    """Forget the weeks before then."""
    for table in ("kpi_week", "coverage_week"):
        await tx.execute(f"DELETE FROM {table} WHERE week < $1", week_of(before))  # noqa: S608
