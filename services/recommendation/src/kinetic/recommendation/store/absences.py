"""Who stands in for managers who are away. Only who is above them does: to them alone the same people report."""

from __future__ import annotations

from collections.abc import Iterable

from kinetic.common.database import Transaction
from kinetic.contracts.ids import PersonId, TeamId
from kinetic.directory import store as directory


async def above(tx: Transaction, person_id: PersonId) -> set[PersonId]:
    """Everybody above somebody who works here. Circles in the reporting line end."""
    rows = await tx.fetch(
        """WITH RECURSIVE line AS (
               SELECT manager_id FROM directory_now WHERE person_id = $1
               UNION
               SELECT above.manager_id FROM line JOIN directory_now AS above ON above.person_id = line.manager_id
           )
           SELECT here.person_id FROM line JOIN directory_now AS here ON here.person_id = line.manager_id
           WHERE here.person_id <> $1""",
        person_id,
    )
    return {row["person_id"] for row in rows}


async def delegates(tx: Transaction, manager_ids: Iterable[PersonId]) -> dict[PersonId, PersonId]:
    """Who stands in now for those of `manager_ids` who are away and named somebody above them."""
    rows = await tx.fetch(
        """SELECT person_id, delegate_id FROM preference
           WHERE person_id = ANY($1::uuid[]) AND away_until > clock_timestamp()""",
        list(manager_ids),
    )
    return {
        row["person_id"]: row["delegate_id"] for row in rows if row["delegate_id"] in await above(tx, row["person_id"])
    }


async def acts_for(tx: Transaction, person_id: PersonId, team_id: TeamId) -> bool:
    """Whether somebody manages a team, or stands in for who does."""
    if await directory.manages(tx, person_id, team_id):
        return True
    team = (await directory.teams(tx, [team_id])).get(team_id)
    if team is None or team.manager_id is None:
        return False
    return (await delegates(tx, [team.manager_id])).get(team.manager_id) == person_id
