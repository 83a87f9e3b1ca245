"""Whom nudges about a team go to when only SCIM speaks of it: SCIM knows members of groups, and no one who leads them."""

from __future__ import annotations

from kinetic.common.database import Transaction
from kinetic.contracts.ids import TeamId
from kinetic.ingestion.directory import change_directory
from kinetic.ingestion.domain.documents import DirectoryDocument, TeamEntry
from kinetic.ingestion.scim.failures import checked
from kinetic.ingestion.scim.teams import led_by, members_at
from kinetic.ingestion.store import scim as store
from kinetic.ingestion.store.directory import lock_part

LED_BY = "ledBy"


async def settle_lead(tx: Transaction, team_id: TeamId) -> None:
    """Let the team be led by whom most of its members report to, unless somebody said who leads it."""
    known = (await store.teams(tx))[team_id]
    team, sent = known.team, known.sent
    if sent is None or team.removed or team.manager_id not in (None, sent.get(LED_BY)):
        return
    now = await tx.now()
    lead = led_by(members_at(now, await store.people_of(tx, [team_id])).get(team_id, ()), now)
    if lead == team.manager_id:
        return
    current = await lock_part(tx, [lead] if lead else [], [])
    address = next((person.email for person in current.people.values() if person.person_id == lead), None)
    entry = checked(TeamEntry, slug=team.slug, name=team.name, unit=team.unit, manager=address)
    await change_directory(tx, current, DirectoryDocument(teams=(entry,)))
    await store.remember(tx, team_id, {**sent, LED_BY: lead})
