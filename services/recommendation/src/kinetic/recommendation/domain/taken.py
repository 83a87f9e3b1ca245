"""Who has done a content item, or has it assigned: it is not suggested to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kinetic.common.events import Envelope
from kinetic.contracts.assignment import (
    AssignmentBlocked,
    AssignmentCompleted,
    AssignmentFailed,
    AssignmentHeld,
    AssignmentRefused,
    AssignmentRequested,
    AssignmentWithdrawn,
)
from kinetic.contracts.ids import AssignmentId, ContentId, EventId, PersonId
from kinetic.contracts.ingestion import LearningRecorded, LearningVerb, LearningVoided

AssignmentTold = (
    AssignmentBlocked
    | AssignmentCompleted
    | AssignmentFailed
    | AssignmentHeld
    | AssignmentRefused
    | AssignmentRequested
    | AssignmentWithdrawn
)
Learning = LearningRecorded | LearningVoided

_DONE: Final = frozenset({LearningVerb.COMPLETED, LearningVerb.PASSED})


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether an assignment or a learning record stands, as of a version of it. What takes back a record names no content."""

    taken_id: AssignmentId | EventId
    person_id: PersonId
    content_id: ContentId | None
    stands: bool
    version: int
    at: datetime


def taken_by_assignment(events: Iterable[AssignmentTold]) -> list[Taken]:
    """Assignments in the order in which they were told. Refused, withdrawn or failed, somebody may be asked again."""
    return [
        Taken(
            taken_id=event.assignment_id,
            person_id=event.person_id,
            content_id=event.content_id,
            stands=not isinstance(event, AssignmentFailed | AssignmentRefused | AssignmentWithdrawn),
            version=event.version,
            at=event.occurred_at,
        )
        for event in events
    ]


def taken_by_learning(events: Iterable[Envelope[Learning]]) -> list[Taken]:
    """Completed and passed items in the order in which they were told, and those that were taken back."""
    found: list[Taken] = []
    for event in events:
        learning = event.data
        if isinstance(learning, LearningVoided):
            found.append(
                Taken(learning.voided_event_id, learning.person_id, None, stands=False, version=2, at=event.time)
            )
        elif learning.verb in _DONE:
            found.append(
                Taken(
                    event.id, learning.person_id, learning.content_id, stands=True, version=1, at=learning.occurred_at
                )
            )
    return found
