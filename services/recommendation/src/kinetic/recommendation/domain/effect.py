"""What is believed of the effect of a content item, and of the chance that it is accepted and completed.

An *effect* is in standard deviations of the KPI that the competency is linked to, in the better direction, of a team all of
whose members completed the item; a team of which a share did is expected to gain that share of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Final


@dataclass(frozen=True, slots=True)
class Belief:
    """A Normal distribution of an effect."""

    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class MeasuredEffect:
    """An estimate of an effect from `n` teams; its standard error counts as known."""

    mean: float
    standard_error: float
    n: int


@dataclass(frozen=True, slots=True)
class Chance:
    """The Beta posterior of a binomial share under a uniform Beta(1, 1) prior.

    Mean and variance: Gelman et al., *Bayesian Data Analysis*, 3rd ed., section 2.4 and table A.1. The mean is Laplace's rule
    of succession, (successes + 1) / (trials + 2).
    """

    successes: int
    failures: int

    @property
    def mean(self) -> float:
        """What share is expected."""
        return (self.successes + 1) / (self.successes + self.failures + 2)

    @property
    def moments(self) -> tuple[float, float]:
        """What share is expected, and the variance of that."""
        mean = self.mean
        return mean, mean * (1 - mean) / (self.successes + self.failures + 3)


_INSTRUCTED: Final = Belief(0.31, 0.40)
_TOLD: Final = Belief(0.15, 0.40)

PRIORS: Final[Mapping[str | None, Belief]] = {
    None: _INSTRUCTED,
    "course": _INSTRUCTED,
    "workshop": _INSTRUCTED,
    "practice": _INSTRUCTED,
    "article": _TOLD,
    "video": _TOLD,
}
"""What is believed of an effect that nobody has measured, by format.

Arthur, Bennett, Edens and Bell (2003), "Effectiveness of training in organizations", *Journal of Applied Psychology* 88(2),
234-245: sample-weighted mean d of 0.62 (k = 26, N = 1,748) for results criteria. Half of it is taken, as a caution against
published effects being the larger ones and a team's KPI being further away than the results that were studied. Delivery
itself makes no difference when methods are the same (Sitzmann, Kraiger, Stewart and Wisher (2006), *Personnel Psychology*
59(3), 623-664), so course, workshop and practice begin level, and so does what tells no format. What is only read or
watched gives no practice and no feedback, which the same study finds to matter: half again. That halving and the standard
deviation, by which an item harms with a chance of one in five (one in three when it is only told), are our judgement, not
theirs; they weigh as much as one measurement of that standard error.
"""


def prior_of(told_format: str | None) -> Belief:
    """What is believed of the effect of an unmeasured item; an unknown format counts as none."""
    return PRIORS.get(told_format, PRIORS[None])


def update(belief: Belief, measured: MeasuredEffect) -> Belief:
    """The conjugate posterior of a Normal mean with known variance: precisions add, means are weighted by them.

    Gelman et al., *Bayesian Data Analysis*, 3rd ed., section 2.5. The order of several measurements does not matter.
    """
    before, seen = belief.sd**-2, measured.standard_error**-2
    precision = before + seen
    return Belief((before * belief.mean + seen * measured.mean) / precision, sqrt(1 / precision))
