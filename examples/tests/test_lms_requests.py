"""The platform reads the events of `kinetic.assignments` by their contract, and its learners always do the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from examples.lms.learners import path_of
from examples.lms.requests import EnrolmentRequested, EnrolmentWithdrawn, Malformed, read_request
from kinetic.common.events import Emission, headers_of, seal
from kinetic.contracts.assignment import AssignmentRequested, AssignmentStarted, AssignmentWithdrawn, Origin
from kinetic.contracts.event import Event
from kinetic.contracts.ids import AssignmentId, ContentId, PersonId, TeamId

NOW = datetime(2030, 1, 2, tzinfo=UTC)
SUBJECT = {
    "assignment_id": AssignmentId("a-1"),
    "person_id": PersonId("p-1"),
    "content_id": ContentId("c-1"),
    "team_id": TeamId("t-1"),
    "nudge_id": None,
    "gap_id": None,
    "assigned_by": PersonId("p-2"),
    "origin": Origin.CHOSEN,
    "version": 2,
    "occurred_at": NOW,
}
LMS = {"lms": "example-lms", "lms_person_id": "L-1", "lms_content_id": "NW-1", "directory_version": 3}
REQUESTED = AssignmentRequested.model_validate({**SUBJECT, **LMS})


def sent(event: Event) -> tuple[dict[str, str], bytes]:
    return headers_of(seal(Emission(event), "/kinetic/assignment", NOW)), event.model_dump_json().encode()


def withdrawn(*, was_requested: bool) -> AssignmentWithdrawn:
    return AssignmentWithdrawn.model_validate({**SUBJECT, "was_requested": was_requested, "withdrawn_by": "p-2"})


def test_a_request_names_learner_and_course_by_the_ids_of_the_platform() -> None:
    headers, value = sent(REQUESTED)
    assert read_request(headers, value) == EnrolmentRequested(headers["ce_id"], "a-1", "L-1", "NW-1")


def test_a_withdrawal_names_the_assignment() -> None:
    headers, value = sent(withdrawn(was_requested=True))
    assert read_request(headers, value) == EnrolmentWithdrawn(headers["ce_id"], "a-1")


def test_what_does_not_concern_the_platform_is_passed_over() -> None:
    other = REQUESTED.model_copy(update={"lms": "another-lms"})
    for event in (other, withdrawn(was_requested=False), AssignmentStarted.model_validate(SUBJECT)):
        assert read_request(*sent(event)) is None


@pytest.mark.parametrize("value", [None, b"", b"{", b"[]", b"{}", b'{"assignment_id": "a-1"}', b"\xff"])
def test_a_record_that_breaks_the_contract_is_malformed(value: bytes | None) -> None:
    headers, _ = sent(REQUESTED)
    with pytest.raises(Malformed):
        read_request(headers, value)


def test_a_learner_is_enrolled_starts_and_completes_within_the_pace() -> None:
    enrolled, started, completed = path_of("a-1", 2.0)
    assert [step.verb for step in (enrolled, started, completed)] == ["enrolled", "started", "completed"]
    assert 0 == enrolled.after_seconds < started.after_seconds < completed.after_seconds <= 2.0


def test_the_same_assignment_always_goes_the_same_way() -> None:
    assert path_of("a-1", 2.0) == path_of("a-1", 2.0)
    assert len({path_of(f"a-{number}", 2.0) for number in range(10)}) > 1


def test_every_learner_passes_well() -> None:
    scores = [path_of(f"a-{number}", 1.0)[-1].score for number in range(100)]
    assert all(score is not None and 0.8 <= score <= 1 for score in scores)
