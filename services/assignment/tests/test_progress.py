"""What the LMS reports: any order, any repetition, one outcome."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetic.assignment.domain.assignment import OPEN, Assignment, State
from kinetic.assignment.domain.progress import decide_progress
from kinetic.common.events import Cause, Envelope, new_id
from kinetic.contracts.assignment import AssignmentCompleted, Origin
from kinetic.contracts.ids import AssignmentId, ContentId, EventId
from kinetic.contracts.ingestion import LearningRecorded, LearningVerb
from services.assignment.tests.company import BEN, COURSE, DANA, record

REQUESTED_AT = datetime(2026, 3, 1, tzinfo=UTC)
FORWARD = ["requested", "enrolled", "started", "failed", "completed"]

verbs = st.lists(st.sampled_from(LearningVerb), max_size=8)


def assignment(state: State = State.REQUESTED) -> Assignment:
    return Assignment(
        assignment_id=AssignmentId(new_id()),
        person_id=BEN,
        content_id=COURSE,
        team_id=None,
        nudge_id=None,
        gap_id=None,
        assigned_by=DANA,
        origin=Origin.CHOSEN,
        undo_until=REQUESTED_AT,
        cause=Cause(EventId("event"), EventId("signal")),
        state=state,
        requested_at=REQUESTED_AT,
    )


def path(known: Assignment, records: list[Envelope[LearningRecorded]]) -> list[Assignment]:
    return [known, *(step.assignment for step in decide_progress([known], records))]


@given(verbs, st.randoms(use_true_random=False))
def test_any_order_and_repetition_of_records_ends_in_the_same_state(reported: list[LearningVerb], dice: Random) -> None:
    known = assignment()
    shuffled = [*reported, *reported[: len(reported) // 2]]
    dice.shuffle(shuffled)
    in_order = path(known, [record(verb, known.assignment_id) for verb in reported])[-1]
    in_disorder = path(known, [record(verb, known.assignment_id) for verb in shuffled])[-1]
    assert in_disorder.state is in_order.state


@given(verbs)
def test_an_assignment_never_goes_back(reported: list[LearningVerb]) -> None:
    known = assignment()
    stages = path(known, [record(verb, known.assignment_id) for verb in reported])
    places = [FORWARD.index(stage.state) for stage in stages]
    assert places == sorted(set(places))
    assert [stage.version for stage in stages] == list(range(1, len(stages) + 1))


@given(verbs, verbs)
def test_a_batch_takes_the_same_steps_as_its_records_one_by_one(
    first: list[LearningVerb], then: list[LearningVerb]
) -> None:
    known = assignment()
    records = [record(verb, known.assignment_id) for verb in [*first, *then]]
    halfway = path(known, records[: len(first)])
    assert path(known, records) == [*halfway, *path(halfway[-1], records[len(first) :])[1:]]


@pytest.mark.parametrize("over", sorted(set(State) - OPEN))
def test_records_leave_an_assignment_alone_that_is_not_open(over: State) -> None:
    known = assignment(over)
    assert decide_progress([known], [record(LearningVerb.COMPLETED, known.assignment_id)]) == []


def test_completion_older_than_request_does_not_count() -> None:
    known = assignment()
    older = record(LearningVerb.COMPLETED, occurred_at=REQUESTED_AT - timedelta(seconds=1))
    newer = record(LearningVerb.COMPLETED, occurred_at=REQUESTED_AT)
    assert decide_progress([known], [older]) == []
    assert path(known, [older, newer])[-1].state is State.COMPLETED


def test_an_older_completion_counts_when_it_is_registered_under_the_assignment() -> None:
    known = assignment()
    older = record(LearningVerb.PASSED, known.assignment_id, occurred_at=REQUESTED_AT - timedelta(days=1))
    assert path(known, [older])[-1].state is State.COMPLETED


def test_only_a_completion_counts_without_registration() -> None:
    known = assignment()
    others = [record(verb) for verb in LearningVerb if verb not in (LearningVerb.COMPLETED, LearningVerb.PASSED)]
    assert decide_progress([known], others) == []


def test_a_repeated_completion_of_one_assignment_does_not_complete_another() -> None:
    one, other = assignment(), assignment()
    completion = record(LearningVerb.COMPLETED, one.assignment_id)
    (first,) = decide_progress([one, other], [completion])
    assert first.assignment.assignment_id == one.assignment_id
    assert decide_progress([first.assignment, other], [completion]) == []


def test_a_registration_does_not_reach_another_learner_or_content() -> None:
    known = assignment()
    foreign = record(LearningVerb.COMPLETED, known.assignment_id, person_id=DANA)
    assert decide_progress([known], [foreign]) == []
    elsewhere = replace(known, content_id=ContentId(new_id()))
    assert decide_progress([elsewhere], [record(LearningVerb.COMPLETED, known.assignment_id)]) == []


def test_a_step_is_caused_by_the_record_and_belongs_to_the_life_of_the_signal() -> None:
    known = assignment()
    completion = record(LearningVerb.COMPLETED, known.assignment_id)
    (step,) = decide_progress([known], [completion])
    assert step.emission.cause == Cause(completion.id, EventId("signal"))
    assert isinstance(step.emission.data, AssignmentCompleted)
    assert step.emission.data.score == 0.9
