"""Other policies are judged by a log of this one, whose truth is known because it is simulated."""

from __future__ import annotations

import random
from collections.abc import Callable
from statistics import fmean, stdev

import pytest

from kinetic.recommendation.domain.exploration import propensity
from kinetic.recommendation.domain.offline import Estimate, Logged, ips, snips
from kinetic.recommendation.domain.value import Value

TRUE_REWARDS = (0.2, 0.5, 0.7)
"""How likely each of three contents is accepted."""

BELIEVED = [Value(1.0, 1.0), Value(0.9, 1.0), Value(0.4, 1.0)]
both = pytest.mark.parametrize("judge", [ips, snips])


def _log(seed: int, decisions: int) -> list[Logged]:
    """Thompson sampling, judged for a policy that always takes the last content."""
    chance, chances = random.Random(seed), [propensity(at, BELIEVED) for at in range(3)]
    chosen = chance.choices(range(3), chances, k=decisions)
    return [Logged(float(chance.random() < TRUE_REWARDS[one]), chances[one], float(one == 2)) for one in chosen]


@both
def test_the_truth_lies_within_the_standard_error_as_often_as_it_says(judge: Callable[..., Estimate]) -> None:
    estimates = [judge(_log(seed, 500)) for seed in range(400)]
    means = [one.mean for one in estimates]
    assert fmean(means) == pytest.approx(TRUE_REWARDS[2], abs=4 * stdev(means) / len(means) ** 0.5)
    assert fmean(one.standard_error for one in estimates) == pytest.approx(stdev(means), rel=0.15)


@both
def test_the_policy_that_was_followed_is_judged_by_what_it_earned(judge: Callable[..., Estimate]) -> None:
    own = [Logged(one.reward, one.propensity, one.propensity) for one in _log(1, 300)]
    assert judge(own).mean == pytest.approx(fmean(one.reward for one in own))


def test_normalising_makes_the_error_smaller() -> None:
    log = _log(2, 500)
    assert snips(log).standard_error < ips(log).standard_error


@both
def test_nothing_logged_says_nothing(judge: Callable[..., Estimate]) -> None:
    with pytest.raises(ValueError, match="logged"):
        judge([])


def test_a_single_decision_says_next_to_nothing() -> None:
    (one,) = [Logged(1.0, 0.5, 1.0)]
    assert ips([one]).standard_error == snips([one]).standard_error == float("inf")
