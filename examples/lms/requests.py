"""What the platform reads from `kinetic.assignments`: whom to enrol, and whom to release again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SYSTEM: Final = "example-lms"

_REQUESTED: Final = "kinetic.assignment.requested.v1"
_WITHDRAWN: Final = "kinetic.assignment.withdrawn.v1"


class Malformed(ValueError):
    """A record that is not what the contract says. Says what is wrong."""


@dataclass(frozen=True, slots=True)
class EnrolmentRequested:
    """Enrol a learner in a course. Learner and course are named by the platform's own ids."""

    event_id: str
    assignment_id: str
    learner_id: str
    course_id: str


@dataclass(frozen=True, slots=True)
class EnrolmentWithdrawn:
    """The manager took the assignment back."""

    event_id: str
    assignment_id: str


Request = EnrolmentRequested | EnrolmentWithdrawn


def read_request(headers: Mapping[str, str], value: bytes | None) -> Request | None:
    """The request in a record; None when it is not for this platform. Malformed when the contract is broken."""
    event_type = headers.get("ce_type")
    if event_type not in (_REQUESTED, _WITHDRAWN):
        return None
    try:
        content = json.loads(value or b"")
        event_id, assignment_id = headers["ce_id"], str(content["assignment_id"])
        if event_type == _WITHDRAWN:
            return EnrolmentWithdrawn(event_id, assignment_id) if content["was_requested"] else None
        if content["lms"] != SYSTEM:
            return None
        return EnrolmentRequested(
            event_id, assignment_id, str(content["lms_person_id"]), str(content["lms_content_id"])
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed(f"{event_type}: {error!r}") from error
