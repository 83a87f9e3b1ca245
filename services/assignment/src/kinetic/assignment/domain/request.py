"""The undo window is over: may the assignment leave for the LMS, must it be refused, or does it lack an account?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime

from kinetic.assignment.domain.assignment import Assignment, State, Step, step
from kinetic.contracts.assignment import (
    AssignmentBlocked,
    AssignmentRefused,
    AssignmentRequested,
    BlockedReason,
    RefusalReason,
)
from kinetic.contracts.ids import ContentId, PersonId


@dataclass(frozen=True, slots=True)
class Learner:
    """A person as the request needs them: `lms_id` is None without an account in the LMS."""

    is_active: bool
    lms_id: str | None


@dataclass(frozen=True, slots=True)
class Content:
    """A content item as the request needs it: `lms_id` is None when the LMS does not offer it."""

    is_retired: bool
    lms_id: str | None


@dataclass(frozen=True, slots=True)
class Picture:
    """What requests rest on. `reports` names for each manager everybody who reports to them now, transitively."""

    lms: str
    directory_version: int
    learners: Mapping[PersonId, Learner]
    contents: Mapping[ContentId, Content]
    reports: Mapping[PersonId, Set[PersonId]]


def decide_requests(due: Iterable[Assignment], picture: Picture, now: datetime) -> Sequence[Step]:
    """The steps of those assignments that take one. One that is blocked as before takes none."""
    steps = (_decide_request(assignment, picture, now) for assignment in due)
    return [taken for taken in steps if taken is not None]


def _decide_request(assignment: Assignment, picture: Picture, now: datetime) -> Step | None:
    learner = picture.learners.get(assignment.person_id)
    content = picture.contents.get(assignment.content_id)
    if learner is None or not learner.is_active:
        return _refuse(assignment, RefusalReason.INACTIVE, now)
    if assignment.person_id not in picture.reports.get(assignment.assigned_by, frozenset()):
        return _refuse(assignment, RefusalReason.NOT_A_REPORT, now)
    if content is None or content.is_retired:
        return _refuse(assignment, RefusalReason.CONTENT_RETIRED, now)
    if learner.lms_id is None:
        return _block(assignment, BlockedReason.NO_LMS_ACCOUNT, now)
    if content.lms_id is None:
        return _block(assignment, BlockedReason.NOT_IN_LMS, now)
    requested = replace(assignment.become(State.REQUESTED), requested_at=now)
    event = AssignmentRequested(
        **requested.facts(now),
        lms=picture.lms,
        lms_person_id=learner.lms_id,
        lms_content_id=content.lms_id,
        directory_version=picture.directory_version,
    )
    return step(requested, event)


def _refuse(assignment: Assignment, reason: RefusalReason, now: datetime) -> Step:
    refused = assignment.become(State.REFUSED, reason)
    return step(refused, AssignmentRefused(**refused.facts(now), reason=reason))


def _block(assignment: Assignment, reason: BlockedReason, now: datetime) -> Step | None:
    if assignment.state is State.BLOCKED and assignment.reason is reason:
        return None
    blocked = assignment.become(State.BLOCKED, reason)
    return step(blocked, AssignmentBlocked(**blocked.facts(now), reason=reason))
