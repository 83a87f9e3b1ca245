"""How KPIs go with competencies, as it was last reckoned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import asyncpg

from kinetic.common.database import Transaction
from kinetic.contracts.ids import CompetencyKey, KpiKey, TeamId
from kinetic.contracts.skill_gap import CapabilitiesPublished
from kinetic.skill_gap.domain.association import Association, Estimate

RECKONED_EVERY: Final = timedelta(days=1)

Pair = tuple[KpiKey, CompetencyKey]


async def prepare(tx: Transaction, rules: CapabilitiesPublished) -> None:
    """One row for each link of the map, due at once when it is new; what the map links no more is forgotten."""
    links = sorted({(rule.kpi, rule.competency) for rule in rules.kpi_rules})
    linked = ([kpi for kpi, _ in links], [competency for _, competency in links])
    await tx.execute(
        """DELETE FROM association WHERE (kpi, competency) NOT IN (SELECT * FROM unnest($1::text[], $2::text[]))""",
        *linked,
    )
    await tx.execute(
        """INSERT INTO association (kpi, competency, teams, weeks, due_at)
           SELECT kpi, competency, 0, 0, clock_timestamp() FROM unnest($1::text[], $2::text[]) AS link (kpi, competency)
           WHERE NOT EXISTS (SELECT 1 FROM association AS known
                             WHERE (known.kpi, known.competency) = (link.kpi, link.competency))
           ON CONFLICT DO NOTHING""",
        *linked,
    )


async def claim(tx: Transaction) -> Pair | None:
    """The pair that is longest due, held against other replicas."""
    row = await tx.fetch_one(
        """SELECT kpi, competency FROM association WHERE due_at <= clock_timestamp()
           ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED"""
    )
    return (row["kpi"], row["competency"]) if row else None


async def save(tx: Transaction, pair: Pair, found: Association) -> None:
    """Keep what was found, and look again a day later."""
    estimate = found.estimate
    figures = (estimate.value, estimate.low, estimate.high) if estimate else (None, None, None)
    await tx.execute(
        """UPDATE association SET teams = $3, weeks = $4, estimate = $5, low = $6, high = $7,
               reckoned_at = clock_timestamp(), due_at = clock_timestamp() + $8
           WHERE kpi = $1 AND competency = $2""",
        *pair,
        found.teams,
        found.weeks,
        *figures,
        RECKONED_EVERY,
    )


async def load(tx: Transaction) -> dict[Pair, tuple[Association, datetime]]:
    """Of each pair that was reckoned, what was found and when."""
    rows = await tx.fetch("SELECT * FROM association WHERE reckoned_at IS NOT NULL")
    return {(row["kpi"], row["competency"]): (_association(row), row["reckoned_at"]) for row in rows}


async def measured_in(tx: Transaction, team_ids: Sequence[TeamId]) -> set[KpiKey]:
    """The KPIs that are measured in any of these teams."""
    rows = await tx.fetch("SELECT DISTINCT kpi FROM kpi_chart WHERE team_id = ANY($1::uuid[])", list(team_ids))
    return {row["kpi"] for row in rows}


def _association(row: asyncpg.Record) -> Association:
    estimate = None if row["estimate"] is None else Estimate(row["estimate"], row["low"], row["high"])
    return Association(row["teams"], row["weeks"], estimate)
