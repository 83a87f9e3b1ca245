"""What came of an assignment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from kinetic.contracts.assignment import (
    AssignmentBlocked,
    AssignmentCompleted,
    AssignmentEnrolled,
    AssignmentFailed,
    AssignmentHeld,
    AssignmentRefused,
    AssignmentRequested,
    AssignmentStarted,
    AssignmentWithdrawn,
)
from kinetic.contracts.ids import AssignmentId, ContentId, GapId, NudgeId, PersonId, TeamId
from kinetic.feedback.domain.tally import Tally

AssignmentEvent = (
    AssignmentHeld
    | AssignmentBlocked
    | AssignmentRequested
    | AssignmentEnrolled
    | AssignmentStarted
    | AssignmentFailed
    | AssignmentCompleted
    | AssignmentWithdrawn
    | AssignmentRefused
)


class AssignmentState(StrEnum):
    """Where an assignment stands."""

    HELD = "held"
    BLOCKED = "blocked"
    REQUESTED = "requested"
    ENROLLED = "enrolled"
    STARTED = "started"
    FAILED = "failed"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


_STATES: dict[type[AssignmentEvent], AssignmentState] = {
    AssignmentHeld: AssignmentState.HELD,
    AssignmentBlocked: AssignmentState.BLOCKED,
    AssignmentRequested: AssignmentState.REQUESTED,
    AssignmentEnrolled: AssignmentState.ENROLLED,
    AssignmentStarted: AssignmentState.STARTED,
    AssignmentFailed: AssignmentState.FAILED,
    AssignmentCompleted: AssignmentState.COMPLETED,
    AssignmentWithdrawn: AssignmentState.WITHDRAWN,
    AssignmentRefused: AssignmentState.REFUSED,
}

_TALLIES = {
    (requested, completed): Tally(assignments_requested=int(requested), assignments_completed=int(completed))
    for requested in (False, True)
    for completed in (False, True)
}
_IN_LMS = (AssignmentRequested, AssignmentEnrolled, AssignmentStarted, AssignmentFailed, AssignmentCompleted)


@dataclass(frozen=True, slots=True)
class AssignmentOutcome:
    """The newest state of one assignment, and whether the LMS was ever asked. `person_id` is None once erased.

    `nudge_id` is None when no nudge led to it; `team_id` and `gap_id` say where it counts then.
    """

    assignment_id: AssignmentId
    nudge_id: NudgeId | None
    content_id: ContentId
    person_id: PersonId | None
    state: AssignmentState
    version: int
    was_requested: bool
    team_id: TeamId | None = None
    gap_id: GapId | None = None

    @property
    def tally(self) -> Tally:
        """What it adds to the counts of its content. What was requested stays counted when it is withdrawn."""
        return _TALLIES[self.was_requested, self.state is AssignmentState.COMPLETED]


def note_assignment(known: AssignmentOutcome | None, event: AssignmentEvent) -> AssignmentOutcome:
    """The outcome after `event`, which may be old or repeated: only a higher version replaces what is known."""
    told = AssignmentOutcome(
        assignment_id=event.assignment_id,
        nudge_id=event.nudge_id,
        content_id=event.content_id,
        person_id=event.person_id,
        state=_STATES[type(event)],
        version=event.version,
        was_requested=_proves_request(event),
        team_id=event.team_id,
        gap_id=event.gap_id,
    )
    if known is None:
        return told
    newest = told if told.version > known.version else known
    was_requested = known.was_requested or told.was_requested
    return newest if newest.was_requested == was_requested else replace(newest, was_requested=was_requested)


def _proves_request(event: AssignmentEvent) -> bool:
    if isinstance(event, AssignmentWithdrawn):
        return event.was_requested
    return isinstance(event, _IN_LMS)
