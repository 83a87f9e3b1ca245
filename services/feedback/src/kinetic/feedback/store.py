"""Every SQL statement of feedback."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple
from datetime import datetime
from operator import attrgetter

import asyncpg

from kinetic.common.database import Transaction
from kinetic.common.retention import SWEPT_AT_ONCE
from kinetic.contracts.ids import AssignmentId, ContentId, NudgeId, PersonId
from kinetic.contracts.recommendation import DismissalReason, HoldoutDrawn, NudgeWithheld, WithdrawalReason
from kinetic.feedback.domain.adoption import ManagerWeek
from kinetic.feedback.domain.appraisal import Appraisal
from kinetic.feedback.domain.assignments import AssignmentOutcome, AssignmentState
from kinetic.feedback.domain.nudges import NudgeOutcome, NudgeState
from kinetic.feedback.domain.review import Review
from kinetic.feedback.domain.tally import Tally

_nudge_columns = attrgetter(
    "nudge_id",
    "gap_id",
    "team_id",
    "manager_id",
    "content_id",
    "state",
    "version",
    "reason",
    "composed_at",
    "ended_at",
    "seen_at",
)
_assignment_columns = attrgetter(
    "assignment_id", "nudge_id", "content_id", "person_id", "state", "version", "was_requested", "team_id", "gap_id"
)


async def save_contents(tx: Transaction, content_ids: Iterable[ContentId]) -> None:
    """Remember that the catalogue has told of these."""
    await tx.execute(
        "INSERT INTO content (content_id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING", sorted(set(content_ids))
    )


async def is_known_content(tx: Transaction, content_id: ContentId) -> bool:
    """Whether the catalogue has told of it."""
    known: bool = await tx.fetch_value("SELECT EXISTS (SELECT FROM content WHERE content_id = $1)", content_id)
    return known


async def load_nudges(tx: Transaction, nudge_ids: Iterable[NudgeId]) -> dict[NudgeId, NudgeOutcome]:
    """What is known of nudges. Their content is locked."""
    rows = await tx.fetch("SELECT * FROM nudge_outcome WHERE nudge_id = ANY($1::uuid[])", sorted(set(nudge_ids)))
    return {row["nudge_id"]: _nudge(row) for row in rows}


async def save_nudges(tx: Transaction, outcomes: Sequence[NudgeOutcome]) -> None:
    """Keep the newest state of nudges. Whose they were stays as first told: an erased person does not come back."""
    await tx.execute_many(
        """INSERT INTO nudge_outcome (nudge_id, gap_id, team_id, manager_id, content_id, state, version, reason,
                                      composed_at, ended_at, seen_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
           ON CONFLICT (nudge_id) DO UPDATE SET
               state = excluded.state, version = excluded.version, reason = excluded.reason,
               composed_at = excluded.composed_at, ended_at = excluded.ended_at, seen_at = excluded.seen_at""",
        sorted(map(_nudge_columns, outcomes)),
    )


async def load_assignments(
    tx: Transaction, assignment_ids: Iterable[AssignmentId]
) -> dict[AssignmentId, AssignmentOutcome]:
    """What is known of assignments. Their content is locked."""
    rows = await tx.fetch(
        "SELECT * FROM assignment_outcome WHERE assignment_id = ANY($1::uuid[])", sorted(set(assignment_ids))
    )
    return {row["assignment_id"]: _assignment(row) for row in rows}


async def save_assignments(tx: Transaction, outcomes: Sequence[AssignmentOutcome]) -> None:
    """Keep the newest state of assignments. Whose they were stays as first told, as with nudges."""
    await tx.execute_many(
        """INSERT INTO assignment_outcome (assignment_id, nudge_id, content_id, person_id, state, version, was_requested,
                                           team_id, gap_id)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           ON CONFLICT (assignment_id) DO UPDATE SET
               state = excluded.state, version = excluded.version, was_requested = excluded.was_requested""",
        sorted(map(_assignment_columns, outcomes)),
    )


async def is_assignment_of(tx: Transaction, assignment_id: AssignmentId, person_id: str, content_id: str) -> bool:
    """Whether this assignment gave this person this content."""
    found: bool = await tx.fetch_value(
        """SELECT EXISTS (SELECT FROM assignment_outcome
                          WHERE assignment_id = $1 AND person_id = $2 AND content_id = $3)""",
        assignment_id,
        person_id,
        content_id,
    )
    return found


async def load_review(tx: Transaction, content_id: ContentId, person_id: PersonId) -> Review | None:
    """What a person thinks of a content item, which is locked."""
    row = await tx.fetch_one("SELECT * FROM review WHERE content_id = $1 AND person_id = $2", content_id, person_id)
    return Review(**row) if row else None


async def save_review(tx: Transaction, review: Review) -> None:
    """Keep a review in the place of the person's earlier one."""
    await tx.execute(
        """INSERT INTO review (review_id, content_id, person_id, assignment_id, rating, version, reviewed_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (content_id, person_id) DO UPDATE SET
               assignment_id = excluded.assignment_id, rating = excluded.rating, version = excluded.version,
               reviewed_at = excluded.reviewed_at""",
        *astuple(review),
    )


async def contents_reviewed_by(tx: Transaction, person_ids: Iterable[PersonId]) -> set[ContentId]:
    """What people have reviewed."""
    rows = await tx.fetch("SELECT content_id FROM review WHERE person_id = ANY($1::uuid[])", list(person_ids))
    return {row["content_id"] for row in rows}


async def erase_people(tx: Transaction, person_ids: Iterable[PersonId]) -> list[Review]:
    """Forget who people were in outcomes, and their reviews, whose content is locked; those reviews."""
    erased = list(person_ids)
    await tx.execute("UPDATE nudge_outcome SET manager_id = NULL WHERE manager_id = ANY($1::uuid[])", erased)
    await tx.execute("UPDATE assignment_outcome SET person_id = NULL WHERE person_id = ANY($1::uuid[])", erased)
    rows = await tx.fetch("DELETE FROM review WHERE person_id = ANY($1::uuid[]) RETURNING *", erased)
    return [Review(**row) for row in rows]


async def sweep(tx: Transaction, first_kept: str) -> None:
    """Forget some of what came of nudges and assignments that were made before `first_kept`, a UUIDv7."""
    await tx.execute(
        """DELETE FROM nudge_outcome WHERE nudge_id IN (
               SELECT nudge_id FROM nudge_outcome WHERE nudge_id < $1 LIMIT $2)""",
        first_kept,
        SWEPT_AT_ONCE,
    )
    await tx.execute(
        """DELETE FROM assignment_outcome WHERE assignment_id IN (
               SELECT assignment_id FROM assignment_outcome WHERE assignment_id < $1 LIMIT $2)""",
        first_kept,
        SWEPT_AT_ONCE,
    )


async def save_draws(tx: Transaction, drawn: Sequence[HoldoutDrawn]) -> None:
    """Keep what the holdout has drawn, in both arms. A unit is drawn once."""
    await tx.execute_many(
        """INSERT INTO holdout_draw (team_id, competency, quarter, arm, share, policy_version, drawn_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING""",
        sorted((d.team_id, d.competency, d.quarter, d.arm, d.share, d.policy_version, d.occurred_at) for d in drawn),
    )


async def save_withheld(tx: Transaction, withheld: Sequence[NudgeWithheld]) -> None:
    """Keep about which gaps no manager was nudged."""
    await tx.execute_many(
        """INSERT INTO withheld (gap_id, team_id, competency, quarter, until, withheld_at)
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING""",
        sorted((w.gap_id, w.team_id, w.competency, w.quarter, w.until, w.occurred_at) for w in withheld),
    )


async def sweep_holdout(tx: Transaction, before: datetime) -> None:
    """Forget what was drawn and withheld before that."""
    await tx.execute("DELETE FROM holdout_draw WHERE drawn_at < $1", before)
    await tx.execute("DELETE FROM withheld WHERE withheld_at < $1", before)


async def load_appraisals(tx: Transaction, content_ids: Iterable[ContentId]) -> dict[ContentId, Appraisal]:
    """The appraisals that exist."""
    rows = await tx.fetch("SELECT * FROM appraisal WHERE content_id = ANY($1::uuid[])", sorted(set(content_ids)))
    return {row["content_id"]: _appraisal(row) for row in rows}


async def save_appraisals(tx: Transaction, appraisals: Sequence[Appraisal]) -> None:
    """Keep new versions of appraisals."""
    await tx.execute_many(
        """INSERT INTO appraisal (content_id, version, nudges_accepted, nudges_dismissed, nudges_expired,
                                  assignments_requested, assignments_completed, ratings, rating_sum)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           ON CONFLICT (content_id) DO UPDATE SET
               version = excluded.version, nudges_accepted = excluded.nudges_accepted,
               nudges_dismissed = excluded.nudges_dismissed, nudges_expired = excluded.nudges_expired,
               assignments_requested = excluded.assignments_requested,
               assignments_completed = excluded.assignments_completed,
               ratings = excluded.ratings, rating_sum = excluded.rating_sum""",
        [(a.content_id, a.version, *astuple(a.tally)) for a in appraisals],
    )


async def outcomes(tx: Transaction, nudge_id: str | None, limit: int) -> list[asyncpg.Record]:
    """The newest nudges with what came of them and of their assignments; one nudge when it is given."""
    return await tx.fetch(
        """SELECT nudge.nudge_id, nudge.gap_id, nudge.team_id, nudge.content_id, nudge.state, nudge.reason,
                  nudge.composed_at, nudge.ended_at,
                  count(given.assignment_id) AS assigned,
                  count(given.assignment_id) FILTER (WHERE given.was_requested) AS requested,
                  count(given.assignment_id) FILTER (WHERE given.state = 'completed') AS completed,
                  count(given.assignment_id) FILTER (WHERE given.state = 'failed') AS failed,
                  count(given.assignment_id) FILTER (WHERE given.state = 'withdrawn') AS withdrawn,
                  count(given.assignment_id) FILTER (WHERE given.state = 'refused') AS refused,
                  count(given.assignment_id) FILTER (WHERE given.state = 'blocked') AS blocked
           FROM (SELECT * FROM nudge_outcome WHERE $1::uuid IS NULL OR nudge_id = $1
                 ORDER BY nudge_id DESC LIMIT $2) AS nudge
           LEFT JOIN assignment_outcome AS given USING (nudge_id)
           GROUP BY nudge.nudge_id, nudge.gap_id, nudge.team_id, nudge.content_id, nudge.state, nudge.reason,
                    nudge.composed_at, nudge.ended_at
           ORDER BY nudge.nudge_id DESC""",
        nudge_id,
        limit,
    )


async def manager_weeks(tx: Transaction, since: datetime, manager_id: PersonId | None) -> list[ManagerWeek]:
    """What managers did with the nudges of each week, in one unit each: all who are known, or one. Withdrawn nudges count for nobody."""
    rows = await tx.fetch(
        """SELECT date_trunc('week', composed_at AT TIME ZONE 'UTC')::date AS week, team.unit, nudge.manager_id,
                  count(*) AS composed, count(*) FILTER (WHERE seen_at IS NOT NULL OR acted) AS seen,
                  coalesce(array_agg(extract(epoch FROM ended_at - composed_at)::float8) FILTER (WHERE acted), '{}')
                      AS seconds_to_act
           FROM nudge_outcome AS nudge LEFT JOIN directory_team AS team USING (team_id)
           CROSS JOIN LATERAL (SELECT state IN ('accepted', 'dismissed') AS acted) AS answer
           WHERE composed_at >= $1 AND nudge.manager_id IS NOT NULL AND state <> 'withdrawn'
             AND ($2::uuid IS NULL OR nudge.manager_id = $2)
           GROUP BY week, team.unit, nudge.manager_id""",
        since,
        manager_id,
    )
    return [ManagerWeek(**{**row, "seconds_to_act": tuple(row["seconds_to_act"])}) for row in rows]


def _nudge(row: asyncpg.Record) -> NudgeOutcome:
    return NudgeOutcome(**{**row, "state": NudgeState(row["state"]), "reason": _reason(row["reason"])})


def _reason(name: str | None) -> DismissalReason | WithdrawalReason | None:
    if name is None:
        return None
    return DismissalReason(name) if name in set(DismissalReason) else WithdrawalReason(name)


def _assignment(row: asyncpg.Record) -> AssignmentOutcome:
    return AssignmentOutcome(**{**row, "state": AssignmentState(row["state"])})


def _appraisal(row: asyncpg.Record) -> Appraisal:
    counts = {name: count for name, count in row.items() if name not in ("content_id", "version")}
    return Appraisal(row["content_id"], Tally(**counts), row["version"])
