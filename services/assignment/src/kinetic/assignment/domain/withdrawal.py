"""A manager takes an assignment back: undone, withdrawn from the LMS, or too late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kinetic.assignment.domain.assignment import NOT_ASKED, OPEN, Assignment, State, Step, step
from kinetic.contracts.assignment import AssignmentWithdrawn
from kinetic.contracts.ids import PersonId


@dataclass(frozen=True, slots=True)
class TooLate:
    """There is nothing left to take back."""

    state: State


def decide_withdrawal(assignment: Assignment, withdrawn_by: PersonId, now: datetime) -> Step | TooLate | None:
    """The withdrawal; None when it has been withdrawn before.

    Before the request the LMS never hears of it; after it, `was_requested` tells the LMS to remove the enrolment.
    """
    if assignment.state is State.WITHDRAWN:
        return None
    if assignment.state not in NOT_ASKED | OPEN:
        return TooLate(assignment.state)
    withdrawn = assignment.become(State.WITHDRAWN)
    event = AssignmentWithdrawn(
        **withdrawn.facts(now), was_requested=assignment.state in OPEN, withdrawn_by=withdrawn_by
    )
    return step(withdrawn, event)
