"""What the LMS reports back: an assignment only ever moves forward, in whatever order its records arrive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import MappingProxyType

from kinetic.assignment.domain.assignment import OPEN, Assignment, State, Step
from kinetic.common.events import Cause, Emission, Envelope
from kinetic.contracts.assignment import (
    AssignmentCompleted,
    AssignmentEnrolled,
    AssignmentFailed,
    AssignmentStarted,
)
from kinetic.contracts.ids import AssignmentId, ContentId, PersonId
from kinetic.contracts.ingestion import LearningRecorded, LearningVerb

Record = Envelope[LearningRecorded]
Lesson = tuple[PersonId, ContentId]

_REACHES = MappingProxyType(
    {
        LearningVerb.ENROLLED: State.ENROLLED,
        LearningVerb.STARTED: State.STARTED,
        LearningVerb.PROGRESSED: State.STARTED,
        LearningVerb.FAILED: State.FAILED,
        LearningVerb.COMPLETED: State.COMPLETED,
        LearningVerb.PASSED: State.COMPLETED,
    }
)

# A total order makes the outcome independent of the order of arrival. A pass after a failure counts; a failure after
# a pass does not take it away.
_FORWARD = (State.REQUESTED, State.ENROLLED, State.STARTED, State.FAILED, State.COMPLETED)


def decide_progress(assignments: Iterable[Assignment], records: Iterable[Record]) -> Sequence[Step]:
    """The steps that `records` take with `assignments`, in the order of the records. Late and repeated ones take none.

    `assignments` are all of the learners and content items that the records name, whatever their state: a record that
    is registered under one that is over must not count for another.
    """
    known: dict[Lesson, dict[AssignmentId, Assignment]] = {}
    for assignment in assignments:
        known.setdefault((assignment.person_id, assignment.content_id), {})[assignment.assignment_id] = assignment
    steps: list[Step] = []
    for record in records:
        same = known.get((record.data.person_id, record.data.content_id), {})
        for assignment in _meant_by(record.data, same.values()):
            taken = _advance(assignment, record)
            if taken is not None:
                same[assignment.assignment_id] = taken.assignment
                steps.append(taken)
    return steps


def _meant_by(record: LearningRecorded, same: Iterable[Assignment]) -> list[Assignment]:
    """The assignment that the record is registered under, else all those that a completion fulfils."""
    registered = [a for a in same if a.assignment_id == record.registration]
    if registered or _REACHES[record.verb] is not State.COMPLETED:
        return registered
    return [a for a in same if a.requested_at is not None and record.occurred_at >= a.requested_at]


def _advance(assignment: Assignment, record: Record) -> Step | None:
    reached = _REACHES[record.data.verb]
    if assignment.state not in OPEN or _FORWARD.index(reached) <= _FORWARD.index(assignment.state):
        return None
    after = assignment.become(reached)
    # Caused by the record, but a part of the life that the signal began, not of the one that the LMS did.
    cause = Cause(record.id, assignment.cause.correlation_id, assignment.cause.traceparent)
    return Step(after, Emission(_event(after, record.data), cause))


def _event(
    after: Assignment, record: LearningRecorded
) -> AssignmentEnrolled | AssignmentStarted | AssignmentFailed | AssignmentCompleted:
    facts = after.facts(record.occurred_at)
    match after.state:
        case State.ENROLLED:
            return AssignmentEnrolled(**facts)
        case State.STARTED:
            return AssignmentStarted(**facts)
        case State.FAILED:
            return AssignmentFailed(**facts, score=record.score)
        case State.COMPLETED:
            return AssignmentCompleted(**facts, score=record.score)
    raise ValueError(f"the LMS does not report {after.state}")
