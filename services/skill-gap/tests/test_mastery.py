"""Mastery is recomputed from evidence: the order of arrival, repetitions and void records make no difference."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from fsrs import Rating
from hypothesis import given
from hypothesis import strategies as st

from kinetic.contracts.ids import CompetencyKey
from kinetic.contracts.ingestion import LearningVerb, Teaches
from kinetic.skill_gap.domain.evidence import (
    STATEMENTS,
    Kind,
    MasteryEvidence,
    Practice,
    Taught,
    evidence_of,
    practice_of,
)
from kinetic.skill_gap.domain.mastery import EVIDENCE_KEPT, Holding, Mastery, decide_mastery, take_back, weigh
from tests.support.skill_gap import NOW, SKILL
from tests.support.skill_gap_company import AIKO, BEN, COURSE, learned

DAY = timedelta(days=1)
numbers = count(1)


def evidence(
    kind: Kind = Kind.COMPLETED,
    level: float = 4.0,
    days_ago: int = 0,
    score: float | None = None,
    valid_days: int | None = None,
) -> MasteryEvidence:
    at = NOW - days_ago * DAY
    expires_at = None if valid_days is None else at + valid_days * DAY
    return MasteryEvidence(f"e{next(numbers):04d}", kind, level, at, score, expires_at)


def holding(*known: MasteryEvidence) -> Holding:
    held = Holding()
    for one in known:
        held = held.take(one)
    return held


def level(held: Holding, days: int = 0) -> float:
    """What is left of it, so many days from now."""
    mastery = held.mastery(NOW + days * DAY)
    assert mastery is not None
    return mastery.at(NOW + days * DAY)


pieces = st.builds(
    evidence,
    st.sampled_from(Kind),
    st.integers(1, 5).map(float),
    st.integers(0, 1500),
    st.none() | st.floats(0, 1),
    st.none() | st.integers(1, 1500),
)
histories = st.lists(pieces, min_size=1, max_size=EVIDENCE_KEPT)
timeless = pieces.filter(lambda one: one.expires_at is None)


@pytest.mark.parametrize(
    ("kind", "score", "rating"),
    [
        (Kind.FAILED, 0.95, Rating.Again),
        (Kind.PASSED, 0.49, Rating.Again),
        (Kind.PASSED, 0.5, Rating.Hard),
        (Kind.COMPLETED, 0.69, Rating.Hard),
        (Kind.COMPLETED, 0.7, Rating.Good),
        (Kind.COMPLETED, None, Rating.Good),
        (Kind.REINFORCED, None, Rating.Good),
        (Kind.PASSED, 0.9, Rating.Easy),
        (Kind.APPLIED, None, Rating.Easy),
        (Kind.VALIDATED, None, Rating.Easy),
    ],
)
def test_a_score_says_how_well_it_went(kind: Kind, score: float | None, rating: Rating) -> None:
    assert evidence(kind, score=score).rating is rating


def test_a_completion_reaches_the_share_of_the_level_that_its_score_says() -> None:
    assert level(holding(evidence(level=4, score=0.75))) == 3.0


def test_what_was_learned_is_forgotten_until_reinforcement_restores_it() -> None:
    course = evidence(level=4, days_ago=200)
    forgotten = level(holding(course))
    assert forgotten < 3.2
    restored = holding(course, evidence(Kind.REINFORCED, level=4))
    assert level(restored) == 4.0
    assert level(restored, 200) > forgotten


def test_reinforcement_restores_no_more_than_was_reached_and_gives_nothing_to_who_had_nothing() -> None:
    assert level(holding(evidence(level=2, days_ago=90), evidence(Kind.REINFORCED, level=5))) == 2.0
    assert holding(evidence(Kind.REINFORCED)).mastery(NOW) is None


def test_what_is_applied_at_work_is_held_longer_than_what_is_completed() -> None:
    course = evidence(level=3, days_ago=30)
    applied = holding(course, evidence(Kind.APPLIED, level=3))
    assert level(applied, 365) > level(holding(course, evidence(level=3)), 365)


def test_a_course_below_what_is_still_held_says_nothing_new() -> None:
    expert = holding(evidence(level=5, days_ago=10))
    assert expert.take(evidence(level=1)).mastery(NOW) == expert.mastery(NOW)


def test_who_failed_only_is_assessed_and_holds_nothing() -> None:
    assert level(holding(evidence(Kind.FAILED))) == 0.0


def test_failing_above_the_level_that_was_reached_says_nothing() -> None:
    held = holding(evidence(level=2, days_ago=10))
    assert held.take(evidence(Kind.FAILED, level=4)).mastery(NOW) == held.mastery(NOW)
    assert level(held.take(evidence(Kind.FAILED, level=2)), 60) < level(held, 60)


@given(histories, st.integers(1, 5), st.integers(0, 2000))
def test_a_failure_never_raises_what_is_left_at_any_time(
    history: list[MasteryEvidence], failed: int, days: int
) -> None:
    before = holding(*history).mastery(NOW)
    after = weigh(before, evidence(Kind.FAILED, level=float(failed)))
    later = NOW + days * DAY
    assert after is not None
    assert after.at(later) <= (before.at(later) if before else 0.0) + 1e-9


@given(histories, pieces)
def test_learning_takes_nothing_away(history: list[MasteryEvidence], one: MasteryEvidence) -> None:
    before = holding(*history).mastery(NOW)
    after = weigh(before, MasteryEvidence("x", Kind.PASSED, one.level, NOW, one.score))
    assert after is not None
    assert after.at(NOW) >= (before.at(NOW) if before else 0.0)


@given(histories)
def test_mastery_only_falls_while_nothing_happens(history: list[MasteryEvidence]) -> None:
    mastery = holding(*history).mastery(NOW)
    left = [mastery.at(NOW + days * DAY) for days in (0, 1, 30, 400)] if mastery else []
    assert left == sorted(left, reverse=True)


@given(st.data(), histories)
def test_the_order_of_arrival_makes_no_difference(data: st.DataObject, history: list[MasteryEvidence]) -> None:
    assert holding(*data.draw(st.permutations(history))) == holding(*history)


@given(histories, st.integers(0, EVIDENCE_KEPT - 1))
def test_evidence_that_comes_again_changes_nothing(history: list[MasteryEvidence], again: int) -> None:
    held = holding(*history)
    assert held.take(history[again % len(history)]) is held


@given(histories, st.sets(st.integers(0, EVIDENCE_KEPT - 1)))
def test_what_is_taken_back_was_never_there(history: list[MasteryEvidence], void: set[int]) -> None:
    kept = [one for number, one in enumerate(history) if number not in void]
    gone = [one.evidence_id for number, one in enumerate(history) if number in void]
    assert holding(*history).without(gone) == holding(*kept)


@given(st.lists(timeless, min_size=EVIDENCE_KEPT + 1, max_size=4 * EVIDENCE_KEPT))
def test_state_stays_bounded_and_comes_to_what_the_whole_history_does(history: list[MasteryEvidence]) -> None:
    in_time = sorted(history, key=lambda one: (one.at, one.evidence_id))
    whole: Mastery | None = None
    for one in in_time:
        whole = weigh(whole, one)
    bounded = holding(*in_time)
    assert len(bounded.evidence) == EVIDENCE_KEPT
    assert bounded.mastery(NOW) == whole


def test_what_is_older_than_all_that_is_kept_changes_nothing() -> None:
    full = holding(*(evidence(level=3, score=0.9, days_ago=900 - day) for day in range(EVIDENCE_KEPT + 5)))
    assert full.take(evidence(level=5, days_ago=1000)) is full


def test_what_expires_and_is_too_old_to_be_kept_leaves_nothing_behind() -> None:
    certificate = evidence(level=5, days_ago=900, valid_days=2000)
    full = holding(certificate, *(evidence(Kind.FAILED, 1, 800 - day) for day in range(EVIDENCE_KEPT)))
    assert full.start is None
    assert level(full) == 0.0


def test_a_certificate_counts_until_it_expires() -> None:
    certificate = holding(evidence(level=4, valid_days=30))
    assert certificate.expires_at(NOW) == NOW + 30 * DAY
    assert certificate.mastery(NOW + 30 * DAY - timedelta(seconds=1)) is not None
    assert certificate.mastery(NOW + 30 * DAY) is None
    assert certificate.expires_at(NOW + 30 * DAY) is None


def test_when_a_certificate_expires_the_rest_counts_as_if_it_had_never_been() -> None:
    course = evidence(level=2, days_ago=20)
    both = holding(course, evidence(level=4, valid_days=30))
    assert both.mastery(NOW + 30 * DAY) == holding(course).mastery(NOW + 30 * DAY)


@given(histories, st.sampled_from(sorted(STATEMENTS)), st.integers(0, 5))
def test_a_statement_stands_above_all_evidence_before_it(
    history: list[MasteryEvidence], kind: Kind, stated: int
) -> None:
    older = [one for one in history if one.at < NOW]
    assert level(holding(*older, evidence(kind, float(stated)))) == stated


def test_a_statement_fades_and_what_is_learned_after_it_counts() -> None:
    corrected = holding(evidence(level=5, days_ago=100), evidence(Kind.CORRECTED, 2, days_ago=90))
    assert level(corrected) < 2
    assert level(corrected.take(evidence(level=3))) == 3


def test_who_is_corrected_downwards_forgets_faster_than_who_is_upheld() -> None:
    course = evidence(level=4, days_ago=20)
    upheld, lowered = (holding(course, evidence(Kind.VALIDATED, stated)) for stated in (4, 2))
    assert level(upheld, 200) / 4 > level(lowered, 200) / 2


def test_a_record_of_a_learner_becomes_evidence_of_what_the_content_teaches() -> None:
    other = CompetencyKey("code-review")
    taught = Taught((Teaches(competency=SKILL, level=4), Teaches(competency=other, level=2)), valid_for_days=10)
    record = learned(AIKO, LearningVerb.PASSED, NOW - DAY, score=0.5)
    found = dict(evidence_of(practice_of(record), taught))
    assert {competency: one.reached for competency, one in found.items()} == {SKILL: 2.0, other: 1.0}
    assert {one.expires_at for one in found.values()} == {NOW + 9 * DAY}


def test_of_a_competency_that_content_teaches_twice_the_higher_level_counts() -> None:
    taught = Taught((Teaches(competency=SKILL, level=4), Teaches(competency=SKILL, level=2)))
    assert [one.level for _, one in evidence_of(practice_of(learned(AIKO, LearningVerb.PASSED, NOW)), taught)] == [4.0]


def test_a_record_from_the_future_counts_from_when_it_was_told() -> None:
    ahead = replace(learned(AIKO, LearningVerb.PASSED, NOW + 9 * DAY), time=NOW)
    assert practice_of(ahead).at == NOW


def test_a_void_record_is_taken_from_its_own_learner_only() -> None:
    record = learned(AIKO, LearningVerb.PASSED, NOW)
    held = decide_mastery({}, [practice_of(record)], {COURSE: Taught((Teaches(competency=SKILL, level=4),))})
    assert take_back(held, {record.id: BEN}) == {}
    assert take_back(held, {record.id: AIKO}) == {(AIKO, SKILL): Holding()}


def test_reinforcement_and_use_at_work_are_practice_of_what_the_content_teaches() -> None:
    contents = {COURSE: Taught((Teaches(competency=SKILL, level=4),))}
    long_ago = decide_mastery({}, [practice_of(learned(AIKO, LearningVerb.PASSED, NOW - 365 * DAY))], contents)
    for kind in (Kind.REINFORCED, Kind.APPLIED):
        practised = decide_mastery(long_ago, [Practice("p", AIKO, COURSE, kind, NOW)], contents)
        assert level(long_ago[AIKO, SKILL]) < level(practised[AIKO, SKILL]) == 4.0
