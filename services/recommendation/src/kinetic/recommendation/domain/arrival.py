"""What an event about a gap names that is not known yet."""

from __future__ import annotations

from collections.abc import Set

from kinetic.contracts.ids import PersonId, TeamId
from kinetic.contracts.skill_gap import GapClosed
from kinetic.recommendation.domain.gap import ToldGap


def missing(told: ToldGap, known_teams: Set[TeamId], known_people: Set[PersonId]) -> str | None:
    """What the event has to wait for, e.g. ``person/<id>``; None when it is ready."""
    if told.team_id not in known_teams:
        return f"team/{told.team_id}"
    if isinstance(told, GapClosed):
        return None
    return next((f"person/{person_id}" for person_id in told.person_ids if person_id not in known_people), None)
