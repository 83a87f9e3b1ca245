"""A user as an entry of the directory, and a person of the directory as a user.

What was sent is kept in its own spelling and shown again for as long as it still says what the directory says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scim2_models import InvalidValueException

from kinetic.contracts.ids import PersonId
from kinetic.contracts.ingestion import PersonChanged, Position
from kinetic.ingestion.domain.directory_rules import ALIAS, Claim, claims_of
from kinetic.ingestion.domain.documents import PersonEntry
from kinetic.ingestion.domain.occurrences import EMAIL
from kinetic.ingestion.domain.positions import position_at
from kinetic.ingestion.domain.restating import NO_ROLE, Surroundings, restated
from kinetic.ingestion.domain.slugs import slug_of
from kinetic.ingestion.scim.failures import checked
from kinetic.ingestion.scim.models import (
    Email,
    EnterpriseUser,
    GroupMembership,
    Manager,
    Name,
    address_of_work,
    is_address,
)
from kinetic.ingestion.scim.provider import UserWithManager

EXTERNAL_ID, EMPLOYEE_NUMBER, LOGIN = "scim", "employee-number", "login"
LOGIN_ADDRESS = f"{ALIAS}-login"
OURS = frozenset({EXTERNAL_ID, EMPLOYEE_NUMBER, LOGIN, LOGIN_ADDRESS})
"""The systems under which the ids that come by SCIM stand among a person's external ids."""

NO_TIME_ZONE, NO_LANGUAGE = "UTC", "en"
"""What holds for somebody new of whom nothing better is said."""


def address_of(user: UserWithManager) -> str:
    """The address that counts, in lower case: the primary one, that for work, the first, or the user name."""
    emails = [email for email in user.emails or () if email.value]
    ranked = sorted(emails, key=lambda email: (email.primary is not True, email.type != Email.Type.work))
    return ((ranked[0].value if ranked else user.user_name) or "").lower()


def name_of(user: UserWithManager) -> str:
    """The name that is shown."""
    name = user.name or Name()
    parts = " ".join(part for part in (name.given_name, name.family_name) if part)
    return user.display_name or name.formatted or parts or user.user_name or ""


def language_of(user: UserWithManager) -> str | None:
    """The first language of an Accept-Language list, with a hyphen where some write an underscore."""
    if not user.preferred_language:
        return None
    primary, *others = user.preferred_language.partition(",")[0].partition(";")[0].strip().replace("_", "-").split("-")
    return "-".join((primary.lower(), *others))


def external_ids_of(user: UserWithManager) -> dict[str, str]:
    """The ids that a user brings, by system. A user name that is not the address is an alias or a login."""
    extension = user[EnterpriseUser] or EnterpriseUser()
    login = (user.user_name or "").lower()
    found = {
        EXTERNAL_ID: user.external_id,
        EMPLOYEE_NUMBER: extension.employee_number,
        (LOGIN_ADDRESS if is_address(login) else LOGIN): None if login == address_of(user) else login,
    }
    return {system: external_id for system, external_id in found.items() if external_id}


def claims_in(user: UserWithManager) -> list[Claim]:
    """By what the directory may know the person already."""
    aliases = [(EMAIL, i) if system == LOGIN_ADDRESS else (system, i) for system, i in external_ids_of(user).items()]
    return [(EMAIL, address_of(user)), *aliases]


def entry_of(user: UserWithManager, known: PersonChanged | None, around: Surroundings) -> PersonEntry:
    """What the directory is told. What a user does not say stays as it is. InvalidValueException names what is wrong."""
    fields: dict[str, Any] = {"role": NO_ROLE, "time_zone": NO_TIME_ZONE, "language": NO_LANGUAGE, "external_ids": {}}
    if known is not None:
        fields = restated(known, around) | {"former_email": known.email}
    said = {"role": slug_of(user.title), "time_zone": user.timezone, "language": language_of(user)}
    others = {system: i for system, i in fields["external_ids"].items() if system not in OURS}
    fields |= {name: value for name, value in said.items() if value} | {
        "email": address_of(user),
        "name": name_of(user),
        "manager": _manager_address(user, around),
        "external_ids": {**others, **external_ids_of(user)},
        "active": user.active is not False,
    }
    return checked(PersonEntry, **fields)


def show_person(person: PersonChanged, sent: Mapping[str, Any] | None, around: Surroundings) -> UserWithManager:
    """The person as a user, without `id` and `meta`."""
    position = position_at(person.positions, around.now)
    plain = _plain(person, position)
    user = plain if not sent else _as_sent(UserWithManager.model_validate(sent), plain, person)
    user.external_id = person.external_ids.get(EXTERNAL_ID)
    user.groups = _memberships(person, around)
    user[EnterpriseUser] = _enterprise(person, position)
    return user


def _plain(person: PersonChanged, position: Position | None) -> UserWithManager:
    """What the directory alone says."""
    return UserWithManager(
        user_name=person.external_ids.get(LOGIN) or person.external_ids.get(LOGIN_ADDRESS) or person.email,
        display_name=person.name,
        name=Name(formatted=person.name),
        title=position.role if position else None,
        preferred_language=person.language,
        timezone=person.time_zone,
        active=person.active,
        emails=address_of_work(person.email),
    )


def _as_sent(sent: UserWithManager, plain: UserWithManager, person: PersonChanged) -> UserWithManager:
    """What was sent, and what the directory says instead where it has changed since."""
    user_name = (sent.user_name or "").lower()
    if (EMAIL, user_name) not in claims_of(person) and (LOGIN, user_name) not in claims_of(person):
        sent.user_name = plain.user_name
    if address_of(sent) != person.email:
        sent.emails = plain.emails
    if name_of(sent) != person.name:
        sent.name, sent.display_name = plain.name, plain.display_name
    if sent.title and slug_of(sent.title) != plain.title:
        sent.title = plain.title
    if sent.preferred_language and language_of(sent) != person.language:
        sent.preferred_language = plain.preferred_language
    if sent.timezone and sent.timezone != person.time_zone:
        sent.timezone = plain.timezone
    if (sent.active is not False) != person.active:
        sent.active = person.active
    return sent


def _enterprise(person: PersonChanged, position: Position | None) -> EnterpriseUser | None:
    number = person.external_ids.get(EMPLOYEE_NUMBER)
    manager_id = position.manager_id if position else None
    manager = Manager(value=manager_id, ref=f"Users/{manager_id}") if manager_id else None
    return EnterpriseUser(employee_number=number, manager=manager) if number or manager else None


def _memberships(person: PersonChanged, around: Surroundings) -> list[GroupMembership] | None:
    team = around.team_of(person)
    return None if team is None else [GroupMembership(value=team.team_id, ref=f"Groups/{team.team_id}")]


def _manager_address(user: UserWithManager, around: Surroundings) -> str | None:
    manager_id = manager_id_of(user)
    if manager_id is None:
        return None
    manager = around.people.get(PersonId(manager_id))
    if manager is None:
        raise InvalidValueException(detail="manager: no user has this id")
    return manager.email


def manager_id_of(user: UserWithManager) -> str | None:
    """The id that stands for the manager, or at the end of the reference to them."""
    manager = (user[EnterpriseUser] or EnterpriseUser()).manager or Manager()
    return manager.value or (str(manager.ref).rpartition("/")[2] if manager.ref else None) or None
