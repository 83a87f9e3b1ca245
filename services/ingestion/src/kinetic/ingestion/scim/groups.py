"""Groups, found and written within one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from scim2_models import InvalidValueException, NotFoundException, UniquenessException

from kinetic.common.database import Transaction
from kinetic.contracts.ids import PersonId, TeamId
from kinetic.contracts.ingestion import PersonChanged
from kinetic.ingestion.directory import change_directory
from kinetic.ingestion.domain.directory import Directory
from kinetic.ingestion.domain.documents import DirectoryDocument, PersonEntry, TeamEntry
from kinetic.ingestion.domain.slugs import free_slug
from kinetic.ingestion.scim.failures import checked, refused
from kinetic.ingestion.scim.leads import settle_lead
from kinetic.ingestion.scim.models import Group
from kinetic.ingestion.scim.stamps import checked_id, stamp, version_of
from kinetic.ingestion.scim.teams import (
    NO_UNIT,
    joining_entry,
    leaving_entry,
    member_ids_of,
    members_at,
    show_team,
)
from kinetic.ingestion.scim.users import surroundings
from kinetic.ingestion.store import scim as store
from kinetic.ingestion.store.directory import lock_part
from kinetic.ingestion.store.scim import KnownTeam


async def find_team(tx: Transaction, group_id: str) -> KnownTeam:
    """The team of that id. NotFoundException when there is none, or no longer."""
    known = (await store.teams(tx)).get(TeamId(checked_id(group_id)))
    if known is None or known.team.removed:
        raise NotFoundException(detail=f"Group {group_id} not found")
    return known


async def as_groups(tx: Transaction, teams: Iterable[KnownTeam], *, with_members: bool) -> list[Group]:
    """The teams as groups with id and meta. Without members they carry no version."""
    found = list(teams)
    if not with_members:
        return [_as_group(known, None) for known in found]
    people = await store.people_of(tx, [known.team.team_id for known in found])
    members = members_at(await tx.now(), people)
    return [_as_group(known, members.get(known.team.team_id, [])) for known in found]


async def create_group(tx: Transaction, group: Group) -> TeamId:
    """A new team, or one that was removed and is back. UniquenessException when one of that name is there."""
    teams = await store.teams(tx)
    namesakes = [known for known in teams.values() if known.team.name.lower() == (group.display_name or "").lower()]
    if any(not known.team.removed for known in namesakes):
        raise UniquenessException(detail=f"Another group is called {group.display_name}")
    former = namesakes[0] if namesakes else None
    slug = former.team.slug if former else free_slug(group.display_name or "", {k.team.slug for k in teams.values()})
    return await _write(tx, group, former, slug)


async def update_group(tx: Transaction, group: Group) -> TeamId:
    """The team and its members as `group` says."""
    known = await find_team(tx, group.id or "")
    return await _write(tx, group, known, known.team.slug)


async def delete_group(tx: Transaction, group_id: str) -> None:
    """The team is removed; whoever was in it is in none."""
    known = await find_team(tx, group_id)
    present = await _present(tx, known)
    current = await lock_part(tx, _concerned(present, known), [])
    around = await surroundings(tx, current.people.values())
    entry = _team_entry(known.team.slug, known.team.name, known, current).model_copy(update={"removed": True})
    await _apply(tx, current, entry, [leaving_entry(person, around) for person in present.values()])


async def _write(tx: Transaction, group: Group, known: KnownTeam | None, slug: str) -> TeamId:
    present = await _present(tx, known)
    wanted = member_ids_of(group)
    joining = await _joining(tx, [user_id for user_id in wanted if user_id not in present])
    leaving = {person_id: person for person_id, person in present.items() if person_id not in wanted}
    current = await lock_part(tx, _concerned({**joining, **leaving}, known), [])
    around = await surroundings(tx, current.people.values())
    team_id = known.team.team_id if known else None
    people = [
        *(joining_entry(person, team_id, slug, around) for person in joining.values()),
        *(leaving_entry(person, around) for person in leaving.values()),
    ]
    await _apply(tx, current, _team_entry(slug, group.display_name, known, current), people)
    written = next(one for one in (await store.teams(tx)).values() if one.team.slug == slug).team.team_id
    sent = {**((known.sent if known else None) or {}), "externalId": group.external_id}
    await store.remember(tx, written, sent)
    await settle_lead(tx, written)
    return written


async def _present(tx: Transaction, known: KnownTeam | None) -> dict[PersonId, PersonChanged]:
    if known is None or known.team.removed:
        return {}
    members = members_at(await tx.now(), await store.people_of(tx, [known.team.team_id]))
    return {person.person_id: person for person in members.get(known.team.team_id, ())}


async def _joining(tx: Transaction, user_ids: Collection[PersonId]) -> dict[PersonId, PersonChanged]:
    try:
        found = await store.people_by_id(tx, [checked_id(user_id) for user_id in user_ids])
    except NotFoundException:
        found = {}
    there = {person_id: known.person for person_id, known in found.items() if not known.deleted}
    if missing := [user_id for user_id in user_ids if user_id not in there]:
        raise InvalidValueException(detail=f"members: no user has the id {missing[0]}")
    return there


def _concerned(people: Iterable[PersonId], known: KnownTeam | None) -> list[str]:
    manager_id = known.team.manager_id if known else None
    return [*people, *([manager_id] if manager_id else ())]


def _team_entry(slug: str, name: str | None, known: KnownTeam | None, current: Directory) -> TeamEntry:
    manager_id = known.team.manager_id if known else None
    addresses = {person.person_id: person.email for person in current.people.values()}
    unit = known.team.unit if known else NO_UNIT
    return checked(
        TeamEntry, slug=slug, name=name, unit=unit, manager=addresses.get(manager_id) if manager_id else None
    )


async def _apply(tx: Transaction, current: Directory, team: TeamEntry, people: Iterable[PersonEntry]) -> None:
    change = await change_directory(tx, current, DirectoryDocument(teams=(team,), people=tuple(people)))
    if change.mistakes:
        raise refused(change.mistakes)


def _as_group(known: KnownTeam, members: list[PersonChanged] | None) -> Group:
    ids = None if members is None else [person.person_id for person in members]
    group = show_team(known.team, known.sent, ids)
    version = None if ids is None else version_of(known.team.version, known.sent, ids)
    return stamp(group, known.team.team_id, "Group", known.changed_at, version)
