"""A manager has clicked: one assignment per person, held while the click can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from kinetic.assignment.domain.assignment import Assignment, Step, step
from kinetic.common.events import Envelope
from kinetic.contracts.assignment import AssignmentHeld, Origin
from kinetic.contracts.ids import AssignmentId, NudgeId, PersonId
from kinetic.contracts.recommendation import NudgeAccepted

Assigned = tuple[NudgeId, PersonId]


@dataclass(frozen=True, slots=True)
class Window:
    """The undo window that opens now."""

    now: datetime
    length: timedelta

    @property
    def closes_at(self) -> datetime:
        """Until when the click can be undone without the LMS ever hearing of it."""
        return self.now + self.length


def decide_held(
    accepted: Iterable[Envelope[NudgeAccepted]],
    assigned: Set[Assigned],
    window: Window,
    new_id: Callable[[], str],
) -> Sequence[Step]:
    """Hold an assignment for every person of every accepted nudge, except those who were `assigned` by it before."""
    held: dict[Assigned, Step] = {}
    for click in accepted:
        for person_id in click.data.person_ids:
            pair = (click.data.nudge_id, person_id)
            if pair not in assigned and pair not in held:
                held[pair] = _hold(click, person_id, window, AssignmentId(new_id()))
    return list(held.values())


def _hold(click: Envelope[NudgeAccepted], person_id: PersonId, window: Window, assignment_id: AssignmentId) -> Step:
    accepted = click.data
    assignment = Assignment(
        assignment_id=assignment_id,
        person_id=person_id,
        content_id=accepted.content_id,
        team_id=accepted.team_id,
        nudge_id=accepted.nudge_id,
        gap_id=accepted.gap_id,
        assigned_by=accepted.accepted_by,
        origin=Origin.CHOSEN,
        undo_until=window.closes_at,
        cause=click.cause,
    )
    return step(assignment, AssignmentHeld(**assignment.facts(window.now), undo_until=assignment.undo_until))
