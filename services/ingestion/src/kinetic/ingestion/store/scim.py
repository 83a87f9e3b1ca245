"""People and teams as SCIM clients see them: with what was sent of them, and without those that were deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from kinetic.common.database import Transaction
from kinetic.contracts.ids import PersonId, TeamId
from kinetic.contracts.ingestion import PersonChanged, TeamChanged
from kinetic.ingestion.domain.directory_rules import Claim


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person, and what was last sent of them; None when nobody spoke of them through SCIM."""

    person: PersonChanged
    sent: dict[str, Any] | None
    deleted: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class KnownTeam:
    """A team, and what was last sent of it."""

    team: TeamChanged
    sent: dict[str, Any] | None
    changed_at: datetime


async def people_by_id(tx: Transaction, ids: Collection[str]) -> dict[PersonId, KnownPerson]:
    """Those of `ids` that exist, deleted or not."""
    return _by_id(await tx.fetch("SELECT * FROM scim_person WHERE person_id = ANY($1::uuid[])", list(ids)))


async def people_by_claim(tx: Transaction, claims: Collection[Claim]) -> dict[PersonId, KnownPerson]:
    """Everybody whom one of `claims` names, deleted or not."""
    rows = await tx.fetch(
        """SELECT * FROM scim_person WHERE person_id IN (
               SELECT person_id FROM person_handle
               JOIN unnest($1::text[], $2::text[]) AS claim (system, id) USING (system, id))""",
        [system for system, _ in claims],
        [claimed for _, claimed in claims],
    )
    return _by_id(rows)


async def count_people(tx: Transaction) -> int:
    """How many people there are."""
    total: int = await tx.fetch_value("SELECT count(*) FROM scim_person WHERE NOT deleted")
    return total


async def people_from(tx: Transaction, start: int, count: int | None) -> list[KnownPerson]:
    """`count` people, or all, from the position `start` on; the eldest first."""
    rows = await tx.fetch(
        "SELECT * FROM scim_person WHERE NOT deleted ORDER BY person_id OFFSET $1 LIMIT $2", start, count
    )
    return list(_by_id(rows).values())


async def people_of(tx: Transaction, teams: Iterable[TeamId]) -> list[PersonChanged]:
    """Everybody who is there and was, is or will be in one of `teams`; the eldest first."""
    rows = await tx.fetch(
        """SELECT * FROM scim_person WHERE NOT deleted AND state -> 'positions' @> ANY(ARRAY(
               SELECT jsonb_build_array(jsonb_build_object('team_id', id)) FROM unnest($1::text[]) AS id))
           ORDER BY person_id""",
        list(teams),
    )
    return [known.person for known in _by_id(rows).values()]


async def teams(tx: Transaction) -> dict[TeamId, KnownTeam]:
    """All teams, removed or not, the eldest first."""
    rows = await tx.fetch(
        """SELECT state, sent, greatest(team.changed_at, scim_resource.changed_at) AS changed_at
           FROM team LEFT JOIN scim_resource ON resource_id = team_id ORDER BY team_id"""
    )
    known = [KnownTeam(TeamChanged.model_validate(row["state"]), row["sent"], row["changed_at"]) for row in rows]
    return {one.team.team_id: one for one in known}


async def remember(tx: Transaction, resource_id: str, sent: dict[str, Any], *, deleted: bool = False) -> None:
    """Keep what was sent of a person or team."""
    await tx.execute(
        """INSERT INTO scim_resource (resource_id, sent, deleted) VALUES ($1, $2, $3)
           ON CONFLICT (resource_id) DO UPDATE SET sent = excluded.sent, deleted = excluded.deleted,
               changed_at = clock_timestamp()""",
        resource_id,
        sent,
        deleted,
    )


def _by_id(rows: Iterable[asyncpg.Record]) -> dict[PersonId, KnownPerson]:
    found = [
        KnownPerson(PersonChanged.model_validate(row["state"]), row["sent"], row["deleted"], row["changed_at"])
        for row in rows
    ]
    return {known.person.person_id: known for known in found}
