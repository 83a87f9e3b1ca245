"""What a directory document changes: everything in it, or nothing when anything in it is wrong.

The document names teams by slug and people by address; ids are given here. A team or person is published only when
something about them changed, and all changes of one document carry one version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kinetic.contracts.ids import PersonId, RoleKey, TeamId
from kinetic.contracts.ingestion import PersonChanged, Position, TeamChanged
from kinetic.ingestion.domain.directory_rules import address_before, find_circle_mistakes, find_mistakes
from kinetic.ingestion.domain.documents import DirectoryDocument, Mistake, PersonEntry, TeamEntry
from kinetic.ingestion.domain.positions import decide_positions


@dataclass(frozen=True, slots=True)
class Directory:
    """The directory as it stands: teams by slug, people by address."""

    version: int
    teams: Mapping[str, TeamChanged]
    people: Mapping[str, PersonChanged]


@dataclass(frozen=True, slots=True)
class DirectoryChange:
    """What to save and to publish. Nothing changes when there are mistakes."""

    version: int
    teams: tuple[TeamChanged, ...] = ()
    people: tuple[PersonChanged, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True, slots=True)
class _Ids:
    teams: Mapping[str, TeamId]
    people: Mapping[str, PersonId]


def decide_directory(
    current: Directory, document: DirectoryDocument, now: datetime, new_id: Callable[[], str]
) -> DirectoryChange:
    """The changes that `document` makes to `current` at `now`."""
    mistakes = find_mistakes(document, current.teams, current.people)
    if mistakes:
        return DirectoryChange(current.version, mistakes=mistakes)
    ids = _ids_of(current, document, new_id)
    version = current.version + 1
    teams = [_team(entry, ids, version) for entry in document.teams]
    known = {entry.email: current.people.get(address_before(entry, current.people)) for entry in document.people}
    people = [_person(entry, known[entry.email], ids, now, version) for entry in document.people]
    circles = find_circle_mistakes(document, _as_decided(current, document, people), now)
    if circles:
        return DirectoryChange(current.version, mistakes=circles)
    return _changes(
        [team for team in teams if _differs(team, current.teams.get(team.slug))],
        [person for person in people if _differs(person, known[person.email])],
        current.version,
    )


def _as_decided(
    current: Directory, document: DirectoryDocument, people: Sequence[PersonChanged]
) -> dict[str, PersonChanged]:
    """Everybody by address, as they would be."""
    restated = {address_before(entry, current.people) for entry in document.people}
    others = {email: person for email, person in current.people.items() if email not in restated}
    return others | {person.email: person for person in people}


def _changes(teams: Sequence[TeamChanged], people: Sequence[PersonChanged], version: int) -> DirectoryChange:
    if not teams and not people:
        return DirectoryChange(version)
    return DirectoryChange(version + 1, tuple(teams), tuple(people))


def _ids_of(current: Directory, document: DirectoryDocument, new_id: Callable[[], str]) -> _Ids:
    teams = {slug: team.team_id for slug, team in current.teams.items()}
    people = {email: person.person_id for email, person in current.people.items()}
    for team in document.teams:
        teams.setdefault(team.slug, TeamId(new_id()))
    for person in document.people:
        known = people.get(address_before(person, current.people))
        people[person.email] = known or PersonId(new_id())
    return _Ids(teams, people)


def _team(entry: TeamEntry, ids: _Ids, version: int) -> TeamChanged:
    return TeamChanged(
        team_id=ids.teams[entry.slug],
        slug=entry.slug,
        name=entry.name,
        unit=entry.unit,
        manager_id=ids.people[entry.manager] if entry.manager else None,
        removed=entry.removed,
        version=version,
    )


def _person(entry: PersonEntry, known: PersonChanged | None, ids: _Ids, now: datetime, version: int) -> PersonChanged:
    stated = Position(
        team_id=ids.teams[entry.team] if entry.team else None,
        manager_id=ids.people[entry.manager] if entry.manager else None,
        role=RoleKey(entry.role),
        effective_from=entry.effective_from or now,
    )
    positions = decide_positions(known.positions if known else (), stated, is_dated=entry.effective_from is not None)
    return PersonChanged(
        person_id=ids.people[entry.email],
        name=entry.name,
        email=entry.email,
        time_zone=entry.time_zone,
        language=entry.language,
        external_ids=entry.external_ids,
        positions=positions,
        active=entry.active,
        version=version,
    )


def _differs(entry: TeamChanged | PersonChanged, known: TeamChanged | PersonChanged | None) -> bool:
    return known is None or entry.model_copy(update={"version": known.version}) != known
