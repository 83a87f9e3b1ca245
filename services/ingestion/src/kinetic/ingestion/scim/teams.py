"""A group as an entry of the directory, and a team of the directory as a group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from scim2_models import InvalidValueException

from kinetic.contracts.ids import PersonId, TeamId
from kinetic.contracts.ingestion import PersonChanged, TeamChanged
from kinetic.ingestion.domain.documents import PersonEntry
from kinetic.ingestion.domain.positions import position_at
from kinetic.ingestion.domain.restating import Surroundings, restated
from kinetic.ingestion.scim.failures import checked
from kinetic.ingestion.scim.models import Group, GroupMember

NO_UNIT = "unassigned"
"""The business unit of a new team: SCIM does not know units. `PUT /directory` says it."""


def show_team(team: TeamChanged, sent: Mapping[str, Any] | None, members: Sequence[PersonId] | None) -> Group:
    """The team as a group, without `id` and `meta`. None for members leaves them out."""
    entries = [GroupMember(value=one, ref=f"Users/{one}", type="User") for one in members or ()]
    return Group(display_name=team.name, external_id=(sent or {}).get("externalId"), members=entries or None)


def members_at(now: datetime, people: Iterable[PersonChanged]) -> dict[TeamId, list[PersonChanged]]:
    """Who works where at `now`."""
    found: dict[TeamId, list[PersonChanged]] = {}
    for person in people:
        position = position_at(person.positions, now)
        if position is not None and position.team_id is not None:
            found.setdefault(position.team_id, []).append(person)
    return found


def member_ids_of(group: Group) -> list[PersonId]:
    """The ids of the users in a group, each once. InvalidValueException for what is no user."""
    found: dict[PersonId, None] = {}
    for member in group.members or ():
        if member.type not in (None, "User"):
            raise InvalidValueException(detail="members: only users can be members, teams do not stand in teams")
        user_id = member.value or str(member.ref or "").rpartition("/")[2]
        if not user_id:
            raise InvalidValueException(detail="members: a member needs the id of a user as its value")
        found[PersonId(user_id)] = None
    return list(found)


def joining_entry(person: PersonChanged, team_id: TeamId | None, slug: str, around: Surroundings) -> PersonEntry:
    """The person as a member of `slug`. InvalidValueException when they are in another team already."""
    present = around.team_of(person)
    if present is not None and present.team_id != team_id:
        raise InvalidValueException(
            detail=f"members: {person.email} is in the team {present.slug}, and a person works in one team: "
            f"take them out of the group {present.name} first"
        )
    return checked(PersonEntry, **restated(person, around) | {"team": slug})


def leaving_entry(person: PersonChanged, around: Surroundings) -> PersonEntry:
    """The person without a team."""
    return checked(PersonEntry, **restated(person, around) | {"team": None})


def led_by(members: Iterable[PersonChanged], now: datetime) -> PersonId | None:
    """To whom most members report: whom nudges about a team go to when nobody said who leads it."""
    positions = (position_at(person.positions, now) for person in members if person.active)
    managers = Counter(position.manager_id for position in positions if position and position.manager_id)
    return min(managers, key=lambda manager: (-managers[manager], manager), default=None)
