"""What is known of each team and competency, and when it is looked at again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import asyncpg
import orjson
from pydantic import TypeAdapter

from kinetic.common.database import Transaction
from kinetic.common.events import Cause
from kinetic.contracts.ids import TeamId
from kinetic.contracts.registry import BY_TYPE
from kinetic.contracts.skill_gap import CapabilitiesPublished, Evidence
from kinetic.skill_gap.domain.assess import Picture
from kinetic.skill_gap.domain.assessment import Assessment, AssessmentKey, Standing, ToldGap, ToldVerdict
from kinetic.skill_gap.domain.cooling import LastGap
from kinetic.skill_gap.domain.days import day_of
from kinetic.skill_gap.domain.pressure import Pressure
from kinetic.skill_gap.domain.surge import Surge, Usual, nothing_seen
from kinetic.skill_gap.store import charts, masteries

REASSESS_AFTER = timedelta(hours=1)
_EVIDENCE = TypeAdapter(tuple[Evidence, ...])

# rows are locked in the order in which `save` writes them, so neither waits for the other in a circle
_MARK_DUE = """
    UPDATE assessment SET due_at = clock_timestamp()
    FROM (SELECT team_id, competency FROM assessment WHERE {which}
          ORDER BY team_id, competency COLLATE "C" FOR UPDATE) AS wanted
    WHERE (assessment.team_id, assessment.competency) = (wanted.team_id, wanted.competency)
"""


async def load_picture(
    tx: Transaction, rules: CapabilitiesPublished, team_ids: Iterable[TeamId], keys: Iterable[AssessmentKey]
) -> Picture:
    """The assessments `keys` that exist, and the members of `team_ids` with what they hold."""
    wanted = sorted(set(keys))
    rows = await tx.fetch(
        """SELECT team_id, competency, assessment.pressure, as_of, surge, standing, gap_id, version, evidence::text, cause,
                  last_gap, gap.pressure AS told_pressure, gap.coverage AS told_coverage, gap.person_ids, gap.may_be_withheld
           FROM assessment
           JOIN unnest($1::uuid[], $2::text[]) AS wanted (team_id, competency) USING (team_id, competency)
           CROSS JOIN LATERAL jsonb_to_record(CASE WHEN standing = 'open' THEN told->'data' END)
               AS gap (pressure float8, coverage float8, person_ids jsonb, may_be_withheld boolean)""",
        [team_id for team_id, _ in wanted],
        [competency for _, competency in wanted],
    )
    assessments = {(row["team_id"], row["competency"]): _assessment(row) for row in rows}
    teams, competencies = set(team_ids), {competency for _, competency in wanted}
    around = await charts.load_circumstances(tx, rules, teams, competencies)
    return Picture(rules, assessments, await masteries.load_learners(tx, teams), around)


async def load_told(tx: Transaction, keys: Iterable[AssessmentKey]) -> dict[AssessmentKey, ToldVerdict]:
    """What was last told of those of `keys` of which anything was."""
    wanted = sorted(set(keys))
    rows = await tx.fetch(
        """SELECT team_id, competency, told->>'type' AS type, (told->'data')::text AS data FROM assessment
           JOIN unnest($1::uuid[], $2::text[]) AS wanted (team_id, competency) USING (team_id, competency)
           WHERE told IS NOT NULL""",
        [team_id for team_id, _ in wanted],
        [competency for _, competency in wanted],
    )
    return {(row["team_id"], row["competency"]): _verdict(row["type"], row["data"]) for row in rows}


async def save(tx: Transaction, assessments: Sequence[Assessment], told: Iterable[ToldVerdict], now: datetime) -> None:
    """Keep the new state of each pair, to be assessed again within the hour; at once when somebody marked it meanwhile.

    Of `told`, the oldest first, the last verdict on each pair is kept; where there is none, the one before stays.
    """
    last = {(verdict.team_id, verdict.competency): verdict for verdict in told}
    await tx.execute_many(
        """INSERT INTO assessment (team_id, competency, pressure, as_of, surge, surge_score, standing, gap_id, version, told,
                                   evidence, cause, last_gap, due_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
           ON CONFLICT (team_id, competency) DO UPDATE SET
               pressure = excluded.pressure, as_of = excluded.as_of, surge = excluded.surge,
               surge_score = excluded.surge_score, standing = excluded.standing,
               gap_id = excluded.gap_id, version = excluded.version, told = coalesce(excluded.told, assessment.told),
               evidence = excluded.evidence, cause = excluded.cause, last_gap = excluded.last_gap,
               due_at = CASE WHEN assessment.due_at <= clock_timestamp() THEN assessment.due_at ELSE excluded.due_at END""",
        [
            (*_columns(a, last.get((a.team_id, a.competency)), day_of(now)), now + REASSESS_AFTER)
            for a in sorted(assessments, key=lambda a: (a.team_id, a.competency))
        ],
    )


async def find_due_teams(tx: Transaction, limit: int, resting: Collection[str]) -> set[str]:
    """The teams of the first assessments that are due. Rows are not locked: the team is, before they are read again."""
    rows = await tx.fetch(
        """SELECT team_id FROM assessment WHERE due_at <= clock_timestamp() AND team_id <> ALL($2::uuid[])
           ORDER BY due_at LIMIT $1""",
        limit,
        list(resting),
    )
    return {row["team_id"] for row in rows}


async def find_due(tx: Transaction, team_ids: Iterable[str]) -> list[AssessmentKey]:
    """Those assessments of locked teams that are still due."""
    rows = await tx.fetch(
        "SELECT team_id, competency FROM assessment WHERE team_id = ANY($1::uuid[]) AND due_at <= clock_timestamp()",
        list(team_ids),
    )
    return [(row["team_id"], row["competency"]) for row in rows]


async def postpone(tx: Transaction, keys: Sequence[AssessmentKey]) -> None:
    """These assessments are being looked at: they are due again within the hour."""
    await tx.execute_many(
        "UPDATE assessment SET due_at = clock_timestamp() + $3 WHERE team_id = $1 AND competency = $2",
        [(team_id, competency, REASSESS_AFTER) for team_id, competency in sorted(keys)],
    )


async def mark_due(tx: Transaction, team_ids: Iterable[TeamId]) -> None:
    """Let teams be assessed again at once."""
    await tx.execute(_MARK_DUE.format(which="team_id = ANY($1::uuid[])"), list(team_ids))


async def sweep(tx: Transaction, before: datetime) -> None:
    """Forget what removed teams were last known by, before then."""
    await tx.execute(
        """DELETE FROM assessment USING directory_team AS team
           WHERE assessment.team_id = team.team_id AND team.removed AND assessment.as_of < $1""",
        before,
    )


async def mark_all_due(tx: Transaction) -> None:
    """Let every team be assessed again at once."""
    await tx.execute(_MARK_DUE.format(which="true"))


async def find_told(tx: Transaction, team_ids: Sequence[TeamId] | None, limit: int) -> list[AssessmentKey]:
    """Of what something was told to the world, the newest first; of all teams when `team_ids` is None."""
    rows = await tx.fetch(
        """SELECT team_id, competency FROM assessment
           WHERE told IS NOT NULL AND ($1::uuid[] IS NULL OR team_id = ANY($1::uuid[]))
           ORDER BY told->'data'->>'decided_at' DESC LIMIT $2""",
        team_ids,
        limit,
    )
    return [(row["team_id"], row["competency"]) for row in rows]


def _columns(assessment: Assessment, told: ToldVerdict | None, today: int) -> tuple[Any, ...]:
    cause = assessment.cause
    return (
        assessment.team_id,
        assessment.competency,
        {str(half_life): amount for half_life, amount in assessment.pressure.sums.items()},
        assessment.pressure.as_of,
        _surge_column(assessment.surge),
        assessment.surge.score(today),
        assessment.standing.value,
        assessment.gap_id,
        assessment.version,
        {"type": told.type, "data": orjson.Fragment(told.model_dump_json())} if told else None,
        orjson.Fragment(_EVIDENCE.dump_json(assessment.evidence)),
        [cause.event_id, cause.correlation_id, cause.traceparent] if cause else None,
        _last_gap_column(assessment.last_gap) if assessment.last_gap else None,
    )


def _assessment(row: asyncpg.Record) -> Assessment:
    sums = {float(half_life): amount for half_life, amount in row["pressure"].items()}
    return Assessment(
        team_id=row["team_id"],
        competency=row["competency"],
        pressure=Pressure(MappingProxyType(sums), row["as_of"]),
        surge=_surge(row["surge"], row["as_of"]),
        standing=Standing(row["standing"]),
        gap_id=row["gap_id"],
        version=row["version"],
        told=_told(row),
        evidence=_EVIDENCE.validate_json(row["evidence"]),
        cause=Cause(*row["cause"]) if row["cause"] else None,
        last_gap=_last_gap(*row["last_gap"]) if row["last_gap"] else None,
    )


def _last_gap_column(last: LastGap) -> list[Any]:
    return [last.pressure, last.coverage, last.closed_at]


def _last_gap(pressure: float, coverage: float | None, closed_at: str | None) -> LastGap:
    return LastGap(pressure, coverage, datetime.fromisoformat(closed_at) if closed_at else None)


def _surge_column(surge: Surge) -> list[Any]:
    usual = surge.usual
    days = {str(day - usual.before): round(weight, 4) for day, weight in surge.days.items()}
    return [usual.before, round(usual.weight, 4), round(usual.squares, 4), round(usual.days, 4), days]


def _surge(column: list[Any] | None, as_of: datetime) -> Surge:
    if column is None:
        return nothing_seen(day_of(as_of))
    before, weight, squares, days, seen = column
    return Surge(
        MappingProxyType({before + int(day): amount for day, amount in seen.items()}),
        Usual(weight, squares, days, before),
    )


def _told(row: asyncpg.Record) -> ToldGap | None:
    if row["person_ids"] is None:
        return None
    return ToldGap(row["told_pressure"], row["told_coverage"], tuple(row["person_ids"]), bool(row["may_be_withheld"]))


def _verdict(event_type: str, data: str) -> ToldVerdict:
    event = BY_TYPE[event_type].model_validate_json(data)
    if not isinstance(event, ToldVerdict):
        raise TypeError(f"{event_type} is no verdict")
    return event
