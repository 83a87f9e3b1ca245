"""What a change of the directory means to whoever asked for it: who is new, changed, moved and gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from kinetic.contracts.ingestion import PersonChanged
from kinetic.ingestion.domain.directory import Directory, DirectoryChange


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What a field said and says. None where there was or is nothing."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class PersonDiff:
    """What changes about one person. A move holds from `effective_from`."""

    email: str
    name: str
    changes: tuple[FieldChange, ...]
    effective_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class DirectoryDiff:
    """Each person stands in one list: whoever is gone, else moved to another team or manager, else changed."""

    added: list[PersonDiff] = field(default_factory=list)
    changed: list[PersonDiff] = field(default_factory=list)
    moved: list[PersonDiff] = field(default_factory=list)
    removed: list[PersonDiff] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)


def describe(current: Directory, change: DirectoryChange) -> DirectoryDiff:
    """What `change` makes of `current`."""
    diff, names = DirectoryDiff(teams=[team.slug for team in change.teams]), _Names(current, change)
    known = {person.person_id: person for person in current.people.values()}
    for person in change.people:
        before = known.get(person.person_id)
        changes = tuple(names.changes(before, person))
        moved = {"team", "manager"}.intersection(one.field for one in changes)
        new = [position for position in person.positions if before is None or position not in before.positions]
        entry = PersonDiff(person.email, person.name, changes, new[-1].effective_from if new else None)
        if before is None:
            diff.added.append(entry)
        elif before.active and not person.active:
            diff.removed.append(entry)
        else:
            (diff.moved if moved else diff.changed).append(entry)
    return diff


class _Names:
    """How teams and people are called, before and after."""

    def __init__(self, current: Directory, change: DirectoryChange) -> None:
        self._slugs = {team.team_id: team.slug for team in (*current.teams.values(), *change.teams)}
        self._emails = {person.person_id: person.email for person in (*current.people.values(), *change.people)}

    def changes(self, before: PersonChanged | None, after: PersonChanged) -> Iterator[FieldChange]:
        """Every field of which something else is said."""
        old, new = self._facts(before) if before else {}, self._facts(after)
        for name in dict.fromkeys((*old, *new)):
            if old.get(name) != new.get(name):
                yield FieldChange(name, old.get(name), new.get(name))

    def _facts(self, person: PersonChanged) -> dict[str, str]:
        last = person.positions[-1]
        facts = {
            "email": person.email,
            "name": person.name,
            "role": last.role,
            "team": self._slugs.get(last.team_id) if last.team_id else None,
            "manager": self._emails.get(last.manager_id) if last.manager_id else None,
            "time_zone": person.time_zone,
            "language": person.language,
            "active": str(person.active).lower(),
            **{f"external_id.{system}": external_id for system, external_id in person.external_ids.items()},
        }
        return {name: fact for name, fact in facts.items() if fact is not None}
