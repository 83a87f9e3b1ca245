"""Counts follow from outcomes, whatever the order and repetition of events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from kinetic.common.events import new_id
from kinetic.contracts.assignment import (
    AssignmentCompleted,
    AssignmentRefused,
    AssignmentRequested,
    AssignmentWithdrawn,
)
from kinetic.contracts.ids import AssignmentId, NudgeId
from kinetic.contracts.recommendation import NudgeAccepted, NudgeComposed, NudgeDismissed, NudgeExpired, NudgeWithdrawn
from kinetic.feedback.domain.appraisal import Appraisal, Change, decide_appraisals
from kinetic.feedback.domain.assignments import AssignmentEvent, AssignmentState, note_assignment
from kinetic.feedback.domain.nudges import NudgeEvent, NudgeState, note_nudge
from kinetic.feedback.domain.outcomes import decide_assignments, decide_nudges
from kinetic.feedback.domain.tally import NOTHING, Tally
from services.feedback.tests.loop import COURSE, START, assignment, envelope, nudge

NUDGES = [NudgeId(new_id()) for _ in range(3)]
ASSIGNMENTS = [AssignmentId(new_id()) for _ in range(3)]

lives = st.lists(st.lists(st.sampled_from(get_args(NudgeEvent)), max_size=4), min_size=3, max_size=3)
careers = st.lists(st.lists(st.sampled_from(get_args(AssignmentEvent)), max_size=5), min_size=3, max_size=3)
dice = st.randoms(use_true_random=False)


def in_disorder(events: Sequence[Any], random: Random) -> list[Any]:
    shuffled = [*events, *random.sample(events, len(events) // 2)]
    random.shuffle(shuffled)
    return shuffled


def total(changes: Sequence[Change]) -> Tally:
    return sum((change.by for change in changes), NOTHING)


@given(lives, dice)
def test_nudges_count_the_same_in_any_order(told: list[list[type[NudgeEvent]]], random: Random) -> None:
    events = [nudge(kind, v, NUDGES[i]) for i, life in enumerate(told) for v, kind in enumerate(life, start=1)]
    noted = decide_nudges({}, map(envelope, in_disorder(events, random)))
    last = [life[-1] for life in told if life]
    assert total(noted.changes) == Tally(
        nudges_accepted=last.count(NudgeAccepted),
        nudges_dismissed=last.count(NudgeDismissed),
        nudges_expired=last.count(NudgeExpired),
    )
    again = decide_nudges({o.nudge_id: o for o in noted.outcomes}, map(envelope, events))
    assert (set(again.outcomes), total(again.changes)) == (set(noted.outcomes), NOTHING)


@given(careers, dice)
def test_assignments_count_the_same_in_any_order(told: list[list[type[AssignmentEvent]]], random: Random) -> None:
    events = [
        assignment(kind, v, ASSIGNMENTS[i]) for i, life in enumerate(told) for v, kind in enumerate(life, start=1)
    ]
    noted = decide_assignments({}, map(envelope, in_disorder(events, random)))
    in_order = decide_assignments({}, map(envelope, events))
    assert set(noted.outcomes) == set(in_order.outcomes)
    assert total(noted.changes) == sum((outcome.tally for outcome in in_order.outcomes), NOTHING)


@given(lives, st.integers(min_value=0, max_value=12))
def test_it_does_not_matter_where_a_batch_ends(told: list[list[type[NudgeEvent]]], cut: int) -> None:
    events = [envelope(nudge(k, v, NUDGES[i])) for i, life in enumerate(told) for v, k in enumerate(life, start=1)]
    whole = decide_nudges({}, events)
    first = decide_nudges({}, events[:cut])
    rest = decide_nudges({o.nudge_id: o for o in first.outcomes}, events[cut:])
    assert set(rest.outcomes) == set(whole.outcomes)
    assert total([*first.changes, *rest.changes]) == total(whole.changes)


def test_an_old_version_never_replaces_a_newer_one() -> None:
    newer = note_nudge(None, nudge(NudgeAccepted, 3, NUDGES[0]))
    older = note_nudge(newer, nudge(NudgeExpired, 2, NUDGES[0]))
    assert (older.state, older.version) == (NudgeState.ACCEPTED, 3)


def test_a_beginning_that_arrives_late_is_still_known() -> None:
    accepted = note_nudge(None, nudge(NudgeAccepted, 3, NUDGES[0]))
    whole = note_nudge(accepted, nudge(NudgeComposed, 1, NUDGES[0]))
    assert whole.composed_at is not None
    assert whole.ended_at is not None
    assert (whole.ended_at - whole.composed_at).total_seconds() == 120
    assert whole.composed_at > START


def test_a_nudge_that_was_taken_back_says_nothing_about_its_content() -> None:
    assert note_nudge(None, nudge(NudgeWithdrawn, 2, NUDGES[0])).tally == NOTHING


def test_what_was_requested_stays_counted_when_it_is_withdrawn() -> None:
    requested = note_assignment(None, assignment(AssignmentRequested, 2, ASSIGNMENTS[0]))
    withdrawn = note_assignment(requested, assignment(AssignmentWithdrawn, 3, ASSIGNMENTS[0]))
    assert (withdrawn.state, withdrawn.tally) == (AssignmentState.WITHDRAWN, Tally(assignments_requested=1))


def test_what_never_left_is_not_counted() -> None:
    undone = note_assignment(None, assignment(AssignmentWithdrawn, 2, ASSIGNMENTS[0], was_requested=False))
    refused = note_assignment(None, assignment(AssignmentRefused, 2, ASSIGNMENTS[1]))
    assert undone.tally == refused.tally == NOTHING


def test_a_completion_proves_the_request_that_was_not_read() -> None:
    completed = note_assignment(None, assignment(AssignmentCompleted, 3, ASSIGNMENTS[0]))
    assert completed.tally == Tally(assignments_requested=1, assignments_completed=1)


def test_content_is_appraised_once_per_batch_and_only_when_a_count_changes() -> None:
    known: Mapping[Any, Appraisal] = {COURSE: Appraisal(COURSE, Tally(nudges_expired=1), 4)}
    events = [envelope(nudge(NudgeAccepted, 2, one)) for one in NUDGES]
    appraised = decide_appraisals(known, decide_nudges({}, events).changes, START)
    assert appraised.appraisals == (Appraisal(COURSE, Tally(nudges_accepted=3, nudges_expired=1), 5),)
    assert [emission.cause for emission in appraised.emissions] == [events[-1].cause]

    composed = decide_nudges({}, [envelope(nudge(NudgeComposed, 1, NUDGES[0]))])
    assert decide_appraisals(known, composed.changes, START).emissions == ()
