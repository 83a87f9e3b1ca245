"""Whom a click assigned and who was left out after all: the check before the request, or a missing account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kinetic.contracts.assignment import AssignmentBlocked, AssignmentRefused, BlockedReason, RefusalReason
from kinetic.contracts.ids import AssignmentId, NudgeId, PersonId
from kinetic.recommendation.domain.taken import AssignmentTold

Reason = RefusalReason | BlockedReason


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether somebody is left out, as of a version of their assignment. `reason` is None when they are not."""

    assignment_id: AssignmentId
    nudge_id: NudgeId
    person_id: PersonId
    reason: Reason | None
    version: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody who was assigned by a click, and was left out."""

    person_id: PersonId
    reason: Reason

    @classmethod
    def of(cls, person_id: PersonId, reason: str) -> LeftOut:
        """From its stored form."""
        return cls(person_id, RefusalReason(reason) if reason in set(RefusalReason) else BlockedReason(reason))


def standings(events: Iterable[AssignmentTold]) -> list[Standing]:
    """Where the assignments that nudges led to stand, in the order in which they were told."""
    return [
        Standing(
            assignment_id=event.assignment_id,
            nudge_id=event.nudge_id,
            person_id=event.person_id,
            reason=event.reason if isinstance(event, AssignmentBlocked | AssignmentRefused) else None,
            version=event.version,
        )
        for event in events
        if event.nudge_id is not None
    ]
