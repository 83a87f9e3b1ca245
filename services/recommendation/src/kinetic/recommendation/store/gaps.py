"""Gaps: what was last told of each, and when it is to be considered again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from kinetic.common.database import Transaction
from kinetic.contracts.ids import CompetencyKey, ContentId, GapId, PersonId, TeamId
from kinetic.contracts.registry import BY_TYPE
from kinetic.contracts.skill_gap import GapChanged, GapClosed, GapOpened
from kinetic.recommendation.domain.gap import RECONSIDER_AFTER, Gap, Hindrance, Obstacle, ToldGap
from kinetic.recommendation.store.causes import cause_column, cause_of

KEPT_AFTER_CLOSING = timedelta(days=30)
"""Longer than any topic or inbox keeps an event, so that no late opening brings a closed gap back."""

CONSIDERED_WITHIN = timedelta(minutes=10)
"""After attention is free, whatever the backlog of a morning."""

# rows are locked in the order in which `save` writes them, so neither waits for the other in a circle
_MARK_DUE = """
    UPDATE gap SET due_at = clock_timestamp()
    FROM (SELECT gap_id FROM gap WHERE is_open AND {which} ORDER BY gap_id FOR UPDATE) AS wanted
    WHERE gap.gap_id = wanted.gap_id
"""


async def load(tx: Transaction, gap_ids: Iterable[GapId]) -> dict[GapId, Gap]:
    """Those of `gap_ids` that are known."""
    rows = await tx.fetch("SELECT * FROM gap WHERE gap_id = ANY($1::uuid[])", sorted(set(gap_ids)))
    return {row["gap_id"]: _gap(row) for row in rows}


async def find_due_teams(tx: Transaction, limit: int, resting: Collection[str]) -> set[str]:
    """The teams of the first gaps that are due. Rows are not locked: the team is, before they are read again."""
    rows = await tx.fetch(
        """SELECT team_id FROM gap WHERE due_at <= clock_timestamp() AND team_id <> ALL($2::uuid[])
           ORDER BY due_at LIMIT $1""",
        limit,
        list(resting),
    )
    return {row["team_id"] for row in rows}


async def take_due(tx: Transaction, team_ids: Iterable[str]) -> dict[GapId, Gap]:
    """Those gaps of locked teams that are still due. They are due no more, unless something makes them due again."""
    rows = await tx.fetch(
        """UPDATE gap SET due_at = clock_timestamp() + $2::interval
           FROM (SELECT gap_id FROM gap WHERE team_id = ANY($1::uuid[]) AND due_at <= clock_timestamp()
                 ORDER BY gap_id FOR UPDATE) AS due
           WHERE gap.gap_id = due.gap_id RETURNING gap.*""",
        list(team_ids),
        RECONSIDER_AFTER,
    )
    return {row["gap_id"]: _gap(row) for row in rows}


async def save(tx: Transaction, gaps: Sequence[Gap], now: datetime) -> None:
    """Keep the new state of each gap. One that was made due since it was loaded stays due."""
    await tx.execute_many(
        """INSERT INTO gap (gap_id, team_id, competency, is_open, told, cause,
                            obstacle, obstacle_manager_id, obstacle_until, due_at, withheld_at, changed_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
           ON CONFLICT (gap_id) DO UPDATE SET
               is_open = excluded.is_open, told = excluded.told, cause = excluded.cause,
               obstacle = excluded.obstacle, obstacle_manager_id = excluded.obstacle_manager_id,
               obstacle_until = excluded.obstacle_until, withheld_at = excluded.withheld_at,
               changed_at = excluded.changed_at,
               due_at = CASE WHEN gap.due_at <= clock_timestamp() THEN gap.due_at ELSE excluded.due_at END""",
        [(*_columns(gap), now) for gap in sorted(gaps, key=lambda gap: gap.gap_id)],
    )


async def mark_teams_due(tx: Transaction, team_ids: Iterable[TeamId]) -> None:
    """Let the open gaps of teams be considered again at once: their manager or their people have changed."""
    await tx.execute(_MARK_DUE.format(which="team_id = ANY($1::uuid[])"), list(team_ids))


async def mark_due_by(tx: Transaction, gap_id: GapId, moment: datetime) -> None:
    """Let a gap be considered at `moment` at the latest: its nudge is to come back then."""
    await tx.execute("UPDATE gap SET due_at = least(due_at, $2) WHERE gap_id = $1 AND is_open", gap_id, moment)


async def mark_deferred_due(tx: Transaction) -> None:
    """Let the gaps be considered again at once that the policy may have kept from a nudge: it has changed."""
    waits = [obstacle for obstacle in Obstacle if obstacle is not Obstacle.NO_MANAGER]
    await tx.execute(_MARK_DUE.format(which="obstacle = ANY($1::text[])"), waits)


async def mark_manager_due(tx: Transaction, manager_id: PersonId) -> None:
    """Let the gaps be considered again at once that a manager's attention kept from a nudge: their wishes have changed."""
    await tx.execute(
        _MARK_DUE.format(which="obstacle IN ('weekly_budget', 'quiet_hours') AND obstacle_manager_id = $1"), manager_id
    )


async def mark_content_due(
    tx: Transaction, content_ids: Iterable[ContentId], competencies: Iterable[CompetencyKey]
) -> None:
    """Let gaps be considered again at once: content for them has arrived, or what is suggested has changed."""
    await tx.execute(
        _MARK_DUE.format(
            which="""gap_id IN (
                SELECT gap_id FROM gap WHERE obstacle IN ('no_content', 'not_worth_it') AND competency = ANY($1::text[])
                UNION
                SELECT gap_id FROM nudge WHERE state IN ('composed', 'seen', 'snoozed') AND content_id = ANY($2::uuid[]))"""
        ),
        list(competencies),
        list(content_ids),
    )


async def mark_appraised_due(tx: Transaction, content_ids: Iterable[ContentId]) -> None:
    """Let the gaps be considered again at once for which these items were not worth it: more is known of them now."""
    await tx.execute(
        _MARK_DUE.format(
            which="""obstacle = 'not_worth_it' AND competency IN (
                SELECT unnest(competencies) FROM content WHERE content_id = ANY($1::uuid[]))"""
        ),
        list(content_ids),
    )


async def mark_taken_due(tx: Transaction, content_ids: Iterable[ContentId], person_ids: Iterable[PersonId]) -> None:
    """Let open nudges of these items to do with these people be brought up to date at once."""
    await tx.execute(
        _MARK_DUE.format(
            which="""gap_id IN (
                SELECT gap_id FROM nudge WHERE state IN ('composed', 'seen', 'snoozed') AND content_id = ANY($1::uuid[])
                  AND offer->'person_ids' ?| $2::text[])"""
        ),
        list(content_ids),
        list(person_ids),
    )


async def pressing(tx: Transaction, manager_ids: Iterable[PersonId]) -> dict[PersonId, float]:
    """The greatest pressure of the gaps that wait for the attention of each manager. Only under their locks is it true for long.

    One that could have had it, and was not considered since, has a defect and waits for something else.
    """
    rows = await tx.fetch(
        """SELECT obstacle_manager_id AS manager_id, max((told->'data'->>'pressure')::float) AS pressure FROM gap
           WHERE is_open AND obstacle IN ('weekly_budget', 'quiet_hours') AND obstacle_manager_id = ANY($1::uuid[])
             AND obstacle_until > clock_timestamp() - $2::interval
           GROUP BY obstacle_manager_id""",
        list(manager_ids),
        CONSIDERED_WITHIN,
    )
    return {row["manager_id"]: row["pressure"] for row in rows}


async def hindered(tx: Transaction, hidden: Collection[Obstacle], limit: int) -> list[asyncpg.Record]:
    """Open gaps without a nudge, the longest told first, with what hinders them unless that is `hidden`."""
    return await tx.fetch(
        """SELECT gap_id, team_id, team.name AS team_name, competency, obstacle, obstacle_manager_id AS manager_id,
                  obstacle_until AS due_at, told->'data'->>'decided_at' AS told_at
           FROM gap LEFT JOIN directory_team AS team USING (team_id)
           WHERE is_open AND obstacle IS NOT NULL AND obstacle <> ALL($1::text[]) ORDER BY gap_id LIMIT $2""",
        list(hidden),
        limit,
    )


async def sweep(tx: Transaction) -> int:
    """Forget gaps that closed long ago; how many."""
    return await tx.execute(
        "DELETE FROM gap WHERE NOT is_open AND changed_at < clock_timestamp() - $1::interval", KEPT_AFTER_CLOSING
    )


def _columns(gap: Gap) -> tuple[Any, ...]:
    hindrance = gap.hindrance
    return (
        gap.gap_id,
        gap.team_id,
        gap.competency,
        not isinstance(gap.told, GapClosed),
        {"type": gap.told.type, "data": gap.told.model_dump(mode="json")},
        cause_column(gap.cause),
        hindrance.obstacle if hindrance else None,
        hindrance.manager_id if hindrance else None,
        hindrance.until if hindrance else None,
        gap.due_at,
        gap.withheld_at,
    )


def _gap(row: asyncpg.Record) -> Gap:
    hindrance = None
    if row["obstacle"] is not None:
        hindrance = Hindrance(Obstacle(row["obstacle"]), row["obstacle_manager_id"], row["obstacle_until"])
    return Gap(_told(row["told"]), cause_of(row["cause"]), hindrance, row["due_at"], row["withheld_at"])


def _told(told: dict[str, Any]) -> ToldGap:
    event = BY_TYPE[told["type"]].model_validate(told["data"])
    if not isinstance(event, GapOpened | GapChanged | GapClosed):
        raise TypeError(f"{told['type']} tells nothing of a gap")
    return event
