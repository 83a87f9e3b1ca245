"""Exploration: the same draw everywhere, exact propensities, nothing that is not worth it, and a record that can be redone."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import sqrt
from statistics import NormalDist, fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from kinetic.common.events import new_id
from kinetic.contracts.ids import ContentId, GapId
from kinetic.recommendation.domain.effect import Belief
from kinetic.recommendation.domain.exploration import WIDTH, Lot, draw, drawn_from, propensity
from kinetic.recommendation.domain.offline import Logged
from kinetic.recommendation.domain.reckoning import Reckoning, reckon, recompute
from kinetic.recommendation.domain.value import Circumstances, Prospect, Value
from services.recommendation.tests.test_value import CIRCUMSTANCES, PROSPECT, circumstances, prospects

GAP = GapId(new_id())
LOT = Lot("salt", GAP, 1)

values = st.lists(st.builds(Value, st.floats(0.01, 50), st.floats(0.01, 100)), min_size=1, max_size=12)
several = st.lists(st.tuples(prospects, st.integers(1, 30)), max_size=15, unique_by=lambda one: one[0].content_id)

Candidates = list[tuple[Prospect, int]]


@given(values)
@settings(max_examples=50, deadline=None)
def test_somebody_wins(found: Sequence[Value]) -> None:
    spreads = drawn_from(found, WIDTH)
    assert sum(propensity(at, spreads) for at in range(len(found))) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("better", [9.0, 100.0])
def test_what_is_drawn_against_all_odds_had_a_chance(better: float) -> None:
    chance = propensity(0, [Value(0.0, 1.0), Value(better, 1.0)])
    assert 0 < chance < 1e-6
    assert Logged(1.0, chance, 0.0).weight == 0


@given(st.floats(-5, 5), st.floats(0.02, 1), st.floats(0.02, 1))
@settings(deadline=None)
def test_between_two_the_chance_is_that_of_their_difference(difference: float, one: float, other: float) -> None:
    found = [Value(difference, one), Value(0.0, other)]
    first = NormalDist(0, sqrt(one**2 + other**2)).cdf(difference)
    assert [propensity(0, found), propensity(1, found)] == pytest.approx([first, 1 - first], abs=1e-6)


def test_among_several_the_chance_is_how_often_each_wins() -> None:
    chance, n = random.Random(7), 100_000
    found = [Value(1.0, 1.0), Value(1.5, 0.3), Value(0.2, 3.0), Value(1.4, 0.06)]
    wins = Counter(
        max(range(len(found)), key=[chance.gauss(v.mean, v.sd) for v in found].__getitem__) for _ in range(n)
    )
    for at in range(len(found)):
        expected = propensity(at, found)
        assert wins[at] / n == pytest.approx(expected, abs=5 * sqrt(expected * (1 - expected) / n))


def test_draws_are_those_of_the_belief_and_differ_by_salt_gap_version_and_content() -> None:
    value, content = Value(2.0, 3.0), ContentId("a")
    drawn = [draw(Lot("salt", GAP, version), content, value) for version in range(20_000)]
    assert fmean(drawn) == pytest.approx(2.0, abs=4 * 3 / sqrt(len(drawn)))
    assert fmean((one - 2) ** 2 for one in drawn) == pytest.approx(9.0, rel=0.05)
    assert fmean((a - 2) * (b - 2) for a, b in pairwise(drawn)) == pytest.approx(0, abs=4 * 9 / sqrt(len(drawn)))
    others = [
        replace(LOT, salt="s"),
        replace(LOT, gap_id=GapId(new_id())),
        replace(LOT, gap_version=2),
        replace(LOT, dismissed=1),
    ]
    assert draw(LOT, content, value) not in {draw(lot, content, value) for lot in others}
    assert draw(LOT, content, value) != draw(LOT, ContentId("b"), value)


@given(several, circumstances, st.randoms())
@settings(deadline=None)
def test_the_same_is_chosen_in_whichever_order_candidates_come(
    found: Candidates, about: Circumstances, chance: random.Random
) -> None:
    shuffled = [*found]
    chance.shuffle(shuffled)
    assert reckon(LOT, 1, about, found) == reckon(LOT, 1, about, shuffled)


@given(several, circumstances)
@settings(deadline=None)
def test_only_what_is_worth_it_is_explored_and_nothing_that_rather_harms(
    found: Candidates, about: Circumstances
) -> None:
    reckoning = reckon(LOT, 1, about, found)
    explored = [one for one in reckoning.weighed if one.draw_hours is not None]
    assert all(one.value_hours > 0 and one.prospect.effect.mean > 0 for one in explored)
    winner = max(explored, key=lambda one: one.draw_hours or 0, default=None)
    assert reckoning.chosen == (winner.prospect.content_id if winner else None)
    assert reckoning.expected_value_hours == (winner.value_hours if winner else None)
    assert (reckoning.propensity is None) == (winner is None)


@given(several, circumstances)
@settings(deadline=None)
def test_every_number_follows_from_what_was_stored(found: Candidates, about: Circumstances) -> None:
    reckoning, form = reckon(LOT, 3, about, found), TypeAdapter(Reckoning)
    stored = form.validate_json(form.dump_json(reckoning))
    assert recompute(stored) == reckoning == stored


def test_a_number_that_was_changed_is_found_out() -> None:
    reckoning = reckon(LOT, 1, CIRCUMSTANCES, [(PROSPECT, 2)])
    (only,) = reckoning.weighed
    forged = replace(reckoning, weighed=(replace(only, value_hours=only.value_hours + 0.001),))
    assert recompute(forged) != forged


def test_the_narrower_the_draws_the_more_often_the_best_is_taken_and_the_propensity_tells() -> None:
    best, other = replace(PROSPECT, effect=Belief(0.5, 0.2)), replace(PROSPECT, content_id=ContentId("b"))
    found = [(best, 2), (replace(other, effect=Belief(0.4, 0.4)), 2)]
    shares = []
    for width in (1.0, WIDTH):
        made = [reckon(replace(LOT, gap_version=n, width=width), 1, CIRCUMSTANCES, found) for n in range(500)]
        taken = [one for one in made if one.chosen == "a"]
        assert len(taken) / len(made) == pytest.approx(taken[0].propensity, abs=0.07)
        shares.append(len(taken) / len(made))
    assert shares[0] + 0.1 < shares[1]


def test_an_uncertain_item_is_tried_at_times_and_a_certainly_worse_one_is_not() -> None:
    known = replace(PROSPECT, effect=Belief(0.4, 0.02))
    unsure = replace(PROSPECT, content_id=ContentId("b"), effect=Belief(0.3, 0.4))
    chosen = Counter(
        reckon(replace(LOT, gap_version=n), 1, CIRCUMSTANCES, [(known, 2), (unsure, 2)]).chosen for n in range(500)
    )
    assert 50 < chosen[ContentId("b")] < 250
    worse = replace(unsure, effect=Belief(-0.1, 0.02))
    assert all(
        reckon(replace(LOT, gap_version=n), 1, CIRCUMSTANCES, [(known, 2), (worse, 2)]).chosen == "a"
        for n in range(500)
    )
