"""What each figure counts, on cases made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from tools.simulation.judging import play
from tools.simulator.attention import Breach, Watch
from tools.simulator.calendar import working_day, working_days_before
from tools.simulator.directory import Directory
from tools.simulator.figures import figures, median
from tools.simulator.policy import Company, Day, Moves, Nudge, Pair
from tools.simulator.records import Answer
from tools.simulator.run import Run
from tools.simulator.tally import add
from tools.simulator.truth import Cause, Truth
from tools.simulator.world import make_world
from tools.tests.small_company import (
    COMPANY,
    DAYS,
    ELSEWHERE,
    LACK,
    PAIR,
    START,
    WEAK_LACK,
    closes,
    judged,
    nudges,
    opens,
    rules_out,
)


def at(day: int, hour: int = 17) -> datetime:
    return datetime(2024, 1, 1, hour, tzinfo=UTC) + timedelta(days=day)


def test_a_gap_opened_during_a_lack_is_true_and_its_delay_is_counted_in_working_days() -> None:
    found = judged({77: opens(PAIR)}, LACK)

    assert (found["precision"], found["recall"]) == (1.0, 1.0)
    assert found["strong_delay_median"] == 5.0


def test_a_gap_opened_before_the_lack_is_false_though_the_lack_counts_as_known() -> None:
    found = judged({60: opens(PAIR)}, LACK)

    assert (found["precision"], found["recall"], found["episodes_already_open"]) == (0.0, 1.0, 1)
    assert found["strong_episodes"] == 0, "what was open before was not detected, late or early"


def test_a_gap_that_was_closed_before_the_lack_began_does_not_count_as_known() -> None:
    assert judged({60: opens(PAIR), 65: closes(PAIR)}, LACK)["recall"] == 0.0


@pytest.mark.parametrize(("day", "precision"), [(139 + 14, 1.0), (139 + 15, 0.0)])
def test_a_gap_opened_up_to_two_weeks_after_the_lack_is_true(day: int, precision: float) -> None:
    assert judged({day: opens(PAIR)}, LACK)["precision"] == precision


def test_a_gap_about_another_team_is_false() -> None:
    found = judged({77: opens(ELSEWHERE)}, LACK)

    assert (found["precision"], found["recall"]) == (0.0, 0.0)
    assert found["opened_false_by_cause"] == {"nothing": 1}


def test_opening_again_within_one_lack_counts_neither_for_nor_against() -> None:
    found = judged({77: opens(PAIR), 80: closes(PAIR), 90: opens(PAIR), 91: opens(PAIR)}, LACK)

    assert (found["precision"], found["opened"], found["opened_repeated"]) == (1.0, 2, 1)


def test_every_false_opening_counts() -> None:
    script = {day: opens(ELSEWHERE) if day % 2 else closes(ELSEWHERE) for day in range(71, 81)}

    assert judged(script, LACK)["opened_false"] == 5


def test_what_is_never_found_has_an_infinite_delay() -> None:
    found = judged({}, LACK)

    assert (found["recall"], found["precision"]) == (0.0, None)
    assert (found["strong_delay_median"], found["strong_delay_median_of_found"]) == (None, None)


def test_the_undetected_count_in_the_median() -> None:
    assert median([3, None, 5]) == 5.0
    assert median([3, 4, None]) == 4.0
    assert median([3, None, None]) is None
    assert median([3, None]) is None
    assert median([]) is None


def test_a_small_shift_with_signals_has_a_median_of_its_own() -> None:
    found = judged({70: opens(PAIR)}, WEAK_LACK)

    assert (found["strong_episodes"], found["one_sigma_corroborated_episodes"]) == (0, 1)
    assert found["one_sigma_corroborated_delay_median"] == 0.0
    assert judged({}, replace(WEAK_LACK, corroborated=False))["one_sigma_corroborated_episodes"] == 0


def test_a_delay_counts_from_the_day_on_which_half_of_a_ramp_is_there() -> None:
    ramped = replace(LACK, ramp=10)

    assert judged({84: opens(PAIR)}, ramped)["strong_delay_median"] == 5.0
    assert judged({71: opens(PAIR)}, ramped)["strong_delay_median"] == 0.0


@pytest.mark.parametrize(
    ("episode", "excluded"),
    [
        (replace(LACK, first=55), "excluded_history"),
        (replace(LACK, last=LACK.first + 24), "excluded_short"),
        (replace(LACK, first=DAYS - 20, last=DAYS - 1), "excluded_short"),
        (replace(LACK, kpis=()), "excluded_unseen"),
    ],
)
def test_what_nobody_could_see_is_left_out_of_recall_and_counted(episode: object, excluded: str) -> None:
    found = judged({}, episode)  # type: ignore[arg-type]

    assert (found["episodes_counted"], found["episodes_excluded"]) == (0, {excluded: 1})


def test_a_lack_of_twenty_working_days_after_eight_weeks_counts() -> None:
    assert judged({}, replace(LACK, first=56, last=56 + 25))["episodes_counted"] == 1


def test_a_case_is_rightly_ruled_out_only_when_no_skill_is_missing() -> None:
    staffing = replace(LACK, cause=Cause.STAFFING, team_id="blue")
    found = judged({80: rules_out(PAIR), 81: rules_out(ELSEWHERE), 150: rules_out(PAIR)}, LACK, staffing)

    assert (found["ruled_out"], found["ruled_out_truly_not_skill"]) == (3, 0.6667)
    assert found["ruled_out_by_cause_and_reason"] == {
        "nothing as staffing": 1,
        "skill as staffing": 1,
        "staffing as staffing": 1,
    }
    assert found["other_causes"] == {"staffing ruled out": 1}


def test_a_ruling_that_says_it_is_too_early_to_tell_explains_nothing() -> None:
    early, right, wrong = rules_out(PAIR, "too_few_data"), rules_out(ELSEWHERE), rules_out(PAIR)
    found = judged({10: early, 81: right, 90: wrong}, LACK)

    assert (found["ruled_out"], found["ruled_out_truly_not_skill"]) == (3, 0.6667)
    assert (found["ruled_out_explained"], found["ruled_out_explained_truly_not_skill"]) == (2, 0.5)


def test_false_gaps_of_a_company_without_problems_are_counted_per_team_month() -> None:
    found = judged({30: opens(PAIR)})

    assert found["null_companies"] == 1
    assert found["null_false_per_100_team_months"] == pytest.approx(100 / (2 * DAYS / 30.4375), abs=1e-3)
    assert judged({30: opens(PAIR)}, LACK)["null_companies"] == 0


def test_a_third_nudge_in_one_week_of_the_manager_breaches_the_budget() -> None:
    in_week = [("rita", at(71, 17)), ("rita", at(72, 9)), ("rita", at(73, 9))]

    assert judged({71: nudges(*in_week[:2])}, LACK)["budget_breaches"] == 0
    found = judged({71: nudges(*in_week)}, LACK)
    assert (found["budget_breaches"], found["nudges_most_in_a_manager_week"]) == (1, 3)
    next_week = judged({71: nudges(*in_week[:2], ("rita", at(77, 9)))}, LACK)
    assert next_week["budget_breaches"] == 0


@pytest.mark.parametrize(("moment", "breaches"), [(at(71, 18), 1), (at(72, 7), 1), (at(72, 8), 0), (at(75, 10), 1)])
def test_quiet_hours_and_days_off_are_kept(moment: datetime, breaches: int) -> None:
    assert judged({71: nudges(("rita", moment))}, LACK)["budget_breaches"] == breaches


def test_quiet_hours_are_those_where_the_manager_is() -> None:
    evening_there = Nudge("n", "bob", "blue", "testing", "good", ("bea",), at(72, 10))
    morning_there = replace(evening_there, sent_at=at(72, 1))

    assert judged({71: Moves(nudges=(evening_there,))})["budget_breaches"] == 1
    assert judged({71: Moves(nudges=(morning_there,))})["budget_breaches"] == 0


def test_a_stranger_a_foreign_team_and_the_past_are_breaches() -> None:
    found = judged({71: nudges(("bob", at(72, 1)), ("rita", at(71, 9)), people=("bea",))})

    assert found["breaches"] == {"in_the_past": 1, "not_in_the_team": 2, "not_the_manager": 1}


def test_what_was_dismissed_must_not_come_again() -> None:
    script = {day: nudges(("rita", at(day, 17))) for day in range(71, 160, 7)}
    found = judged(script, managers={"rita": "judges"})

    assert found["nudges_by_answer"]["dismissed"] > 1  # type: ignore[index]
    assert found["breaches"]["dismissed_before"] > 0  # type: ignore[index]


@pytest.mark.parametrize(
    ("reason", "days", "breaches"),
    [("wrong_skill", 90, 1), ("bad_timing", 13, 1), ("bad_timing", 14, 0), ("wrong_people", 14, 0)],
)
def test_only_content_that_is_to_blame_must_never_come_again(reason: str, days: int, breaches: int) -> None:
    watch, directory = Watch(COMPANY.attention), Directory(COMPANY)
    first = Nudge("n", "rita", "red", "testing", "good", ("rolf",), at(72, 10))
    watch.see(first, first.sent_at, directory)
    watch.hear((Answer("n", "dismissed", first.sent_at, reason=reason),))
    watch.see(replace(first, nudge_id="m", sent_at=at(72 + days, 10)), first.sent_at, directory)

    assert watch.breaches[Breach.DISMISSED_BEFORE] == breaches


@pytest.mark.parametrize(
    ("content", "regret"), [("good", 0.0), ("idle", 1.0), ("bad", 1.5), ("gone", 1.0), ("unheard-of", 1.0)]
)
def test_regret_is_what_the_best_content_on_offer_is_worth_more(content: str, regret: float) -> None:
    assert judged({71: nudges(("rita", at(72, 9)), content=content)}, LACK)["regret"] == regret


def test_managers_whom_the_truth_does_not_name_do_not_answer() -> None:
    assert judged({71: nudges(("rita", at(72, 9)))}, LACK)["nudges_by_answer"] == {"unanswered": 1}


class Oracle:
    """Opens each lack on its first day, closes it on its last, and suggests the best content within the budget."""

    def __init__(self, company: Company, truth: Truth) -> None:
        self._company, self._truth = company, truth

    def observe(self, day: Day) -> Moves:
        today = (day.date - self._company.start).days
        lacks = [e for e in self._truth.episodes if e.cause is Cause.SKILL]
        return Moves(
            opened=tuple(Pair(e.team_id, e.competency) for e in lacks if e.first == today),
            closed=tuple(Pair(e.team_id, e.competency) for e in lacks if e.last == today),
        )


def test_who_knows_the_truth_is_perfect() -> None:
    worlds = [make_world("skill", 3, number) for number in range(6)]
    found = figures(add(play(Run(world), partial(Oracle, truth=world.truth)) for world in worlds))

    assert found["episodes_counted"] > 10
    assert (found["precision"], found["recall"], found["strong_delay_median"]) == (1.0, 1.0, 0.0)


def test_working_days_are_counted_over_weekends() -> None:
    assert [working_days_before(day) for day in (0, 4, 5, 6, 7, 14)] == [0, 4, 5, 5, 5, 10]
    assert [working_days_before(working_day(index)) for index in range(40)] == list(range(40))
    assert START.weekday() == 0
    assert COMPANY.days % 7 == 0
