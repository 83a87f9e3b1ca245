"""What the directory knows of somebody, as its own documents would state it: the start of a change of one thing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from kinetic.contracts.ids import PersonId, TeamId
from kinetic.contracts.ingestion import PersonChanged, TeamChanged
from kinetic.ingestion.domain.positions import position_at

NO_ROLE = "unspecified"
"""The role of somebody of whom no role is known."""

_KEPT = {"email", "name", "time_zone", "language", "external_ids", "active"}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a person refers to: teams and people by id, at `now`."""

    teams: Mapping[TeamId, TeamChanged]
    people: Mapping[PersonId, PersonChanged]
    now: datetime

    @classmethod
    def of(cls, teams: Iterable[TeamChanged], people: Iterable[PersonChanged], now: datetime) -> Self:
        """The surroundings in which these teams and people are found."""
        return cls({team.team_id: team for team in teams}, {person.person_id: person for person in people}, now)

    def team_of(self, person: PersonChanged) -> TeamChanged | None:
        """The team of a person, unless it was removed."""
        position = position_at(person.positions, self.now)
        team = self.teams.get(position.team_id) if position and position.team_id else None
        return None if team is None or team.removed else team

    def manager_of(self, person: PersonChanged) -> PersonChanged | None:
        """To whom a person reports."""
        position = position_at(person.positions, self.now)
        return self.people.get(position.manager_id) if position and position.manager_id else None

    def role_of(self, person: PersonChanged) -> str:
        """The role of a person."""
        position = position_at(person.positions, self.now)
        return position.role if position else NO_ROLE


def restated(person: PersonChanged, around: Surroundings) -> dict[str, Any]:
    """The fields of an entry that changes nothing about the person, where they are now."""
    team, manager = around.team_of(person), around.manager_of(person)
    return {
        **person.model_dump(include=_KEPT),
        "role": around.role_of(person),
        "team": team.slug if team else None,
        "manager": manager.email if manager else None,
    }
