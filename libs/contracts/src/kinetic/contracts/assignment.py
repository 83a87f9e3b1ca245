"""Events of assignment: one content item for one learner, from the click to the work. The LMS reads this topic."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from kinetic.contracts import topics
from kinetic.contracts.event import Event
from kinetic.contracts.fields import Share
from kinetic.contracts.ids import AssignmentId, ContentId, GapId, NudgeId, PersonId, TeamId
from kinetic.contracts.notices import NoticeRequested


class Origin(StrEnum):
    """Who wanted it: a manager chose it, or HR mandated it."""

    CHOSEN = "chosen"
    MANDATED = "mandated"


class _AssignmentEvent(Event):
    topic: ClassVar[str] = topics.ASSIGNMENTS

    assignment_id: AssignmentId
    person_id: PersonId
    content_id: ContentId
    team_id: TeamId | None
    nudge_id: NudgeId | None
    gap_id: GapId | None
    assigned_by: PersonId
    origin: Origin
    version: int = Field(description="Counts the changes of this assignment from 1.")
    occurred_at: datetime

    @property
    def key(self) -> str:
        return self.person_id


class AssignmentHeld(_AssignmentEvent):
    """Assigned, and held until the undo window closes."""

    type: ClassVar[str] = "kinetic.assignment.held.v1"

    undo_until: datetime


class AssignmentRequested(_AssignmentEvent):
    """The LMS is asked to enrol the learner. `assignment_id` is the registration to report back."""

    type: ClassVar[str] = "kinetic.assignment.requested.v1"

    lms: str = Field(description="The system that is asked, e.g. `example-lms`.")
    lms_person_id: str
    lms_content_id: str
    directory_version: int


class AssignmentEnrolled(_AssignmentEvent):
    """The LMS has enrolled the learner."""

    type: ClassVar[str] = "kinetic.assignment.enrolled.v1"


class AssignmentStarted(_AssignmentEvent):
    """The learner has begun."""

    type: ClassVar[str] = "kinetic.assignment.started.v1"


class AssignmentCompleted(_AssignmentEvent):
    """The learner has finished. Whether it is applied at work is another question."""

    type: ClassVar[str] = "kinetic.assignment.completed.v1"

    score: Share | None = None


class AssignmentFailed(_AssignmentEvent):
    """The learner did not pass."""

    type: ClassVar[str] = "kinetic.assignment.failed.v1"

    score: Share | None = None


class AssignmentWithdrawn(_AssignmentEvent):
    """Taken back by the manager. An LMS that was already asked removes the enrolment."""

    type: ClassVar[str] = "kinetic.assignment.withdrawn.v1"

    was_requested: bool
    withdrawn_by: PersonId


class RefusalReason(StrEnum):
    """Why an assignment that a manager accepted did not leave."""

    NOT_A_REPORT = "not_a_report"
    INACTIVE = "inactive"
    CONTENT_RETIRED = "content_retired"


class AssignmentRefused(_AssignmentEvent):
    """The check before the request failed: the person has moved or left, or the content is gone."""

    type: ClassVar[str] = "kinetic.assignment.refused.v1"

    reason: RefusalReason


class BlockedReason(StrEnum):
    """What an assignment waits for that Kinetic cannot provide."""

    NO_LMS_ACCOUNT = "no_lms_account"
    NOT_IN_LMS = "not_in_lms"


class AssignmentBlocked(_AssignmentEvent):
    """The learner has no account in the LMS, or the LMS does not offer the content."""

    type: ClassVar[str] = "kinetic.assignment.blocked.v1"

    reason: BlockedReason


class ReinforcementRequested(NoticeRequested):
    """Nobody is still learning what a click assigned: the manager is asked to bring it to the weekly review.

    Told once for each accepted nudge, with the completion that leaves nobody under way.
    """

    type: ClassVar[str] = "kinetic.reinforcement.requested.v1"
    topic: ClassVar[str] = topics.ASSIGNMENTS

    nudge_id: NudgeId
    content_id: ContentId
    completed: int = Field(ge=1, description="How many of them have completed it.")
    assigned: int = Field(ge=1, description="How many people the click assigned it to.")
