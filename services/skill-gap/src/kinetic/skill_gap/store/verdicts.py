"""What was told of teams and competencies, verdict by verdict."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from kinetic.common.database import Transaction
from kinetic.common.events import new_id
from kinetic.contracts.ids import CompetencyKey, TeamId
from kinetic.contracts.skill_gap import GapClosed, GapClosedReason, GapOpened, GapRuledOut
from kinetic.skill_gap.domain.assessment import ToldVerdict


@dataclass(frozen=True, slots=True)
class Band:
    """The life of a gap: when it opened, and when and why it closed."""

    competency: CompetencyKey
    opened_at: datetime
    closed_at: datetime | None
    reason: GapClosedReason | None


async def save(tx: Transaction, told: Sequence[ToldVerdict]) -> None:
    """Keep verdicts beside the events that tell them."""
    await tx.execute_many(
        """INSERT INTO verdict (verdict_id, team_id, competency, type, gap_id, reason, pressure, coverage, decided_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        [
            (
                new_id(),
                verdict.team_id,
                verdict.competency,
                verdict.type,
                None if isinstance(verdict, GapRuledOut) else verdict.gap_id,
                verdict.reason.value if isinstance(verdict, GapClosed | GapRuledOut) else None,
                verdict.pressure,
                verdict.coverage,
                verdict.decided_at,
            )
            for verdict in told
        ],
    )


async def bands(tx: Transaction, team_id: TeamId, competencies: Collection[CompetencyKey]) -> list[Band]:
    """The gaps of a team in these competencies, the newest first."""
    rows = await tx.fetch(
        """SELECT opened.competency, opened.decided_at AS opened_at, closed.decided_at AS closed_at, closed.reason
           FROM verdict AS opened LEFT JOIN verdict AS closed ON closed.gap_id = opened.gap_id AND closed.type = $4
           WHERE opened.team_id = $1 AND opened.competency = ANY($2) AND opened.type = $3
           ORDER BY opened.decided_at DESC LIMIT 100""",
        team_id,
        list(competencies),
        GapOpened.type,
        GapClosed.type,
    )
    return [
        Band(
            CompetencyKey(row["competency"]),
            row["opened_at"],
            row["closed_at"],
            GapClosedReason(row["reason"]) if row["reason"] else None,
        )
        for row in rows
    ]


async def sweep(tx: Transaction, before: datetime) -> None:
    """Forget what was decided before then."""
    await tx.execute("DELETE FROM verdict WHERE decided_at < $1", before)
