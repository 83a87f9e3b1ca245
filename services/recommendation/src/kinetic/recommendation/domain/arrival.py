"""Which events about gaps came before what they name, and have to wait for it."""

from __future__ import annotations

from collections.abc import Sequence, Set

from kinetic.common.events import Envelope
from kinetic.contracts.ids import PersonId, TeamId
from kinetic.contracts.skill_gap import GapClosed
from kinetic.recommendation.domain.gap import ToldGap

Told = Envelope[ToldGap]


def hold_back(
    events: Sequence[Told], known_teams: Set[TeamId], known_people: Set[PersonId]
) -> tuple[list[Told], list[tuple[Told, str]]]:
    """The events that are ready, and those that wait with what they wait for, e.g. ``person/<id>``.

    An event behind one of its team that waits, waits for the same: the order within a team holds.
    """
    ready: list[Told] = []
    held_back: list[tuple[Told, str]] = []
    missing: dict[TeamId, str] = {}
    for event in events:
        name = missing.get(event.data.team_id) or _missing(event.data, known_teams, known_people)
        if name is None:
            ready.append(event)
        else:
            missing[event.data.team_id] = name
            held_back.append((event, name))
    return ready, held_back


def _missing(told: ToldGap, known_teams: Set[TeamId], known_people: Set[PersonId]) -> str | None:
    if told.team_id not in known_teams:
        return f"team/{told.team_id}"
    if isinstance(told, GapClosed):
        return None
    return next((f"person/{person_id}" for person_id in told.person_ids if person_id not in known_people), None)
