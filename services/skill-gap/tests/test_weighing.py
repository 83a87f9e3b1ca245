"""How surely the work goes worse, and whether a missing skill is what explains it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kinetic.contracts.skill_gap import (
    Explanation,
    GapClosed,
    GapClosedReason,
    GapOpened,
    GapRuledOut,
)
from kinetic.skill_gap.domain.circumstances import UNKNOWN, Circumstances, Crowd, Staff, most_changed
from kinetic.skill_gap.domain.days import day_of
from kinetic.skill_gap.domain.peers import others_of
from kinetic.skill_gap.domain.surge import nothing_seen
from kinetic.skill_gap.domain.track import Track
from kinetic.skill_gap.domain.weighing import ALONE, read_numbers, weigh
from tests.support.skill_gap import NOW, SKILL, learners
from tests.support.skill_gap_slips import (
    CAUSE,
    FAILURES,
    MAP,
    OTHER,
    OTHERS,
    among,
    decide,
    slip,
    surging,
    told,
    track,
    weighed,
)


def test_a_kpi_that_has_surely_slipped_opens_a_gap() -> None:
    opened = told(decide(OTHERS, turn=slip(2.0)))
    assert isinstance(opened, GapOpened)
    assert opened.grounds is not None
    assert opened.grounds.kpi == FAILURES
    assert opened.grounds.kpi_score > 4.5
    assert opened.grounds.kpi_shift == pytest.approx(2.0, abs=0.2)
    assert opened.evidence[-1].kind == f"kpi.{FAILURES}"


def test_a_gap_that_a_kpi_opened_follows_from_its_measurement() -> None:
    (emission,) = decide(OTHERS, turn=slip(2.0)).emissions
    assert emission.cause == CAUSE


def test_a_kpi_that_may_have_slipped_opens_none() -> None:
    assert decide(OTHERS, turn=slip(1.6, days=5)).emissions == ()


def test_a_kpi_that_may_have_slipped_and_twice_as_many_signals_open_one() -> None:
    assert decide(OTHERS, turn=slip(2.0, days=5)).emissions == ()
    assert isinstance(told(decide(OTHERS, surging(days=14), turn=slip(2.0, days=5))), GapOpened)


def test_a_kpi_that_slips_without_more_signals_is_less_sure_than_where_nobody_sends_any() -> None:
    slipping = replace(OTHERS, slips={FAILURES: slip(1.8, days=8)})
    numbers = read_numbers(SKILL, slipping, MAP, day_of(NOW))
    silent, usual = nothing_seen(day_of(NOW)), surging(per_day=0.5).surge
    assert weigh(SKILL, silent, numbers, slipping, day_of(NOW)).surge == 0.0
    assert -1.1 < weigh(SKILL, usual, numbers, slipping, day_of(NOW)).surge < 0.0


def test_signals_count_from_the_day_on_which_the_kpi_began_to_slip() -> None:
    slipping = replace(OTHERS, slips={FAILURES: slip(2.0, days=8)})
    numbers = read_numbers(SKILL, slipping, MAP, day_of(NOW))
    before = surging(days=26).surge
    ended = before.usual, {day: weight for day, weight in before.days.items() if day < day_of(NOW) - 10}
    over = replace(before, usual=ended[0], days=ended[1])
    assert weigh(SKILL, before, numbers, slipping, day_of(NOW)).surge > 1.0
    assert weigh(SKILL, over, numbers, slipping, day_of(NOW)).surge < 0.0


def test_more_signals_alone_open_a_gap_where_no_kpi_is_measured() -> None:
    assert isinstance(told(decide(UNKNOWN, surging(per_day=1.5))), GapOpened)


def test_they_open_one_too_where_nobody_was_ever_assessed() -> None:
    assert isinstance(told(decide(UNKNOWN, surging(per_day=1.5), learners(None, None))), GapOpened)


def test_signals_alone_say_less_than_those_that_a_kpi_could_confirm() -> None:
    alone = weighed(UNKNOWN).surge
    assert alone == ALONE * surging().surge.score(day_of(NOW))


def test_more_signals_open_none_while_the_kpi_that_should_move_does_not() -> None:
    around = Circumstances(slips={FAILURES: slip(0.0)})
    assert weighed(around).surge <= 0.0
    assert decide(around, surging()).emissions == ()


def test_the_more_a_team_holds_the_more_it_takes() -> None:
    assert isinstance(told(decide(OTHERS, team=learners(1.0, 1.0), turn=slip(1.8, days=12))), GapOpened)
    assert decide(OTHERS, team=learners(2.25, 2.25), turn=slip(1.8, days=12)).emissions == ()


def test_no_kpi_alone_opens_a_gap_where_nearly_all_hold_the_skill() -> None:
    assert decide(OTHERS, team=learners(2.3, 2.3), turn=slip(3.0, days=35)).emissions == ()


CALM, BAD = track(0.0), track(2.0)


@pytest.mark.parametrize(
    ("around", "explanation"),
    [
        (among(CALM, BAD, BAD, CALM, CALM), Explanation.TOOLING),
        (among(CALM, CALM, CALM, slips={OTHER: slip(2.0, OTHER)}), Explanation.STAFFING),
        (among(CALM, CALM, staff=Staff(now=6, before=8, stayed=6)), Explanation.STAFFING),
        (among(CALM, CALM, staff=Staff(now=14, before=8, stayed=8)), Explanation.TOO_FEW_DATA),
    ],
)
def test_what_explains_it_better_rules_training_out(around: Circumstances, explanation: Explanation) -> None:
    ruled_out = told(decide(around, turn=slip(2.2)))
    assert isinstance(ruled_out, GapRuledOut)
    assert ruled_out.reason is explanation


def test_the_other_numbers_say_the_same_whether_or_not_their_teams_are_at_hand() -> None:
    """A batch that decides more than one competency has more other teams at hand, and decides each as it would alone."""
    swinging = Track(tuple((day, 2.0 * (at // 4 % 2)) for at, (day, _) in enumerate(CALM.scores)), 60)
    alone = among(CALM, CALM, slips={FAILURES: slip(2.0), OTHER: slip(1.0, OTHER)})
    more = replace(alone, by_kpi={**alone.by_kpi, OTHER: Crowd(8, 0, others_of([swinging] * 8))})
    assert weighed(alone).numbers.kpis_share == weighed(more).numbers.kpis_share


def test_what_all_teams_share_opens_nothing() -> None:
    assert decide(among(BAD, BAD, BAD), turn=slip(2.0)).emissions == ()


@pytest.mark.parametrize(
    "around",
    [
        among(CALM, CALM, CALM, BAD),
        among(CALM, CALM, CALM, track(2.0, days=40)),
        among(CALM, CALM, CALM, slips={OTHER: slip(0.0, OTHER)}),
        among(CALM, CALM, CALM, staff=Staff(now=8, before=8, stayed=7)),
        among(CALM, CALM, CALM, staff=Staff(now=8)),
    ],
)
def test_little_of_it_explains_nothing(around: Circumstances) -> None:
    assert isinstance(told(decide(around, turn=slip(2.2))), GapOpened)


def test_of_several_days_before_the_one_counts_since_which_the_most_has_changed() -> None:
    recent, long_ago, unknown = Staff(8, 8, 8), Staff(8, 10, 6), Staff(8, 0, 0)
    assert most_changed([recent, long_ago]) == long_ago
    assert most_changed([long_ago, unknown]) == long_ago


def test_many_times_the_usual_amount_within_days_is_a_wave() -> None:
    today, surge = day_of(NOW), nothing_seen(day_of(NOW) - 120)
    for day in range(today - 120, today - 20):
        surge = surge.add(0.01, day, day)
    for day in range(today - 10, today + 1):
        surge = surge.add(4.0, day, day)
    wave = replace(surging(), surge=surge)
    ruled_out = told(decide(UNKNOWN, wave))
    assert isinstance(ruled_out, GapRuledOut)
    assert ruled_out.reason is Explanation.INCIDENT_WAVE


def test_a_wave_explains_no_slip_that_began_long_before_it() -> None:
    stormy = surging().surge.add(9.0, day_of(NOW) - 3, day_of(NOW))
    assert stormy.is_storm(day_of(NOW))
    for days, is_wave in ((8, True), (20, False)):
        slipping = replace(OTHERS, slips={FAILURES: slip(2.0, days=days)})
        numbers = read_numbers(SKILL, slipping, MAP, day_of(NOW))
        assert weigh(SKILL, stormy, numbers, slipping, day_of(NOW)).is_wave is is_wave


def test_where_nobody_knows_what_is_usual_that_is_said_once() -> None:
    fresh = replace(surging(), surge=nothing_seen(day_of(NOW)).add(3.0, day_of(NOW), day_of(NOW)))
    decision = decide(UNKNOWN, fresh)
    ruled_out = told(decision)
    assert isinstance(ruled_out, GapRuledOut)
    assert ruled_out.reason is Explanation.TOO_FEW_DATA
    assert decide(UNKNOWN, decision.assessments[0]).emissions == ()


def test_a_gap_closes_when_the_kpi_is_back() -> None:
    (opened,) = decide(OTHERS, turn=slip(2.0)).assessments
    closed = told(decide(OTHERS, opened, turn=slip(0.0)))
    assert isinstance(closed, GapClosed)
    assert closed.reason is GapClosedReason.CALM


def test_a_gap_does_not_flap_while_the_kpi_wavers() -> None:
    (opened,) = decide(OTHERS, turn=slip(2.0)).assessments
    for size in (1.5, 1.3, 1.8, 1.2):
        assert decide(OTHERS, opened, turn=slip(size)).emissions == ()


def test_a_kpi_that_nothing_links_to_the_competency_says_nothing_about_it() -> None:
    assert decide(OTHERS, turn=slip(3.0, OTHER)).emissions == ()


def test_a_gap_closes_when_nobody_measures_the_kpi_any_more() -> None:
    (opened,) = decide(UNKNOWN, turn=slip(9.0)).assessments
    around = Circumstances(slips={FAILURES: slip(9.0)})
    assert decide(around, opened, at=NOW + timedelta(days=60)).emissions == ()
    assert isinstance(told(decide(around, opened, at=NOW + timedelta(days=70))), GapClosed)


@given(
    size=st.floats(-1.0, 3.0),
    days=st.integers(3, 40),
    surge_days=st.integers(1, 28),
    per_day=st.floats(0.0, 9.0),
    has_others=st.booleans(),
)
@example(size=1.2, days=12, surge_days=12, per_day=9.0, has_others=True)
def test_no_signals_reach_beyond_the_ceiling_of_the_numbers(
    size: float, days: int, surge_days: int, per_day: float, has_others: bool
) -> None:
    around = replace(OTHERS if has_others else UNKNOWN, slips={FAILURES: slip(size, days=days)})
    read = read_numbers(SKILL, around, MAP, day_of(NOW))
    assert weigh(SKILL, surging(surge_days, per_day).surge, read, around, day_of(NOW)).score <= read.ceiling + 1e-9


def test_signals_may_reach_what_the_numbers_alone_do_not() -> None:
    around = replace(OTHERS, slips={FAILURES: slip(1.2, days=12)})
    read = read_numbers(SKILL, around, MAP, day_of(NOW))
    assert weigh(SKILL, surging(12, 1.5).surge, read, around, day_of(NOW)).score > read.departure.score + 2.0
