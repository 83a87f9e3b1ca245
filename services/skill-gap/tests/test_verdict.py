"""A gap opens, changes, closes, or is ruled out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetic.contracts.event import Event
from kinetic.contracts.skill_gap import (
    Explanation,
    GapChanged,
    GapClosed,
    GapClosedReason,
    GapOpened,
    GapRuledOut,
    GapRuledOutV1,
)
from kinetic.skill_gap.domain.assess import Decision, Picture, decide_after_demands, decide_again
from kinetic.skill_gap.domain.assessment import Assessment, demands_of_signal
from kinetic.skill_gap.domain.coverage import Learner
from tests.support.skill_gap import NOW, RULES, SKILL, TEAM, learners, signal

numbers = count(1)


def fresh_id() -> str:
    return f"0199f000-0000-7000-8000-2{next(numbers):011d}"


def picture(team: Sequence[Learner], *known: Assessment) -> Picture:
    return Picture(RULES, {(a.team_id, a.competency): a for a in known}, {TEAM: team}, {})


def press(team: Sequence[Learner], severities: Sequence[float], *known: Assessment, at: datetime = NOW) -> Decision:
    demands = [demand for severity in severities for demand in demands_of_signal(signal(severity), RULES)]
    return decide_after_demands(picture(team, *known), demands, at, fresh_id)


def told(decision: Decision) -> list[type[Event]]:
    return [type(emission.data) for emission in decision.emissions]


def test_a_gap_opens_when_pressure_is_high_and_coverage_low() -> None:
    decision = press(learners(1.0, None, 3.0), [0.5, 0.6])
    (emission,) = decision.emissions
    opened = emission.data
    assert isinstance(opened, GapOpened)
    assert opened.pressure == pytest.approx(1.1)
    assert opened.coverage == pytest.approx((1 / 3 + 1.0) / 3)
    assert len(opened.person_ids) == 2
    assert opened.goal == "ship-safely"
    assert opened.map_version == 3
    assert len(opened.evidence) == 2


def test_a_gap_tells_its_heaviest_goal_and_the_weight_of_it() -> None:
    (plain,) = RULES.goals
    heavier = plain.model_copy(update={"key": "stay-in-business", "weight": 3.0})
    demands = demands_of_signal(signal(1.0), RULES)
    for goals, expected in (((plain, heavier), ("stay-in-business", 3.0)), ((), (None, 1.0))):
        rules = RULES.model_copy(update={"goals": goals})
        (emission,) = decide_after_demands(
            Picture(rules, {}, {TEAM: learners(None)}, {}), demands, NOW, fresh_id
        ).emissions
        assert isinstance(emission.data, GapOpened)
        assert (emission.data.goal, emission.data.goal_weight) == expected


def test_the_gap_follows_from_the_signal_that_tipped_it() -> None:
    first, second = signal(0.5), signal(0.6)
    demands = [d for s in (first, second) for d in demands_of_signal(s, RULES)]
    (emission,) = decide_after_demands(picture(learners(None)), demands, NOW, fresh_id).emissions
    assert emission.cause == second.cause


def test_an_open_gap_stays_in_the_life_of_the_signal_that_opened_it() -> None:
    opening, later = signal(1.0), signal(1.0)
    demands = [d for s in (opening, later) for d in demands_of_signal(s, RULES)]
    _opened, changed = decide_after_demands(picture(learners(None)), demands, NOW, fresh_id).emissions
    assert isinstance(changed.data, GapChanged)
    assert changed.cause is not None
    assert changed.cause.correlation_id == opening.correlation_id
    assert changed.cause.event_id == later.id


def test_a_gap_stays_shut_while_pressure_is_low() -> None:
    assert told(press(learners(None), [0.5, 0.4])) == []


def test_training_is_ruled_out_when_the_team_already_has_the_skill() -> None:
    decision = press(learners(3.0, 3.0, 2.9), [1.0, 1.0])
    older, emission = decision.emissions
    assert isinstance(emission.data, GapRuledOut)
    assert isinstance(older.data, GapRuledOutV1)
    assert older.data.reason.value == emission.data.reason.value
    assert emission.data.reason is Explanation.ALREADY_COVERED


def test_training_is_ruled_out_when_no_role_requires_the_skill() -> None:
    decision = press([], [1.0])
    older, emission = decision.emissions
    assert isinstance(emission.data, GapRuledOut)
    assert isinstance(older.data, GapRuledOutV1)
    assert older.data.reason.value == emission.data.reason.value
    assert emission.data.reason is Explanation.NOT_REQUIRED


def test_more_of_the_same_tells_nothing_new() -> None:
    (known,) = press(learners(None), [1.0]).assessments
    assert told(press(learners(None), [0.1, 0.1], known)) == []


def test_much_more_pressure_tells_the_newer_evidence() -> None:
    (known,) = press(learners(None), [1.0]).assessments
    decision = press(learners(None), [1.0, 0.5], known)
    assert told(decision) == [GapChanged]
    assert decision.assessments[0].version == 2


def test_gap_closes_when_coverage_reaches_target() -> None:
    (known,) = press(learners(None, 1.0), [1.0]).assessments
    decision = decide_again(picture(learners(3.0, 3.0), known), NOW, fresh_id)
    (emission,) = decision.emissions
    assert isinstance(emission.data, GapClosed)
    assert emission.data.reason is GapClosedReason.COVERED
    assert emission.data.gap_id == known.gap_id


def test_gap_changes_when_one_of_two_has_learned() -> None:
    (known,) = press(learners(None, 1.0), [1.0]).assessments
    assert told(decide_again(picture(learners(3.0, 1.0), known), NOW, fresh_id)) == [GapChanged]


def test_gap_closes_when_the_work_calms_down() -> None:
    (known,) = press(learners(1.0), [1.0]).assessments
    month_later = NOW + timedelta(days=30)
    decision = decide_again(picture(learners(1.0), known), month_later, fresh_id)
    (emission,) = decision.emissions
    assert isinstance(emission.data, GapClosed)
    assert emission.data.reason is GapClosedReason.CALM


def test_a_covered_gap_does_not_flap_between_open_and_closed() -> None:
    (known,) = press(learners(None), [1.0]).assessments
    (closed,) = decide_again(picture(learners(3.0), known), NOW, fresh_id).assessments
    assert told(press(learners(3.0), [0.5, 0.5, 0.5], closed)) == []


@given(st.lists(st.floats(0.0, 1.0), max_size=20), st.lists(st.none() | st.floats(0, 5), max_size=5))
def test_deciding_twice_in_the_same_situation_tells_nothing_twice(
    severities: list[float], levels: list[float | None]
) -> None:
    team = learners(*levels)
    first = press(team, severities)
    assert told(decide_again(picture(team, *first.assessments), NOW, fresh_id)) == []


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=20), st.integers(1, 19))
def test_a_batch_tells_what_its_signals_one_by_one_would(severities: list[float], cut: int) -> None:
    team = learners(None, 3.0)
    whole = press(team, severities)
    first = press(team, severities[:cut])
    second = press(team, severities[cut:], *first.assessments)
    assert told(whole) == told(first) + told(second)


def test_a_rule_for_a_family_of_kinds_takes_its_members_only() -> None:
    assert demands_of_signal(signal(kind="delivery.delayed"), RULES)
    assert not demands_of_signal(signal(kind="delivery"), RULES)
    assert not demands_of_signal(signal(kind="deliveries.failed"), RULES)
    assert demands_of_signal(signal(), RULES)[0].key == (TEAM, SKILL)
