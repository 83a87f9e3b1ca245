"""What people hold of competencies: the evidence, and what it comes to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import asyncpg

from kinetic.common.database import Transaction
from kinetic.contracts.ids import CompetencyKey, ContentId, PersonId, TeamId
from kinetic.directory import store as directory
from kinetic.skill_gap.domain.coverage import Learner
from kinetic.skill_gap.domain.evidence import Kind, MasteryEvidence
from kinetic.skill_gap.domain.forgetting import Memory
from kinetic.skill_gap.domain.mastery import Holding, Mastery, MasteryKey


@dataclass(frozen=True, slots=True)
class Completed:
    """How many people of a team completed a content item on a day, in UTC, by a competency that it teaches."""

    competency: CompetencyKey
    content_id: ContentId
    day: date
    people: int


async def load_learners(tx: Transaction, team_ids: Iterable[TeamId]) -> dict[TeamId, list[Learner]]:
    """The members of each team, with what they hold of each competency."""
    members = await directory.members(tx, set(team_ids))
    held = await _load_now(tx, [member.person_id for team in members.values() for member in team])
    return {
        team_id: [Learner(member.person_id, member.role, held.get(member.person_id, {})) for member in team]
        for team_id, team in members.items()
    }


async def load(tx: Transaction, person_ids: Iterable[PersonId]) -> dict[MasteryKey, Holding]:
    """All that is known of what each person holds."""
    rows = await tx.fetch(
        "SELECT person_id, competency, evidence, start FROM mastery WHERE person_id = ANY($1::uuid[])",
        sorted(set(person_ids)),
    )
    return {(row["person_id"], row["competency"]): _holding(row) for row in rows}


async def completions(
    tx: Transaction, team_id: TeamId, competencies: Collection[CompetencyKey], since: datetime
) -> list[Completed]:
    """What today's members completed or passed since then, while they worked in the team, day by day. The oldest first."""
    rows = await tx.fetch(
        """SELECT competency, content_id, day, count(DISTINCT person_id) AS people
           FROM directory_now AS member JOIN mastery USING (person_id)
           CROSS JOIN LATERAL (SELECT (piece->>6)::uuid AS content_id, (piece->>3)::timestamptz AS at,
                                      ((piece->>3)::timestamptz AT TIME ZONE 'UTC')::date AS day
                               FROM jsonb_array_elements(evidence) AS piece WHERE piece->>1 = ANY($3)) AS done
           WHERE team_id = $1 AND competency = ANY($2) AND content_id IS NOT NULL AND at >= $4 AND at <= clock_timestamp()
             AND $1 = (SELECT position.team_id FROM directory_position AS position
                       WHERE position.person_id = member.person_id AND effective_from <= at
                       ORDER BY effective_from DESC LIMIT 1)
           GROUP BY competency, content_id, day ORDER BY day, competency, content_id""",
        team_id,
        list(competencies),
        [Kind.COMPLETED.value, Kind.PASSED.value],
        since,
    )
    return [Completed(**row) for row in rows]


async def save(tx: Transaction, held: Mapping[MasteryKey, Holding], now: datetime) -> None:
    """Keep what people hold, with what it comes to at `now`; where nothing is known any more, nothing is kept."""
    await tx.execute_many(
        """INSERT INTO mastery
               (person_id, competency, evidence, start, level, held, stability, difficulty, as_of, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
           ON CONFLICT (person_id, competency) DO UPDATE SET
               evidence = excluded.evidence, start = excluded.start, level = excluded.level, held = excluded.held,
               stability = excluded.stability, difficulty = excluded.difficulty,
               as_of = excluded.as_of, expires_at = excluded.expires_at""",
        [(*key, *_columns(held[key], now)) for key in sorted(held) if held[key].is_known],
    )
    await _delete(tx, [key for key in sorted(held) if not held[key].is_known])


async def erase_people(tx: Transaction, person_ids: Sequence[PersonId]) -> None:
    """Forget what erased people held."""
    await tx.execute("DELETE FROM mastery WHERE person_id = ANY($1::uuid[])", list(person_ids))


async def sweep(tx: Transaction, before: datetime) -> None:
    """Forget what people who left were last known to hold, before then."""
    await tx.execute(
        """DELETE FROM mastery USING directory_person AS person
           WHERE mastery.person_id = person.person_id AND NOT person.active AND mastery.as_of < $1""",
        before,
    )


async def _load_now(tx: Transaction, people: Sequence[PersonId]) -> dict[PersonId, dict[CompetencyKey, Mastery]]:
    """What people hold now. Evidence is read again only where some has expired since it was last weighed."""
    rows = await tx.fetch(
        """SELECT person_id, competency, level, held, stability, difficulty, as_of, moment,
                  CASE WHEN expires_at <= moment THEN evidence END AS evidence,
                  CASE WHEN expires_at <= moment THEN start END AS start
           FROM mastery, (SELECT clock_timestamp() AS moment) AS clock WHERE person_id = ANY($1::uuid[])""",
        people,
    )
    held: dict[PersonId, dict[CompetencyKey, Mastery]] = {}
    for row in rows:
        mastery = _weighed(row) if row["evidence"] is None else _holding(row).mastery(row["moment"])
        if mastery is not None:
            held.setdefault(row["person_id"], {})[row["competency"]] = mastery
    return held


async def _delete(tx: Transaction, keys: Sequence[MasteryKey]) -> None:
    if keys:
        await tx.execute_many("DELETE FROM mastery WHERE person_id = $1 AND competency = $2", keys)


def _columns(holding: Holding, now: datetime) -> tuple[Any, ...]:
    mastery = holding.mastery(now)
    memory = mastery.memory if mastery else None
    return (
        [_listed(evidence) for evidence in holding.evidence],
        _listed_start(holding.start) if holding.start else None,
        mastery.level if mastery else None,
        mastery.held if mastery else None,
        memory.stability if memory else None,
        memory.difficulty if memory else None,
        memory.reviewed_at if memory else holding.evidence[-1].at,
        holding.expires_at(now),
    )


def _weighed(row: asyncpg.Record) -> Mastery | None:
    if row["level"] is None:
        return None
    return Mastery(row["level"], row["held"], Memory(row["stability"], row["difficulty"], row["as_of"]))


def _holding(row: asyncpg.Record) -> Holding:
    return Holding(
        tuple(_evidence(*listed) for listed in row["evidence"]), _start(*row["start"]) if row["start"] else None
    )


def _listed(evidence: MasteryEvidence) -> list[Any]:
    return [
        evidence.evidence_id,
        evidence.kind.value,
        evidence.level,
        evidence.at,
        evidence.score,
        evidence.expires_at,
        evidence.content_id,
    ]


def _evidence(
    evidence_id: str, kind: str, level: float, at: str, score: float | None, expires_at: str | None, content_id: Any
) -> MasteryEvidence:
    expires = datetime.fromisoformat(expires_at) if expires_at else None
    return MasteryEvidence(evidence_id, Kind(kind), level, datetime.fromisoformat(at), score, expires, content_id)


def _listed_start(start: Mastery) -> list[Any]:
    return [start.level, start.held, start.memory.stability, start.memory.difficulty, start.memory.reviewed_at]


def _start(level: float, held: float, stability: float, difficulty: float, reviewed_at: str) -> Mastery:
    return Mastery(level, held, Memory(stability, difficulty, datetime.fromisoformat(reviewed_at)))
