"""Who works where and who manages whom, as of today."""

from __future__ import annotations

from collections.abc import Iterable

from tools.simulator.policy import Company
from tools.simulator.records import Person, Team


class Directory:
    """The newest state of each team and person."""

    def __init__(self, company: Company) -> None:
        self.teams = {team.team_id: team for team in company.teams}
        self.people = {person.person_id: person for person in company.people}
        self._members: dict[str, list[Person]] = {}

    def update(self, teams: Iterable[Team], people: Iterable[Person]) -> None:
        """Take newer states."""
        teams, people = tuple(teams), tuple(people)
        if not teams and not people:
            return
        self._members.clear()
        self.teams |= {team.team_id: team for team in teams}
        self.people |= {person.person_id: person for person in people}

    def manager(self, team_id: str) -> str | None:
        """Whom nudges about a team go to."""
        team = self.teams.get(team_id)
        return team.manager_id if team and not team.removed else None

    def zone(self, person_id: str) -> str:
        """The time zone of a person; UTC when unknown."""
        person = self.people.get(person_id)
        return person.time_zone if person else "UTC"

    def members(self, team_id: str) -> list[Person]:
        """Who works in a team, its manager not counted, in order of ids."""
        if not self._members:
            for _, person in sorted(self.people.items()):
                if person.team_id and self.manager(person.team_id) != person.person_id:
                    self._members.setdefault(person.team_id, []).append(person)
        return self._members.get(team_id, [])

    def present(self) -> list[str]:
        """The teams that exist."""
        return sorted(team_id for team_id, team in self.teams.items() if not team.removed)
