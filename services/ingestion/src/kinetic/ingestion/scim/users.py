"""Users, found and written within one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import Any

from scim2_models import NotFoundException, UniquenessException

from kinetic.common.database import Transaction
from kinetic.contracts.ids import PersonId
from kinetic.contracts.ingestion import PersonChanged
from kinetic.ingestion.directory import change_directory
from kinetic.ingestion.domain.directory import Directory
from kinetic.ingestion.domain.directory_rules import Claim
from kinetic.ingestion.domain.documents import DirectoryDocument, PersonEntry
from kinetic.ingestion.domain.positions import position_at
from kinetic.ingestion.domain.restating import Surroundings, restated
from kinetic.ingestion.scim.failures import checked, refused
from kinetic.ingestion.scim.leads import settle_lead
from kinetic.ingestion.scim.people import (
    claims_in,
    entry_of,
    manager_id_of,
    show_person,
)
from kinetic.ingestion.scim.provider import UserWithManager
from kinetic.ingestion.scim.stamps import checked_id, stamp, version_of
from kinetic.ingestion.store import scim as store
from kinetic.ingestion.store.directory import lock_part
from kinetic.ingestion.store.scim import KnownPerson

KEPT = ("userName", "name", "displayName", "title", "preferredLanguage", "timezone", "active", "emails")
"""What is kept in the sender's spelling. All else is in the directory as it was sent."""


async def find_person(tx: Transaction, user_id: str) -> KnownPerson:
    """The person of that id. NotFoundException when there is none, or no longer."""
    known = (await store.people_by_id(tx, [checked_id(user_id)])).get(PersonId(user_id))
    if known is None or known.deleted:
        raise NotFoundException(detail=f"User {user_id} not found")
    return known


async def surroundings(tx: Transaction, people: Iterable[PersonChanged] = ()) -> Surroundings:
    """The teams, and such people as are at hand."""
    teams = (known.team for known in (await store.teams(tx)).values())
    return Surroundings.of(teams, people, await tx.now())


def as_user(known: KnownPerson, around: Surroundings) -> UserWithManager:
    """The person as a user with id and meta."""
    user = show_person(known.person, known.sent, around)
    version = version_of(known.person.version, known.sent, [group.value for group in user.groups or ()])
    return stamp(user, known.person.person_id, "User", known.changed_at, version)


async def create_user(tx: Transaction, user: UserWithManager) -> PersonId:
    """A new person, or one who was deleted and is back. UniquenessException when somebody is there already."""
    owners = await store.people_by_claim(tx, claims_in(user))
    if any(not owner.deleted for owner in owners.values()):
        raise UniquenessException(detail="Another user has this userName, e-mail address, externalId or employeeNumber")
    former = next(iter(owners.values()), None)
    return await _write(tx, user, former.person if former else None)


async def update_user(tx: Transaction, user: UserWithManager) -> PersonId:
    """The person as `user` says."""
    known = await find_person(tx, user.id or "")
    return await _write(tx, user, known.person)


async def delete_user(tx: Transaction, user_id: str) -> None:
    """The person leaves: inactive, without team and manager. The directory keeps them, so that they can come back."""
    known = await find_person(tx, user_id)
    current = await lock_part(tx, [user_id], [])
    around = await surroundings(tx, current.people.values())
    left = restated(known.person, around) | {"team": None, "manager": None, "active": False}
    await _apply(tx, current, checked(PersonEntry, **left))
    await store.remember(tx, user_id, {}, deleted=True)
    await _settle_lead_of(tx, known.person, around)


async def _write(tx: Transaction, user: UserWithManager, known: PersonChanged | None) -> PersonId:
    current = await _lock(tx, [known.person_id if known else None, manager_id_of(user)], claims_in(user))
    around = await surroundings(tx, current.people.values())
    changed = await _apply(tx, current, entry_of(user, known, around))
    person_id = known.person_id if known else changed[0].person_id
    sent: dict[str, Any] = user.model_dump()
    await store.remember(tx, person_id, {name: sent[name] for name in KEPT if name in sent})
    if known is not None:
        await _settle_lead_of(tx, known, around)
    return person_id


async def _lock(tx: Transaction, ids: Iterable[str | None], claims: Collection[Claim]) -> Directory:
    wanted: list[str] = []
    for one in ids:
        with suppress(NotFoundException):
            wanted.append(checked_id(one or ""))
    return await lock_part(tx, wanted, claims)


async def _apply(tx: Transaction, current: Directory, entry: PersonEntry) -> tuple[PersonChanged, ...]:
    change = await change_directory(tx, current, DirectoryDocument(people=(entry,)))
    if change.mistakes:
        raise refused(change.mistakes)
    return change.people


async def _settle_lead_of(tx: Transaction, person: PersonChanged, around: Surroundings) -> None:
    position = position_at(person.positions, around.now)
    if position is not None and position.team_id is not None:
        await settle_lead(tx, position.team_id)
