"""Whether the level of a KPI has changed in one team alone."""

from __future__ import annotations

from random import Random

import pytest

from kinetic.contracts.ids import TeamId
from kinetic.skill_gap.domain.departure import MOST_SURE, NONE, depart, voices
from kinetic.skill_gap.domain.peers import NOBODY, Others, Peers, others_of
from kinetic.skill_gap.domain.track import NOTHING, SUMMARY_UNIT, Course, Step, Track

ENOUGH, HIT, ANYWAY = 4.5, (0.3, 0.6, 0.9), 0.05


def track(slip: float, readings: int = 12, usual: int = 60, seed: int = 1) -> Track:
    """Forty readings of a normal KPI, the newest of them worse by a slip."""
    drawn = Random(seed)
    scores = [drawn.gauss(0.0, 0.6) for _ in range(40 - readings)] + [
        slip + drawn.gauss(0.0, 0.6) for _ in range(readings)
    ]
    return Track(tuple((700_000 + day, score) for day, score in enumerate(scores)), usual)


def tracks(slip: float, count: int = 4) -> list[Track]:
    return [track(slip, seed=10 + number) for number in range(count)]


def others(slip: float, count: int = 4) -> Others:
    return others_of(tracks(slip, count))


def courses(slip: float, count: int) -> list[Course]:
    return others(slip, count).courses


def test_a_slip_that_the_others_do_not_share_is_sure_within_two_weeks() -> None:
    departure = depart(track(2.0, readings=10), others(0.0))
    assert departure.score > ENOUGH
    assert departure.since == pytest.approx(700_030, abs=2)
    assert departure.own == pytest.approx(2.0, abs=0.4)


def test_a_usual_course_departs_from_nothing() -> None:
    assert all(depart(track(0.0, seed=seed), others(0.0)).score < ENOUGH for seed in range(200))


def test_what_all_teams_share_is_taken_off() -> None:
    assert depart(track(1.6), others(0.0)).score > ENOUGH
    assert depart(track(1.6), others(1.6)).score < 1.0
    assert depart(track(3.0), others(1.2)).shared == pytest.approx(1.0, abs=0.3)


def test_a_team_without_others_must_have_slipped_further() -> None:
    assert depart(track(1.6), NOBODY).score < depart(track(1.6), others(0.0)).score


def test_what_got_better_elsewhere_proves_nothing_here() -> None:
    slipping = track(1.2)
    assert depart(slipping, others(-2.0)).own == depart(slipping, others(0.0)).own
    assert depart(slipping, others(-2.0)).shared == 0.0


def test_one_other_team_with_a_trouble_of_its_own_hides_nothing() -> None:
    assert depart(track(2.0), others_of([*tracks(0.0, 3), track(2.5, seed=99)])).score > ENOUGH


def test_a_usual_level_that_few_readings_tell_makes_less_sure() -> None:
    young = Track(track(1.5).scores[-20:])
    assert depart(young, NOBODY).score < depart(track(1.5), NOBODY).score - 0.4


def test_a_slip_that_is_over_is_less_sure_every_day() -> None:
    readings = track(2.0, readings=8).scores
    back = Track((*readings[12:], *((700_040 + day, 0.0) for day in range(12))), 60)
    assert depart(back, others(0.0)).score < depart(Track(readings, 60), others(0.0)).score / 2


def test_a_kpi_alone_is_never_surer_than_it_may_be() -> None:
    assert depart(track(3.0, readings=35), others(0.0)).score == MOST_SURE


def test_nothing_measured_says_nothing() -> None:
    assert depart(NOTHING, others(2.0)) == NONE


def test_others_who_slip_on_the_same_days_speak_for_a_cause_they_share() -> None:
    departure = depart(track(1.8), others(0.0))
    assert voices(departure, [*courses(1.8, 2), *courses(0.0, 1)], HIT, ANYWAY) > 1.0
    assert voices(departure, [*courses(1.8, 1), *courses(0.0, 4)], HIT, ANYWAY) < 0.0
    assert voices(departure, [], HIT, ANYWAY) == 0.0


def test_a_tool_that_few_teams_use_is_heard_as_well() -> None:
    departure, few = depart(track(1.8), others(0.0)), [*courses(1.8, 2), *courses(0.0, 5)]
    assert voices(departure, few, HIT, ANYWAY) > voices(departure, few, (0.9,), ANYWAY) + 2.0


def test_a_slip_of_weeks_is_as_many_more_standard_deviations_as_a_week_varies_less() -> None:
    def weekly(slip: float) -> Track:
        drawn = Random(5)
        scores = [drawn.gauss(slip if week >= 12 else 0.0, 0.6) for week in range(18)]
        return Track(tuple((700_000 + 7 * week, score) for week, score in enumerate(scores)), days=7)

    assert depart(weekly(1.5 * SUMMARY_UNIT), NOBODY).score > depart(weekly(1.5), NOBODY).score + 1.0
    assert depart(weekly(1.8 * SUMMARY_UNIT), NOBODY).score > ENOUGH


def test_two_bad_weeks_tell_of_a_slip_and_two_bad_days_do_not() -> None:
    def newest(size: float, readings: int, days: int) -> Track:
        scores = [*(0.4 * (-1.0) ** at for at in range(24)), *([size] * readings)]
        return Track(tuple((700_000 + days * at, score) for at, score in enumerate(scores)), days=days)

    assert depart(newest(4.2, readings=2, days=7), NOBODY).score > ENOUGH
    assert depart(newest(4.2, readings=1, days=7), NOBODY).score < ENOUGH / 2
    assert depart(newest(2.5, readings=2, days=1), NOBODY).score < ENOUGH / 2


def test_a_start_that_may_have_been_on_many_days_is_as_sure_as_on_one() -> None:
    departure = depart(track(1.2, readings=30), others(0.0))
    assert departure.score > max(start.nats for start in departure.starts) - departure.spread
    assert {start.day for start in departure.starts} >= set(range(700_008, 700_014))


def test_what_was_usual_is_told_by_all_readings_before_a_day() -> None:
    scores = tuple((at, 2.0 if at >= 6 else 1.0) for at in range(10))
    assert Course(Track(scores, usual=6, usual_at=0.0), 1.0).step(6) == (2.0 - 6 * 1.0 / 12, 4, 12)
    assert Course(Track(scores), 1.0).step(6) == (1.0, 4, 6)
    assert [Course(Track(scores), 1.0).step(day) for day in (20, 0)] == [(0.0, 0, 10), (0.0, 10, 0)]


def test_what_all_share_is_told_of_each_team_without_itself() -> None:
    """Who is left out has no part in it, and is brought near only as long as it is not alone among few."""
    calm, sick = tracks(0.2, 4), track(2.5, seed=99)
    peers = Peers({TeamId(str(number)): one for number, one in enumerate([*calm, sick])})
    day = sick.scores[-12][0]
    assert peers.shared(day, TeamId("4")).effect == pytest.approx(others_of(calm).shared(day).effect, abs=0.02)
    assert peers.shared(day, TeamId("0")).effect > peers.shared(day, TeamId("4")).effect + 0.05
    assert peers.shared(day, TeamId("unknown")).variance < peers.shared(day, TeamId("4")).variance


def test_readings_of_others_are_added_up_once_for_all_that_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    tell = Course.step

    def step(course: Course, day: int) -> Step:
        asked.append(day)
        return tell(course, day)

    monkeypatch.setattr(Course, "step", step)
    peers = Peers({TeamId(str(number)): one for number, one in enumerate(tracks(0.0, 10))})
    for number in range(10):
        depart(track(2.0, readings=8), Others(peers, TeamId(str(number))))
    assert len(asked) == 10 * len(set(asked))
