"""Teams as a table of people names them: by slug or name; new ones by their name and unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from pydantic import ValidationError

from kinetic.contracts.ingestion import TeamChanged
from kinetic.ingestion.domain.documents import PersonEntry, TeamEntry
from kinetic.ingestion.domain.slugs import free_slug
from kinetic.ingestion.spreadsheets import Row


class WrongCell(ValueError):
    """A cell that cannot be taken: its column and why."""

    def __init__(self, column: str, detail: str) -> None:
        super().__init__(detail)
        self.column = column
        self.detail = detail


class NamedTeams:
    """The teams of the directory, and those that the table adds. A known team is not changed by a table of people."""

    def __init__(self, known: Iterable[TeamChanged]) -> None:
        self._known = {team.slug: team for team in known}
        self._called: dict[str, list[TeamChanged]] = {}
        for team in self._known.values():
            self._called.setdefault(team.name.lower(), []).append(team)
        self._taken = set(self._known)
        self._added: dict[str, tuple[TeamEntry, int]] = {}

    def slug_of(self, row: Row) -> str | None:
        """The slug of the team in a row. WrongCell when nothing, or more than one team, is called so."""
        name = row.cells["team"]
        if not name:
            return None
        if name in self._known and not self._known[name].removed:
            return name
        there = [team for team in self._called.get(name.lower(), ()) if not team.removed]
        if len(there) > 1:
            raise WrongCell("team", f"{len(there)} teams are called so; name one by its slug")
        return there[0].slug if there else self._new_slug(row, name)

    def added(self, people: Sequence[PersonEntry]) -> tuple[TeamEntry, ...]:
        """The new teams, each led by whom most of its people report to."""
        managers: dict[str | None, Counter[str]] = {}
        for person in people:
            if person.manager:
                managers.setdefault(person.team, Counter())[person.manager] += 1
        return tuple(_led(team, managers.get(team.slug, Counter())) for team, _ in self._added.values())

    def lines(self) -> tuple[int, ...]:
        """From which lines they come."""
        return tuple(line for _, line in self._added.values())

    def _new_slug(self, row: Row, name: str) -> str:
        unit, key = row.cells.get("unit", ""), name.lower()
        if key in self._added:
            team, line = self._added[key]
            if unit and unit != team.unit:
                raise WrongCell("unit", f"the team {name} has another unit in line {line}")
            return team.slug
        if not unit:
            raise WrongCell("team", f"the team {name} is not in the directory; give its unit to add it")
        former = next((team.slug for team in self._called.get(key, ()) if team.removed), None)
        slug = former or free_slug(name, self._taken)
        try:
            self._added[key] = TeamEntry(slug=slug, name=name, unit=unit), row.line
        except ValidationError as error:
            fault = error.errors()[0]
            raise WrongCell("unit" if fault["loc"] == ("unit",) else "team", fault["msg"]) from error
        self._taken.add(slug)
        return slug


def _led(team: TeamEntry, managers: Counter[str]) -> TeamEntry:
    lead = min(managers, key=lambda manager: (-managers[manager], manager), default=None)
    return team.model_copy(update={"manager": lead})
