"""The directory from day to day: the planned changes, replayed in order, as full states."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tools.simulator.bones import MANAGER, Bones
from tools.simulator.calendar import midnight
from tools.simulator.plan import Change
from tools.simulator.records import Person, Position, Team

States = dict[int, list[Team | Person]]
"""What is new in the directory, by day."""


def replay(bones: Bones, changes: Iterable[Change]) -> States:
    """The states that the directory tells on each day on which it changes."""
    desk = _Directory(bones)
    for change in sorted(changes, key=lambda change: change.day):
        desk.apply(change)
    return desk.states


class _Directory:
    def __init__(self, bones: Bones) -> None:
        self._bones = bones
        self._teams = {team.team_id: team for team in bones.teams}
        self._people = {person.person_id: person for person in bones.people}
        self.states: States = {}

    def apply(self, change: Change) -> None:
        if change.team is not None:
            self._put_team(change.team, change.day)
        if change.person_id:
            self._put(self._changed(self._people[change.person_id], change), change.day)

    def _put_team(self, team: Team, day: int) -> None:
        known = self._teams.get(team.team_id)
        self._teams[team.team_id] = replace(team, version=known.version + 1 if known else 1)
        self.states.setdefault(day, []).append(self._teams[team.team_id])
        for person in list(self._people.values()):
            if person.team_id == team.team_id and person.position.role != MANAGER:
                self._put(self._changed(person, Change(day, person.person_id, manager_id=team.manager_id)), day)

    def _changed(self, person: Person, change: Change) -> Person:
        active = person.active if change.active is None else change.active
        if change.team_id is None and change.manager_id is None:
            return replace(person, active=active)
        now, since = person.position, midnight(self._bones.start, change.day)
        position = Position(change.team_id or now.team_id, change.manager_id or now.manager_id, now.role, since)
        return replace(person, active=active, positions=(*person.positions, position))

    def _put(self, person: Person, day: int) -> None:
        known = self._people[person.person_id]
        if (known.active, known.positions) != (person.active, person.positions):
            self._people[person.person_id] = replace(person, version=known.version + 1)
            self.states.setdefault(day, []).append(self._people[person.person_id])
