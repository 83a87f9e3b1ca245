"""What a suggestion is worth: posteriors against their closed forms, moments against simulation, and what moves the value."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from math import sqrt
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetic.contracts.ids import CompetencyKey, ContentId
from kinetic.contracts.ingestion import Teaches
from kinetic.recommendation.domain.candidates import Need
from kinetic.recommendation.domain.content import Appraisal, Content
from kinetic.recommendation.domain.effect import Belief, Chance, MeasuredEffect, prior_of, update
from kinetic.recommendation.domain.value import Circumstances, Prospect, prospect_of, value_of

CIRCUMSTANCES = Circumstances(1.4, 1.0, 48.0, 25.0, 0, 2)
PROSPECT = Prospect(ContentId("a"), 1, 45, 1.0, Chance(0, 0), Chance(0, 0), Belief(0.31, 0.3))

effects = st.builds(Belief, st.floats(-2, 2), st.floats(0.01, 1))
chances = st.builds(Chance, st.integers(0, 500), st.integers(0, 500))
prospects = st.builds(
    Prospect,
    content_id=st.uuids().map(lambda one: ContentId(str(one))),
    content_version=st.just(1),
    effort_minutes=st.integers(1, 3000),
    reach=st.floats(0.2, 1),
    accepted=chances,
    completed=chances,
    effect=effects,
)
circumstances = st.builds(
    Circumstances,
    pressure=st.floats(0, 9),
    goal_weight=st.floats(0.1, 5),
    kpi_sd_hours=st.floats(0, 200),
    interruption_minutes=st.floats(0, 100),
    spent=st.integers(0, 5),
    weekly_budget=st.integers(1, 5),
)
measured = st.builds(MeasuredEffect, st.floats(-2, 2), st.floats(0.05, 2), st.integers(1, 50))


@given(effects, st.lists(measured, min_size=1, max_size=8))
def test_measurements_one_after_the_other_believe_what_the_closed_form_of_all_does(
    prior: Belief, seen: Sequence[MeasuredEffect]
) -> None:
    posterior = prior
    for one in seen:
        posterior = update(posterior, one)
    precisions = [prior.sd**-2, *(one.standard_error**-2 for one in seen)]
    weighted = sum(p * mean for p, mean in zip(precisions, [prior.mean, *(one.mean for one in seen)], strict=True))
    assert posterior.mean == pytest.approx(weighted / sum(precisions), abs=1e-9)
    assert posterior.sd == pytest.approx(1 / sqrt(sum(precisions)))


def test_acceptance_and_completion_follow_laplaces_rule() -> None:
    liked = Appraisal(accepted=8, dismissed=1, expired=1, requested=10, completed=5)
    assert (liked.acceptance.mean, liked.completion.mean) == (9 / 12, 6 / 12)
    assert Appraisal().acceptance.moments == pytest.approx((1 / 2, 1 / 12))


def test_completions_known_before_their_requests_promise_no_more_than_everything() -> None:
    assert Appraisal(requested=0, completed=50).completion.mean <= 1


def test_what_is_only_told_is_believed_to_do_less_and_an_unknown_format_is_as_none() -> None:
    assert prior_of("article").mean < prior_of("workshop").mean
    assert prior_of("hologram") == prior_of(None)


def test_a_level_counts_until_the_effect_is_measured() -> None:
    basics = (Teaches(competency=CompetencyKey("testing"), level=1),)
    content = Content(ContentId("a"), 1, "Basics", "https://lms.example", "en", 45, basics)
    need, effect = Need(CompetencyKey("testing"), 4, "en"), MeasuredEffect(0.6, 0.2, 5)
    promised, brought = (prospect_of(content, need, appraisal) for appraisal in (Appraisal(), Appraisal(effect=effect)))
    prior = prior_of(None)
    assert (promised.reach, promised.effect) == (1 / 4, prior)
    assert (brought.reach, brought.effect) == (1, update(Belief(prior.mean / 4, prior.sd), effect))


def test_the_value_by_hand() -> None:
    """Two people, 0.31 standard deviations, half accepted, half of that completed, 1 − e^−1.4 of it to be gained."""
    gain = 0.5 * 0.31 * 2 * 48 * 0.7534030
    assert value_of(PROSPECT, 2, CIRCUMSTANCES).mean == pytest.approx(0.5 * (gain - 1.5) - 25 / 60, rel=1e-6)


def test_mean_and_deviation_are_those_of_the_product_that_is_uncertain() -> None:
    chance = random.Random(4)
    prospect = replace(PROSPECT, accepted=Chance(3, 1), completed=Chance(2, 5))
    scale = 2 * CIRCUMSTANCES.urgency * 48
    drawn = [
        chance.betavariate(4, 2) * (chance.betavariate(3, 6) * chance.gauss(0.31, 0.3) * scale - 1.5) - 25 / 60
        for _ in range(200_000)
    ]
    value = value_of(prospect, 2, CIRCUMSTANCES)
    assert value.mean == pytest.approx(fmean(drawn), abs=4 * value.sd / sqrt(len(drawn)))
    assert value.sd == pytest.approx(stdev(drawn), rel=0.02)


@given(prospects, circumstances, st.floats(0, 1))
def test_a_greater_effect_is_worth_no_less(prospect: Prospect, about: Circumstances, more: float) -> None:
    better = replace(prospect, effect=Belief(prospect.effect.mean + more, prospect.effect.sd))
    assert _never_less(prospect, better, about, about)


@given(prospects, circumstances, st.integers(1, 3000))
def test_more_effort_is_worth_less(prospect: Prospect, about: Circumstances, minutes: int) -> None:
    longer = replace(prospect, effort_minutes=prospect.effort_minutes + minutes)
    assert value_of(longer, 3, about).mean < value_of(prospect, 3, about).mean


@given(prospects, circumstances, st.integers(1, 20), st.integers(1, 20))
def test_more_people_make_more_of_what_is_worth_it(
    prospect: Prospect, about: Circumstances, people: int, more: int
) -> None:
    few, many = (value_of(prospect, count, about).mean for count in (people, people + more))
    assert few <= 0 or many > few


@given(prospects, circumstances, st.floats(0, 5))
def test_under_more_pressure_a_useful_content_is_worth_no_less(
    prospect: Prospect, about: Circumstances, more: float
) -> None:
    useful = replace(prospect, effect=Belief(abs(prospect.effect.mean), prospect.effect.sd))
    assert _never_less(useful, useful, about, replace(about, pressure=about.pressure + more))


@given(prospects, circumstances)
def test_without_pressure_nothing_is_worth_an_interruption(prospect: Prospect, about: Circumstances) -> None:
    assert value_of(prospect, 3, replace(about, pressure=0.0)).mean < 0


@given(prospects, circumstances)
def test_a_manager_who_was_asked_before_this_week_is_asked_at_a_higher_cost(
    prospect: Prospect, about: Circumstances
) -> None:
    assert _never_less(prospect, prospect, replace(about, spent=about.spent + 1), about)


def _never_less(lesser: Prospect, greater: Prospect, about: Circumstances, later: Circumstances) -> bool:
    below, above = value_of(lesser, 3, about).mean, value_of(greater, 3, later).mean
    return above >= below or above == pytest.approx(below, rel=1e-9, abs=1e-9)
