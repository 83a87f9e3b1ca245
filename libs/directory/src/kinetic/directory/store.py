"""Every SQL statement of the projection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from kinetic.common.database import Transaction
from kinetic.contracts.ids import PersonId, RoleKey, TeamId
from kinetic.contracts.ingestion import DirectoryConfirmed, PersonChanged, PersonErased, TeamChanged


@dataclass(frozen=True, slots=True)
class Member:
    """An active person in the position that is in effect."""

    person_id: PersonId
    team_id: TeamId
    role: RoleKey


@dataclass(frozen=True, slots=True)
class Headcount:
    """How many people work in a team, how many did at an earlier moment, and how many of them still do."""

    now: int
    before: int
    stayed: int


NOBODY = Headcount(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Team:
    """A team that exists."""

    team_id: TeamId
    slug: str
    name: str
    unit: str
    manager_id: PersonId | None


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the directory knows them."""

    person_id: PersonId
    name: str
    time_zone: str
    language: str
    external_ids: dict[str, str]
    active: bool


@dataclass(frozen=True, slots=True)
class DirectoryAge:
    """The directory version that stands in the projection, and how old its last heartbeat is."""

    version: int
    seconds: float


async def save_teams(tx: Transaction, teams: Sequence[TeamChanged]) -> None:
    """Keep the newest version of each team."""
    await tx.execute_many(
        """INSERT INTO directory_team (team_id, slug, name, unit, manager_id, removed, version)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (team_id) DO UPDATE SET
               slug = excluded.slug, name = excluded.name, unit = excluded.unit, manager_id = excluded.manager_id,
               removed = excluded.removed, version = excluded.version
           WHERE directory_team.version < excluded.version""",
        [(t.team_id, t.slug, t.name, t.unit, t.manager_id, t.removed, t.version) for t in teams],
    )


async def save_people(tx: Transaction, people: Sequence[PersonChanged]) -> None:
    """Keep the newest version of each person, with all their positions."""
    newest = {p.person_id: p for p in sorted(people, key=lambda p: p.version)}
    saved = [p for p in newest.values() if await _save_person(tx, p)]
    await tx.execute("DELETE FROM directory_position WHERE person_id = ANY($1::uuid[])", [p.person_id for p in saved])
    await tx.execute_many(
        """INSERT INTO directory_position (person_id, effective_from, team_id, manager_id, role)
           VALUES ($1, $2, $3, $4, $5)""",
        [(p.person_id, at.effective_from, at.team_id, at.manager_id, at.role) for p in saved for at in p.positions],
    )


async def _save_person(tx: Transaction, person: PersonChanged) -> bool:
    touched = await tx.execute(
        """INSERT INTO directory_person (person_id, name, email, time_zone, language, external_ids, active, version,
                                         inactive_since)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CASE WHEN $7 THEN NULL ELSE now() END)
           ON CONFLICT (person_id) DO UPDATE SET
               name = excluded.name, email = excluded.email, time_zone = excluded.time_zone,
               language = excluded.language, external_ids = excluded.external_ids, active = excluded.active,
               version = excluded.version, inactive_since =
                   CASE WHEN excluded.active THEN NULL
                        ELSE coalesce(directory_person.inactive_since, excluded.inactive_since) END
           WHERE directory_person.version < excluded.version""",
        person.person_id,
        person.name,
        person.email,
        person.time_zone,
        person.language,
        person.external_ids,
        person.active,
        person.version,
    )
    return touched == 1


async def erase_people(tx: Transaction, erased: Sequence[PersonErased]) -> None:
    """Forget names, addresses and positions; the id stays, so that a late event cannot bring the person back."""
    gone = [person.person_id for person in erased if await _erase(tx, person)]
    await tx.execute("DELETE FROM directory_position WHERE person_id = ANY($1::uuid[])", gone)


async def _erase(tx: Transaction, person: PersonErased) -> bool:
    touched = await tx.execute(
        """INSERT INTO directory_person (person_id, name, email, time_zone, language, external_ids, active, version)
           VALUES ($1, '', NULL, 'UTC', 'en', '{}', false, $2)
           ON CONFLICT (person_id) DO UPDATE SET
               name = '', email = NULL, external_ids = '{}', active = false, version = excluded.version
           WHERE directory_person.version < excluded.version""",
        person.person_id,
        person.version,
    )
    return touched == 1


async def save_heartbeats(tx: Transaction, heartbeats: Sequence[DirectoryConfirmed]) -> None:
    """Remember the newest heartbeat."""
    if not heartbeats:
        return
    newest = max(heartbeats, key=lambda heartbeat: heartbeat.confirmed_at)
    await tx.execute(
        """INSERT INTO directory_state (name, version, confirmed_at) VALUES ('directory', $1, $2)
           ON CONFLICT (name) DO UPDATE SET version = excluded.version, confirmed_at = excluded.confirmed_at
           WHERE directory_state.confirmed_at < excluded.confirmed_at""",
        newest.version,
        newest.confirmed_at,
    )


async def age(tx: Transaction) -> DirectoryAge | None:
    """How current the projection is; None before the first heartbeat."""
    row = await tx.fetch_one(
        """SELECT version, extract(epoch FROM clock_timestamp() - confirmed_at)::float8 AS seconds
           FROM directory_state WHERE name = 'directory'"""
    )
    return DirectoryAge(row["version"], row["seconds"]) if row else None


async def teams(tx: Transaction, team_ids: Iterable[str]) -> dict[TeamId, Team]:
    """Those of `team_ids` that are known and not removed."""
    rows = await tx.fetch(
        """SELECT team_id, slug, name, unit, manager_id FROM directory_team
           WHERE team_id = ANY($1::uuid[]) AND NOT removed""",
        list(team_ids),
    )
    return {row["team_id"]: Team(**row) for row in rows}


async def manages(tx: Transaction, person_id: str, team_id: str) -> bool:
    """Whether a team exists and this is its manager."""
    found = await tx.fetch_value(
        "SELECT true FROM directory_team WHERE team_id = $1 AND manager_id = $2 AND NOT removed", team_id, person_id
    )
    return bool(found)


async def known_teams(tx: Transaction, team_ids: Iterable[str]) -> set[TeamId]:
    """Those of `team_ids` that the directory has ever told of, removed ones too."""
    rows = await tx.fetch("SELECT team_id FROM directory_team WHERE team_id = ANY($1::uuid[])", list(team_ids))
    return {row["team_id"] for row in rows}


async def people(tx: Transaction, person_ids: Iterable[str]) -> dict[PersonId, Person]:
    """Those of `person_ids` that the directory has ever told of."""
    rows = await tx.fetch(
        """SELECT person_id, name, time_zone, language, external_ids, active FROM directory_person
           WHERE person_id = ANY($1::uuid[])""",
        list(person_ids),
    )
    return {row["person_id"]: Person(**row) for row in rows}


async def known_people(tx: Transaction, person_ids: Iterable[str]) -> set[PersonId]:
    """Those of `person_ids` that the directory has ever told of, erased ones too."""
    rows = await tx.fetch("SELECT person_id FROM directory_person WHERE person_id = ANY($1::uuid[])", list(person_ids))
    return {row["person_id"] for row in rows}


async def erased_people(tx: Transaction, person_ids: Iterable[str]) -> set[PersonId]:
    """Those of `person_ids` that were erased: only they have no address."""
    rows = await tx.fetch(
        "SELECT person_id FROM directory_person WHERE person_id = ANY($1::uuid[]) AND email IS NULL", list(person_ids)
    )
    return {row["person_id"] for row in rows}


async def person_by_email(tx: Transaction, email: str) -> PersonId | None:
    """The active person with this address, which is unique in the directory."""
    found: PersonId | None = await tx.fetch_value(
        "SELECT person_id FROM directory_person WHERE email = $1 AND active", email.lower()
    )
    return found


async def email_of(tx: Transaction, person_id: str) -> str | None:
    """The address of an active person."""
    found: str | None = await tx.fetch_value(
        "SELECT email FROM directory_person WHERE person_id = $1 AND active", person_id
    )
    return found


async def person_by_external_id(tx: Transaction, system: str, external_id: str) -> PersonId | None:
    """The active person whom `system`, e.g. ``slack``, knows under this id; None too when it stands with several."""
    rows = await tx.fetch(
        "SELECT person_id FROM directory_person WHERE external_ids @> $1::jsonb AND active", {system: external_id}
    )
    return rows[0]["person_id"] if len(rows) == 1 else None


async def members(tx: Transaction, team_ids: Iterable[str]) -> dict[TeamId, tuple[Member, ...]]:
    """The active members of each team now."""
    rows = await tx.fetch(
        "SELECT team_id, person_id, role FROM directory_now WHERE team_id = ANY($1::uuid[]) ORDER BY person_id",
        list(team_ids),
    )
    found: dict[TeamId, list[Member]] = {}
    for row in rows:
        found.setdefault(row["team_id"], []).append(Member(row["person_id"], row["team_id"], row["role"]))
    return {team_id: tuple(team) for team_id, team in found.items()}


async def headcounts(
    tx: Transaction, team_ids: Iterable[TeamId], before: Sequence[timedelta]
) -> dict[TeamId, list[Headcount]]:
    """How many people work in each team now and worked there each of `before` ago, as far as positions are dated."""
    wanted = sorted(set(team_ids))
    rows = await tx.fetch(
        """WITH ever AS (SELECT DISTINCT person_id FROM directory_position WHERE team_id = ANY($1::uuid[])), held AS (
               SELECT DISTINCT ON (back, person_id) back, person_id, team_id
               FROM ever JOIN directory_position USING (person_id) JOIN directory_person USING (person_id)
               CROSS JOIN unnest($2::interval[]) AS ago (back)
               WHERE effective_from <= now() - back AND (active OR inactive_since > now() - back)
               ORDER BY back, person_id, effective_from DESC
           ), present AS (
               SELECT back, person_id, team_id FROM directory_now CROSS JOIN unnest($2::interval[]) AS ago (back)
               WHERE team_id = ANY($1::uuid[])
           )
           SELECT back, team_id, count(present.person_id) AS now, count(held.person_id) AS before,
                  count(*) FILTER (WHERE present.person_id = held.person_id) AS stayed
           FROM present FULL JOIN held USING (back, person_id, team_id)
           WHERE team_id = ANY($1::uuid[]) GROUP BY back, team_id""",
        wanted,
        list(before),
    )
    counted = {(row["team_id"], row["back"]): Headcount(row["now"], row["before"], row["stayed"]) for row in rows}
    return {team_id: [counted.get((team_id, back), NOBODY) for back in before] for team_id in wanted}


async def current_teams(tx: Transaction, person_ids: Iterable[str]) -> dict[PersonId, TeamId]:
    """The team in which each active person works now."""
    rows = await tx.fetch(
        "SELECT person_id, team_id FROM directory_now WHERE person_id = ANY($1::uuid[]) AND team_id IS NOT NULL",
        sorted(set(person_ids)),
    )
    return {row["person_id"]: row["team_id"] for row in rows}


async def reports_of(tx: Transaction, manager_id: str) -> set[PersonId]:
    """Everybody who reports to `manager_id` now, transitively. The manager is not among them; circles end."""
    rows = await tx.fetch(
        """WITH RECURSIVE report AS (
               SELECT person_id FROM directory_now WHERE manager_id = $1
               UNION
               SELECT below.person_id FROM directory_now AS below JOIN report ON below.manager_id = report.person_id
           )
           SELECT person_id FROM report WHERE person_id <> $1""",
        manager_id,
    )
    return {row["person_id"] for row in rows}
