"""Every SQL statement of skill-gap."""

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
from kinetic.contracts.ids import CompetencyKey, ContentId, EventId, PersonId, TeamId
from kinetic.contracts.ingestion import ContentChanged, Teaches
from kinetic.contracts.registry import BY_TYPE
from kinetic.contracts.skill_gap import CapabilitiesPublished, Evidence, GapChanged, GapClosed, GapOpened, GapRuledOut
from kinetic.directory import store as directory
from kinetic.skill_gap.domain.assess import Picture
from kinetic.skill_gap.domain.assessment import Assessment, AssessmentKey, Standing, ToldVerdict
from kinetic.skill_gap.domain.coverage import Learner
from kinetic.skill_gap.domain.mastery import Mastery
from kinetic.skill_gap.domain.pressure import Pressure

REASSESS_AFTER = timedelta(hours=1)
_MAPS: dict[tuple[int, datetime], CapabilitiesPublished] = {}
_EVIDENCE = TypeAdapter(tuple[Evidence, ...])

# rows are locked in the order in which save_assessments writes them, so neither waits for the other in a circle
_MARK_DUE = """
    UPDATE assessment SET due_at = clock_timestamp()
    FROM (SELECT team_id, competency FROM assessment WHERE {which}
          ORDER BY team_id, competency COLLATE "C" FOR UPDATE) AS wanted
    WHERE (assessment.team_id, assessment.competency) = (wanted.team_id, wanted.competency)
"""


async def load_map(tx: Transaction) -> CapabilitiesPublished | None:
    """The capability map in force; None before the first. A version never changes, so each is read once."""
    version = await tx.fetch_one("SELECT version, published_at FROM capability_map ORDER BY version DESC LIMIT 1")
    if version is None:
        return None
    known = _MAPS.get((version["version"], version["published_at"]))
    if known is None:
        document = await tx.fetch_value("SELECT document FROM capability_map WHERE version = $1", version["version"])
        known = CapabilitiesPublished.model_validate(document)
        _MAPS.clear()
        _MAPS[known.version, version["published_at"]] = known
    return known


async def lock_map(tx: Transaction) -> int:
    """Hold the map against another edit; the version that is in force, 0 before the first."""
    await tx.execute("LOCK TABLE capability_map IN SHARE ROW EXCLUSIVE MODE")
    version: int = await tx.fetch_value("SELECT coalesce(max(version), 0) FROM capability_map")
    return version


async def save_map(tx: Transaction, published: CapabilitiesPublished, published_by: str) -> None:
    """Keep a new version; every team is assessed again under it."""
    await tx.execute(
        "INSERT INTO capability_map (version, document, published_by, published_at) VALUES ($1, $2, $3, $4)",
        published.version,
        published.model_dump(mode="json"),
        published_by,
        published.published_at,
    )
    await tx.execute(_MARK_DUE.format(which="true"))


async def load_picture(
    tx: Transaction, rules: CapabilitiesPublished, team_ids: Iterable[TeamId], keys: Iterable[AssessmentKey]
) -> Picture:
    """The assessments `keys` that exist, and the members of `team_ids` with what they hold."""
    wanted = sorted(set(keys))
    rows = await tx.fetch(
        """SELECT team_id, competency, pressure, as_of, standing, gap_id, version, evidence::text, cause,
                  told->>'type' AS told_type, (told->'data')::text AS told
           FROM assessment
           JOIN unnest($1::uuid[], $2::text[]) AS wanted (team_id, competency) USING (team_id, competency)""",
        [team_id for team_id, _ in wanted],
        [competency for _, competency in wanted],
    )
    assessments = {(row["team_id"], row["competency"]): _assessment(row) for row in rows}
    return Picture(rules, assessments, await load_learners(tx, team_ids))


async def load_learners(tx: Transaction, team_ids: Iterable[TeamId]) -> dict[TeamId, list[Learner]]:
    """The members of each team, with what they hold of each competency."""
    members = await directory.members(tx, set(team_ids))
    people = [member.person_id for team in members.values() for member in team]
    rows = await tx.fetch(
        "SELECT person_id, competency, level, as_of FROM mastery WHERE person_id = ANY($1::uuid[])", people
    )
    held: dict[PersonId, dict[CompetencyKey, Mastery]] = {}
    for row in rows:
        held.setdefault(row["person_id"], {})[row["competency"]] = Mastery(row["level"], row["as_of"])
    return {
        team_id: [Learner(member.person_id, member.role, held.get(member.person_id, {})) for member in team]
        for team_id, team in members.items()
    }


async def load_keys(tx: Transaction, team_ids: Iterable[TeamId]) -> list[AssessmentKey]:
    """Every pair of these teams about which something was observed."""
    rows = await tx.fetch("SELECT team_id, competency FROM assessment WHERE team_id = ANY($1::uuid[])", list(team_ids))
    return [(row["team_id"], row["competency"]) for row in rows]


async def save_assessments(tx: Transaction, assessments: Sequence[Assessment], now: datetime) -> None:
    """Keep the new state of each pair, to be assessed again within the hour; at once when somebody marked it meanwhile."""
    await tx.execute_many(
        """INSERT INTO assessment (team_id, competency, pressure, as_of, standing, gap_id, version, told, evidence, cause, due_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
           ON CONFLICT (team_id, competency) DO UPDATE SET
               pressure = excluded.pressure, as_of = excluded.as_of, standing = excluded.standing,
               gap_id = excluded.gap_id, version = excluded.version, told = excluded.told,
               evidence = excluded.evidence, cause = excluded.cause,
               due_at = CASE WHEN assessment.due_at <= clock_timestamp() THEN assessment.due_at ELSE excluded.due_at END""",
        [(*_columns(a), now + REASSESS_AFTER) for a in sorted(assessments, key=lambda a: (a.team_id, a.competency))],
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


async def save_contents(tx: Transaction, contents: Sequence[ContentChanged]) -> None:
    """Keep the newest version of what each content item teaches."""
    await tx.execute_many(
        """INSERT INTO content (content_id, teaches, version) VALUES ($1, $2, $3)
           ON CONFLICT (content_id) DO UPDATE SET teaches = excluded.teaches, version = excluded.version
           WHERE content.version < excluded.version""",
        [(c.content_id, [t.model_dump(mode="json") for t in c.teaches], c.version) for c in contents],
    )


async def load_teaches(tx: Transaction, content_ids: Iterable[ContentId]) -> dict[ContentId, list[Teaches]]:
    """What each known content item teaches."""
    rows = await tx.fetch(
        "SELECT content_id, teaches FROM content WHERE content_id = ANY($1::uuid[])", sorted(set(content_ids))
    )
    return {row["content_id"]: [Teaches.model_validate(item) for item in row["teaches"]] for row in rows}


async def load_masteries(
    tx: Transaction, person_ids: Iterable[PersonId]
) -> dict[tuple[PersonId, CompetencyKey], Mastery]:
    """What each person holds."""
    rows = await tx.fetch("SELECT * FROM mastery WHERE person_id = ANY($1::uuid[])", sorted(set(person_ids)))
    return {(row["person_id"], row["competency"]): Mastery(row["level"], row["as_of"], row["rests_on"]) for row in rows}


async def save_masteries(tx: Transaction, masteries: dict[tuple[PersonId, CompetencyKey], Mastery]) -> None:
    """Keep what people hold now."""
    await tx.execute_many(
        """INSERT INTO mastery (person_id, competency, level, as_of, rests_on) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (person_id, competency) DO UPDATE
           SET level = excluded.level, as_of = excluded.as_of, rests_on = excluded.rests_on""",
        [(*key, held.level, held.as_of, held.rests_on) for key, held in sorted(masteries.items(), key=lambda m: m[0])],
    )


async def forget_masteries(tx: Transaction, resting_on: dict[EventId, PersonId]) -> None:
    """Forget what people hold by one learning record alone (event id → learner)."""
    await tx.execute(
        """DELETE FROM mastery USING unnest($1::uuid[], $2::uuid[]) AS void (event_id, person_id)
           WHERE mastery.person_id = void.person_id AND mastery.rests_on = void.event_id""",
        list(resting_on),
        list(resting_on.values()),
    )


async def erase_people(tx: Transaction, person_ids: Sequence[PersonId]) -> None:
    """Forget what erased people held."""
    await tx.execute("DELETE FROM mastery WHERE person_id = ANY($1::uuid[])", list(person_ids))


async def sweep(tx: Transaction, before: datetime) -> None:
    """Forget what removed teams and people who left were last known by, and maps that another replaced, before then."""
    await tx.execute(
        """DELETE FROM assessment USING directory_team AS team
           WHERE assessment.team_id = team.team_id AND team.removed AND assessment.as_of < $1""",
        before,
    )
    await tx.execute(
        """DELETE FROM mastery USING directory_person AS person
           WHERE mastery.person_id = person.person_id AND NOT person.active AND mastery.as_of < $1""",
        before,
    )
    await tx.execute(
        """DELETE FROM capability_map AS old WHERE EXISTS (
               SELECT 1 FROM capability_map AS later WHERE later.version > old.version AND later.published_at < $1)""",
        before,
    )


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


def _columns(assessment: Assessment) -> tuple[Any, ...]:
    told, cause = assessment.told, assessment.cause
    return (
        assessment.team_id,
        assessment.competency,
        {str(half_life): amount for half_life, amount in assessment.pressure.sums.items()},
        assessment.pressure.as_of,
        assessment.standing.value,
        assessment.gap_id,
        assessment.version,
        {"type": told.type, "data": orjson.Fragment(told.model_dump_json())} if told else None,
        orjson.Fragment(_EVIDENCE.dump_json(assessment.evidence)),
        [cause.event_id, cause.correlation_id, cause.traceparent] if cause else None,
    )


def _assessment(row: asyncpg.Record) -> Assessment:
    sums = {float(half_life): amount for half_life, amount in row["pressure"].items()}
    return Assessment(
        team_id=row["team_id"],
        competency=row["competency"],
        pressure=Pressure(MappingProxyType(sums), row["as_of"]),
        standing=Standing(row["standing"]),
        gap_id=row["gap_id"],
        version=row["version"],
        told=_told(row["told_type"], row["told"]),
        evidence=_EVIDENCE.validate_json(row["evidence"]),
        cause=Cause(*row["cause"]) if row["cause"] else None,
    )


def _told(event_type: str | None, data: str | None) -> ToldVerdict | None:
    if event_type is None or data is None:
        return None
    event = BY_TYPE[event_type].model_validate_json(data)
    if not isinstance(event, GapOpened | GapChanged | GapClosed | GapRuledOut):
        raise TypeError(f"{event_type} is no verdict")
    return event
