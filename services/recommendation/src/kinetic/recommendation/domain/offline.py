"""What another policy would have earned, judged by logged decisions whose propensities are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, variance


@dataclass(frozen=True, slots=True)
class Logged:
    """One decision: its reward, how likely the choice was, and how likely the other policy would have made the same."""

    reward: float
    propensity: float
    target_propensity: float

    @property
    def weight(self) -> float:
        """How much more often the other policy would have chosen this."""
        return self.target_propensity / self.propensity


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate of the mean reward, with its standard error (infinite from a single decision)."""

    mean: float
    standard_error: float
    n: int


def ips(log: Sequence[Logged]) -> Estimate:
    """Inverse propensity scores: unbiased, wide where weights are large. Horvitz and Thompson (1952), *JASA* 47, 663-685.

    ValueError when nothing was logged.
    """
    return _mean([one.weight * one.reward for one in log])


def snips(log: Sequence[Logged]) -> Estimate:
    """Self-normalised: weights are divided by their mean; a little biased, far narrower. The error is by the delta method.

    Swaminathan and Joachims (2015), "The self-normalized estimator for counterfactual learning", NeurIPS 28. ValueError when
    the other policy would have made none of the logged choices.
    """
    total = sum(one.weight for one in log)
    if not total:
        raise ValueError("no logged choice is one that the policy would have made")
    mean = sum(one.weight * one.reward for one in log) / total
    error = sqrt(sum((one.weight * (one.reward - mean)) ** 2 for one in log)) / total
    return Estimate(mean, error if len(log) > 1 else float("inf"), len(log))


def _mean(found: Sequence[float]) -> Estimate:
    if not found:
        raise ValueError("nothing was logged")
    error = sqrt(variance(found) / len(found)) if len(found) > 1 else float("inf")
    return Estimate(fmean(found), error, len(found))
