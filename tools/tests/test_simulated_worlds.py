"""The truth of a generated company is in its data, and nothing else is."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from statistics import mean, stdev

import pytest

from tools.simulator.calendar import is_working
from tools.simulator.draws import noise, poisson, stream
from tools.simulator.families import FAMILIES
from tools.simulator.managers import Case, Managers
from tools.simulator.measuring import Measuring
from tools.simulator.plan import Slip
from tools.simulator.policy import Day, Moves, Nudge
from tools.simulator.run import Run
from tools.simulator.series import Series, make_series, strength
from tools.simulator.training import HARM_DAYS, SHOWS_AFTER_DAYS, Completion, Training
from tools.simulator.truth import Cause, Episode, Truth
from tools.simulator.world import World, make_plan, make_world
from tools.tests.small_company import LACK, START, at_noon

CAUSES = {
    "null": set[Cause](),
    "skill": {Cause.SKILL},
    "staffing": {Cause.STAFFING},
    "tooling": {Cause.TOOLING},
    "incident-wave": {Cause.INCIDENTS},
    "season": {Cause.SEASON},
    "outage": {Cause.OUTAGE},
    "reorganisation": {Cause.REORGANISATION},
    "covered": {Cause.NONE},
    "content": {Cause.SKILL},
    "mixed": set(Cause),
    "textbook": set(Cause),
}


def history(world: World) -> list[Day]:
    run = Run(world)
    return [run.day(index) for index in range(world.company.days)]


def values(world: World, series: Series) -> dict[int, float]:
    measuring = Measuring(series, world.company.start)
    for day in filter(is_working, range(world.company.days)):
        list(measuring.measure(day, lambda episode: 1.0, 0.0))
    return measuring.values


def test_a_company_is_the_same_whenever_it_is_made() -> None:
    one, other = make_world("mixed", 11, 4), make_world("mixed", 11, 4)

    assert one.company == other.company
    assert one.truth == other.truth
    assert history(one) == history(other)


def test_other_seeds_and_numbers_make_other_companies() -> None:
    one = history(make_world("mixed", 11, 4))

    assert history(make_world("mixed", 12, 4)) != one
    assert history(make_world("mixed", 11, 5)) != one


def test_streams_of_different_names_have_nothing_to_do_with_each_other() -> None:
    before = stream(7, "a").random()
    stream(7, "b").random()

    assert stream(7, "a").random() == before
    assert stream(7, "b").random() != before


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_family_has_its_causes_and_no_other(family: str) -> None:
    found = {episode.cause for number in range(60) for episode in make_plan(family, 5, number).episodes}

    assert found == CAUSES[family]


def test_companies_have_the_sizes_that_are_told() -> None:
    for number in range(30):
        company = make_plan("mixed", 2, number).bones

        assert 6 <= len(company.teams) <= 12
        assert all(4 <= len(company.members(team.team_id)) <= 12 for team in company.teams)
        assert all(1 <= len(company.measured[team.team_id]) <= 3 for team in company.teams)
        assert 26 * 7 <= company.days <= 52 * 7
        assert 3 <= len(company.capabilities.competencies) <= 6
        assert 3 <= len(company.capabilities.kpis) <= 6
        assert company.start.weekday() == 0


def test_noise_has_mean_zero_and_deviation_one() -> None:
    drawn = [value for n in range(200) for value in noise(stream("noise", n), 200, 0.3, 0.8)]

    assert mean(drawn) == pytest.approx(0.0, abs=0.03)
    assert stdev(drawn) == pytest.approx(1.0, abs=0.03)


def test_poisson_has_its_mean_and_variance() -> None:
    rng = stream("poisson")
    drawn = [poisson(rng, 1.7) for _ in range(20_000)]

    assert mean(drawn) == pytest.approx(1.7, abs=0.05)
    assert stdev(drawn) ** 2 == pytest.approx(1.7, abs=0.1)


@pytest.mark.parametrize("family", ["skill", "covered"])
def test_the_shift_in_the_data_is_the_one_that_the_truth_tells(family: str) -> None:
    errors = []
    for number in range(40):
        world = make_world(family, 9, number)
        slipping = {(e.team_id, kpi) for e in world.truth.episodes for kpi in e.kpis}
        for series in [s for s in world.series if (s.team_id, s.kpi) in slipping]:
            measured = values(world, series)
            errors += [
                _shift(measured, series, episode) - episode.shift_sigma
                for episode in world.truth.episodes
                if episode.team_id == series.team_id and series.kpi in episode.kpis and not episode.ramp
            ]

    assert len(errors) > 40
    assert abs(mean(errors)) < 3 * stdev(errors) / len(errors) ** 0.5
    assert abs(mean(errors)) < 0.15


def _shift(measured: dict[int, float], series: Series, episode: Episode) -> float:
    """By how many sigma the mean of an episode is worse than that of the eight weeks before."""
    before = [value for day, value in measured.items() if episode.first - 56 <= day < episode.first]
    during = [value for day, value in measured.items() if episode.first <= day <= episode.last]
    return series.worse * (mean(during) - mean(before)) / series.sd


def test_numbers_of_the_textbook_family_are_independent_noise_about_one_level() -> None:
    plans = [make_plan("textbook", 3, number) for number in range(12)]
    untouched = [
        series
        for plan in plans
        for series in make_series(plan)
        if not {slip.team_id for slip in plan.slips} & {series.team_id}
    ]
    assert len(untouched) > 20
    assert not any(any(series.usual) for series in untouched)
    days = [[value for value, n in zip(series.noise, series.counts, strict=True) if n] for series in untouched]
    assert abs(mean(a * b for values in days for a, b in pairwise(values))) < 0.05
    assert abs(mean(value**3 for values in days for value in values)) < 0.25
    assert any(any(series.usual) for series in make_series(make_plan("mixed", 3, 1)))


def test_a_ramp_reaches_its_height_after_its_working_days() -> None:
    slip = Slip("red", "defects", first=7, last=60, size=1.0, ramp=10)

    assert [strength(slip, day) for day in (6, 7, 11, 14, 18, 60, 61)] == [0.0, 0.1, 0.5, 0.6, 1.0, 1.0, 0.0]


def test_signals_come_more_often_where_the_truth_says_so() -> None:
    during, before = [0.0, 0.0], [0.0, 0.0]
    for number in range(20):
        world = make_world("skill", 4, number)
        for episode in world.truth.episodes:
            if episode.corroborated:
                kinds = {r.kind for r in world.company.capabilities.signal_rules if r.competency == episode.competency}
                for day in range(episode.first - 40, min(episode.last, episode.first + 40)):
                    heard = sum(c.team_id == episode.team_id and c.kind in kinds for c in world.complaints.get(day, ()))
                    side = during if day >= episode.first else before
                    side[0] += heard
                    side[1] += 1

    assert during[0] / during[1] > 1.8 * before[0] / before[1]


def test_the_records_of_the_covered_prove_the_skill_before_the_slip() -> None:
    for number in range(10):
        world = make_world("covered", 6, number)
        company = world.company
        levels = {content.content_id: content for content in company.catalogue}
        records = [*company.learning, *(record for day in world.learning.values() for record in day)]
        for episode in world.truth.episodes:
            begins = at_noon(company.start, episode.first)
            for person in company.people:
                needed = company.capabilities.level(person.position.role, episode.competency)
                if person.team_id == episode.team_id and needed:
                    proved = [
                        levels[r.content_id].level_of(episode.competency) * (r.score or 0)
                        for r in records
                        if r.person_id == person.person_id and begins - timedelta(days=61) < r.occurred_at < begins
                    ]
                    assert max(proved) >= 0.95 * needed


def test_a_silent_source_tells_everything_on_the_day_after() -> None:
    world = make_world("outage", 1, 0)
    silence, days = world.silences[0], history(world)
    told = [
        (index, signal.occurred_at)
        for index, day in enumerate(days)
        for signal in day.signals
        if signal.source == silence.source
    ]

    assert not any(silence.first <= index <= silence.last for index, _ in told)
    late = [index for index, at in told if index != (at.date() - world.company.start).days]
    assert set(late) <= {s.last + 1 for s in world.silences}


def test_a_reorganisation_is_seen_in_the_directory() -> None:
    days = [day for number in range(6) for day in history(make_world("reorganisation", 1, number))]

    assert any(len(person.positions) > 1 for day in days for person in day.people)
    assert any(team.removed for day in days for team in day.teams)


def complete(training: Training, content: str, day: int, until: int) -> None:
    training.begin(day)
    training.complete(Completion("rolf", "red", content, "testing", needed_by=2))
    for later in range(day + 1, until + 1):
        training.begin(later)


GAINS = {("good", "testing"): 0.8, ("idle", "testing"): 0.0, ("bad", "testing"): -0.4}


@pytest.mark.parametrize(("content", "left"), [("good", 0.2), ("idle", 1.0), ("bad", 1.4)])
def test_content_takes_away_its_share_of_a_lack_a_week_later(content: str, left: float) -> None:
    training = Training(Truth((LACK,), GAINS), 200)
    complete(training, content, 80, 80 + SHOWS_AFTER_DAYS - 1)
    assert training.left(0) == 1.0
    training.begin(80 + SHOWS_AFTER_DAYS)

    assert training.left(0) == pytest.approx(left)


def test_a_lack_that_is_learned_away_ends() -> None:
    training = Training(Truth((LACK,), GAINS), 200)
    complete(training, "good", 80, 90)

    assert training.episodes()[0].last == 80 + SHOWS_AFTER_DAYS


def test_content_that_harms_makes_numbers_worse_for_a_while() -> None:
    training = Training(Truth((), GAINS), 300)
    complete(training, "bad", 80, 80 + SHOWS_AFTER_DAYS)
    assert training.harm("red", "testing") == pytest.approx(0.2)
    for day in range(88, 88 + HARM_DAYS):
        training.begin(day)

    assert training.harm("red", "testing") == pytest.approx(0.0)


def test_training_for_what_is_no_lack_changes_nothing() -> None:
    staffing = Episode("red", "testing", Cause.STAFFING, 70, 139, 1.6, ("defects",))
    training = Training(Truth((staffing,), GAINS), 200)
    complete(training, "good", 80, 95)

    assert training.episodes() == (staffing,)
    assert training.harm("red", "testing") == 0.0


def test_managers_tire_and_know_a_real_gap_from_a_false_one() -> None:
    def accepted(kind: str, is_real: bool, per_week: int) -> float:
        managers = Managers(Truth((), {}, {"rita": kind}), START, 14, "test", kind)
        answers = []
        for number in range(400):
            sent_at = at_noon(START, number * 7 // per_week)
            nudge = Nudge(f"n{number}", "rita", "red", "testing", "good", ("rolf",), sent_at)
            answers.append(managers.answer(Case(nudge, is_real, (), {"rolf"}))[1].answer)
        return answers.count("accepted") / len(answers)

    assert accepted("judges", True, 1) > accepted("judges", False, 1) + 0.3
    assert accepted("tires", True, 1) > accepted("tires", True, 7) + 0.2
    assert accepted("silent", True, 1) == 0.0
    assert accepted("ignores", True, 1) < 0.3


def test_who_acts_on_true_gaps_with_good_content_ends_them_sooner() -> None:
    world = make_world("content", 3, 1)
    lacks = [e for e in world.truth.episodes if e.cause is Cause.SKILL]
    run, best = Run(world), {}
    for (content_id, competency), _gain in sorted(world.truth.gains.items(), key=lambda item: item[1]):
        best[competency] = content_id
    managers = {team.team_id: team.manager_id or "" for team in world.company.teams}
    for index in range(world.company.days):
        day = run.day(index)
        sent = tuple(
            Nudge(f"{e.team_id}-{e.competency}-{index}", managers[e.team_id], e.team_id, e.competency,
                  best[e.competency], e.people, day.now)
            for e in lacks
            if e.first <= index and (index - e.first) % 14 == 0
        )  # fmt: skip
        run.take(index, Moves(nudges=sent))

    assert sum(e.last for e in run.episodes() if e.cause is Cause.SKILL) < sum(e.last for e in lacks)
