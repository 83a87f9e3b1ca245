"""Nudges: the latest of each gap, those of a manager, and how many a manager got this week."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import asyncpg
from pydantic import TypeAdapter

from kinetic.common.database import Transaction
from kinetic.common.retention import KEPT, SWEPT_AT_ONCE
from kinetic.contracts.ids import CompetencyKey, ContentId, GapId, NudgeId, PersonId, TeamId
from kinetic.contracts.recommendation import DismissalReason
from kinetic.recommendation.domain.afterwards import CONTENT_NOT_REFUSED, SAYS_NOTHING, Answer
from kinetic.recommendation.domain.nudge import ANSWERED, Nudge, Offer, Outcome, Snooze, State
from kinetic.recommendation.domain.offline import Logged
from kinetic.recommendation.store.causes import cause_column, cause_of

_OFFER: Final = TypeAdapter(Offer)
_OUTCOME: Final = TypeAdapter(Outcome)
_SNOOZE: Final = TypeAdapter(Snooze)


async def find(tx: Transaction, nudge_id: str) -> Nudge | None:
    """One nudge; None when there is none of that id."""
    row = await tx.fetch_one("SELECT * FROM nudge WHERE nudge_id = $1", nudge_id)
    return _nudge(row) if row else None


async def latest(tx: Transaction, gap_ids: Iterable[GapId]) -> dict[GapId, Nudge]:
    """The latest nudge of each gap that has one."""
    rows = await tx.fetch(
        """SELECT DISTINCT ON (gap_id) * FROM nudge WHERE gap_id = ANY($1::uuid[])
           ORDER BY gap_id, composed_at DESC, nudge_id DESC""",
        list(gap_ids),
    )
    return {row["gap_id"]: _nudge(row) for row in rows}


async def open_of(tx: Transaction, manager_id: PersonId, limit: int) -> list[Nudge]:
    """The open nudges of a manager, the newest first, but for those that are snoozed.

    Those about a team that somebody else manages now are left out.
    """
    return await _standing(tx, manager_id, (State.COMPOSED, State.SEEN), limit)


async def snoozed_by(tx: Transaction, manager_id: PersonId, limit: int) -> list[Nudge]:
    """The nudges of a manager that are snoozed, the newest first, as far as they would come back to them."""
    return await _standing(tx, manager_id, (State.SNOOZED,), limit)


async def _standing(tx: Transaction, manager_id: PersonId, states: Sequence[State], limit: int) -> list[Nudge]:
    rows = await tx.fetch(
        """SELECT nudge.* FROM nudge JOIN directory_team AS team USING (team_id)
           WHERE nudge.manager_id = $1 AND NOT team.removed AND state = ANY($2::text[])
             AND (team.manager_id = $1 OR EXISTS (
                 SELECT FROM preference AS away WHERE away.person_id = team.manager_id AND away.delegate_id = $1
                   AND away_until > clock_timestamp()))
           ORDER BY composed_at DESC LIMIT $3""",
        manager_id,
        states,
        limit,
    )
    return [_nudge(row) for row in rows]


async def answered_by(tx: Transaction, manager_id: PersonId, limit: int) -> list[Nudge]:
    """What a manager accepted, dismissed or let expire, the newest first."""
    rows = await tx.fetch(
        """SELECT * FROM nudge WHERE manager_id = $1 AND state = ANY($2::text[])
           ORDER BY composed_at DESC LIMIT $3""",
        manager_id,
        sorted(ANSWERED),
        limit,
    )
    return [_nudge(row) for row in rows]


async def spent(tx: Transaction, weeks: Mapping[PersonId, tuple[datetime, datetime]]) -> dict[PersonId, int]:
    """How many nudges and notices were composed for each manager in their week. Only under their locks is it true for long."""
    rows = await tx.fetch(
        """SELECT manager_id, count(*) AS composed
           FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) AS week (manager_id, starts_at, ends_at)
           CROSS JOIN LATERAL (
               SELECT FROM nudge WHERE nudge.manager_id = week.manager_id
                 AND composed_at >= starts_at AND composed_at < ends_at
               UNION ALL
               SELECT FROM notice WHERE notice.manager_id = week.manager_id
                 AND composed_at >= starts_at AND composed_at < ends_at) AS came
           GROUP BY manager_id""",
        list(weeks),
        [starts_at for starts_at, _ in weeks.values()],
        [ends_at for _, ends_at in weeks.values()],
    )
    return {row["manager_id"]: row["composed"] for row in rows}


async def dismissed(
    tx: Transaction, team_ids: Iterable[TeamId], competencies: Iterable[CompetencyKey]
) -> dict[tuple[TeamId, CompetencyKey], frozenset[ContentId]]:
    """The content that was ever refused for each team and competency: of bad timing or wrong people it is not to blame."""
    rows = await tx.fetch(
        """SELECT team_id, competency, array_agg(DISTINCT content_id) AS contents FROM nudge
           WHERE state = 'dismissed' AND coalesce(outcome->>'reason', '') <> ALL($3::text[])
             AND team_id = ANY($1::uuid[]) AND competency = ANY($2::text[])
           GROUP BY team_id, competency""",
        list(team_ids),
        list(competencies),
        sorted(CONTENT_NOT_REFUSED),
    )
    return {(row["team_id"], row["competency"]): frozenset(row["contents"]) for row in rows}


async def answers(
    tx: Transaction, team_ids: Iterable[TeamId], competencies: Iterable[CompetencyKey]
) -> dict[tuple[TeamId, CompetencyKey], tuple[Answer, ...]]:
    """The newest answer of each kind about each team and competency; all of those that called people wrong.

    A nudge that was withdrawn because its gap closed counts: one that opens again is no news so soon.
    """
    rows = await tx.fetch(
        """SELECT DISTINCT ON (team_id, competency, state, outcome->>'reason', people.called_wrong)
                  team_id, competency, state, outcome, offer->'person_ids' AS person_ids
           FROM nudge CROSS JOIN LATERAL (
               SELECT CASE WHEN outcome->>'reason' = 'wrong_people' THEN nudge_id END AS called_wrong) AS people
           WHERE team_id = ANY($1::uuid[]) AND competency = ANY($2::text[]) AND outcome IS NOT NULL
             AND coalesce(outcome->>'reason', '') <> ALL($3::text[])
           ORDER BY team_id, competency, state, outcome->>'reason', people.called_wrong, outcome->>'at' DESC""",
        list(team_ids),
        list(competencies),
        sorted(SAYS_NOTHING),
    )
    found: dict[tuple[TeamId, CompetencyKey], tuple[Answer, ...]] = {}
    for row in rows:
        about = row["team_id"], row["competency"]
        found[about] = (*found.get(about, ()), _answer(row))
    return found


async def logged(tx: Transaction, limit: int) -> list[Logged]:
    """The newest answered nudges that were explored: accepted or not, for a policy that takes the greatest expected value."""
    rows = await tx.fetch(
        """SELECT state = 'accepted' AS accepted, (offer->'reckoning'->>'propensity')::float AS propensity,
                  offer->'reckoning'->'weighed'->0->'prospect'->>'content_id' = content_id::text AS is_best
           FROM nudge WHERE state = ANY($1::text[]) AND offer->'reckoning'->'propensity' IS NOT NULL
           ORDER BY composed_at DESC LIMIT $2""",
        sorted(ANSWERED),
        limit,
    )
    return [Logged(float(row["accepted"]), row["propensity"], float(row["is_best"])) for row in rows]


async def find_expiring_teams(tx: Transaction, limit: int, resting: Collection[str]) -> set[str]:
    """The teams of the first stale nudges. Rows are not locked: the team is, before they are read again."""
    rows = await tx.fetch(
        """SELECT team_id FROM nudge WHERE state IN ('composed', 'seen', 'snoozed') AND expires_at <= clock_timestamp()
             AND team_id <> ALL($2::uuid[]) ORDER BY expires_at LIMIT $1""",
        limit,
        list(resting),
    )
    return {row["team_id"] for row in rows}


async def load_expiring(tx: Transaction, team_ids: Iterable[str]) -> list[Nudge]:
    """Those nudges of locked teams that are still open and stale."""
    rows = await tx.fetch(
        """SELECT * FROM nudge WHERE state IN ('composed', 'seen', 'snoozed') AND expires_at <= clock_timestamp()
             AND team_id = ANY($1::uuid[])""",
        list(team_ids),
    )
    return [_nudge(row) for row in rows]


async def sweep(tx: Transaction) -> int:
    """Forget some of the nudges that were composed long ago; how many. Those that were dismissed stay."""
    return await tx.execute(
        """DELETE FROM nudge WHERE nudge_id IN (
               SELECT nudge_id FROM nudge WHERE state IN ('accepted', 'expired', 'withdrawn')
                 AND composed_at < clock_timestamp() - $1::interval LIMIT $2)""",
        KEPT,
        SWEPT_AT_ONCE,
    )


async def save(tx: Transaction, nudges: Sequence[Nudge]) -> None:
    """Keep nudges in the order given: one that makes room for another goes before it."""
    await tx.execute_many(
        """INSERT INTO nudge (nudge_id, gap_id, team_id, manager_id, competency, content_id, offer, state, version,
                              offered_version, policy_version, composed_at, expires_at, cause, outcome,
                              snooze)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
           ON CONFLICT (nudge_id) DO UPDATE SET
               offer = excluded.offer, state = excluded.state, version = excluded.version,
               offered_version = excluded.offered_version, expires_at = excluded.expires_at, cause = excluded.cause,
               outcome = excluded.outcome, snooze = excluded.snooze""",
        [_columns(nudge) for nudge in nudges],
    )


def _columns(nudge: Nudge) -> tuple[Any, ...]:
    return (
        nudge.nudge_id,
        nudge.gap_id,
        nudge.team_id,
        nudge.manager_id,
        nudge.competency,
        nudge.offer.content.content_id,
        _OFFER.dump_python(nudge.offer, mode="json"),
        nudge.state,
        nudge.version,
        nudge.offered_version,
        nudge.policy_version,
        nudge.composed_at,
        nudge.expires_at,
        cause_column(nudge.cause),
        _OUTCOME.dump_python(nudge.outcome, mode="json") if nudge.outcome else None,
        _SNOOZE.dump_python(nudge.snooze, mode="json") if nudge.snooze else None,
    )


def _answer(row: asyncpg.Record) -> Answer:
    outcome = _OUTCOME.validate_python(row["outcome"])
    reason = outcome.reason if isinstance(outcome.reason, DismissalReason) else None
    return Answer(State(row["state"]), outcome.at, tuple(row["person_ids"]), reason)


def _nudge(row: asyncpg.Record) -> Nudge:
    return Nudge(
        nudge_id=NudgeId(row["nudge_id"]),
        gap_id=GapId(row["gap_id"]),
        team_id=TeamId(row["team_id"]),
        manager_id=PersonId(row["manager_id"]),
        competency=CompetencyKey(row["competency"]),
        offer=_OFFER.validate_python(row["offer"]),
        state=State(row["state"]),
        version=row["version"],
        offered_version=row["offered_version"],
        policy_version=row["policy_version"],
        composed_at=row["composed_at"],
        expires_at=row["expires_at"],
        cause=cause_of(row["cause"]),
        outcome=_OUTCOME.validate_python(row["outcome"]) if row["outcome"] else None,
        snooze=_SNOOZE.validate_python(row["snooze"]) if row["snooze"] else None,
    )
