"""One content item for one learner: what is known of it, and one step of its life."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from kinetic.common.events import Cause, Emission
from kinetic.contracts.assignment import BlockedReason, Origin, RefusalReason
from kinetic.contracts.event import Event
from kinetic.contracts.ids import AssignmentId, ContentId, GapId, NudgeId, PersonId, TeamId

Reason = RefusalReason | BlockedReason


class State(StrEnum):
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


NOT_ASKED = frozenset({State.HELD, State.BLOCKED})
"""The LMS has not been asked yet."""

OPEN = frozenset({State.REQUESTED, State.ENROLLED, State.STARTED, State.FAILED})
"""The LMS was asked, and the learner may still complete it. Who failed may try again."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """`cause` is the last event of its life: what the next one follows from, with the correlation id of the signal.

    `reason` says why it is blocked or was refused.
    """

    assignment_id: AssignmentId
    person_id: PersonId
    content_id: ContentId
    team_id: TeamId | None
    nudge_id: NudgeId | None
    gap_id: GapId | None
    assigned_by: PersonId
    origin: Origin
    undo_until: datetime
    cause: Cause
    state: State = State.HELD
    reason: Reason | None = None
    version: int = 1
    requested_at: datetime | None = None

    def become(self, state: State, reason: Reason | None = None) -> Assignment:
        """The assignment one version later."""
        return replace(self, state=state, reason=reason, version=self.version + 1)

    def facts(self, occurred_at: datetime) -> dict[str, Any]:
        """What every event about it says."""
        return {
            "assignment_id": self.assignment_id,
            "person_id": self.person_id,
            "content_id": self.content_id,
            "team_id": self.team_id,
            "nudge_id": self.nudge_id,
            "gap_id": self.gap_id,
            "assigned_by": self.assigned_by,
            "origin": self.origin,
            "version": self.version,
            "occurred_at": occurred_at,
        }


@dataclass(frozen=True, slots=True)
class Step:
    """The assignment after one change, and the event that tells it."""

    assignment: Assignment
    emission: Emission


def step(assignment: Assignment, event: Event) -> Step:
    """A step that follows from the last event of the assignment's own life."""
    return Step(assignment, Emission(event, assignment.cause))
