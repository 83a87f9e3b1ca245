"""Thompson sampling: each candidate is drawn once from what is believed of its value, and the best draw wins.

Thompson (1933), *Biometrika* 25, 285-294; Russo et al. (2018), "A tutorial on Thompson sampling", *Foundations and Trends in
Machine Learning* 11(1). Draws come from a stable hash, so that replicas and replays agree, and the chance that each candidate
had of winning is known, so that other policies can be judged by the log (`offline.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import ceil, erfc, exp, pi, prod, sqrt
from statistics import NormalDist
from typing import Final

from kinetic.contracts.ids import ContentId, GapId
from kinetic.recommendation.domain.value import Value

_STANDARD: Final = NormalDist()
_REACH: Final = 8.0
"""Standard deviations beyond which a Normal density is nothing: 1e-15."""

_STEPS: Final = 3
"""Steps of the grid within the least standard deviation."""

NARROWEST: Final = 1 / 50
"""No candidate is drawn with less than this share of the widest standard deviation, which bounds the grid."""


@dataclass(frozen=True, slots=True)
class Lot:
    """What the draws of one decision are drawn by: the salt of the installation, the gap, and how often it was told."""

    salt: str
    gap_id: GapId
    gap_version: int


def draw(lot: Lot, content_id: ContentId, value: Value) -> float:
    """The draw of one candidate, whichever others there are."""
    seed = f"{lot.salt}\n{lot.gap_id}\n{lot.gap_version}\n{content_id}".encode()
    number = int.from_bytes(blake2b(seed, digest_size=8).digest(), "big")
    return value.mean + value.sd * _STANDARD.inv_cdf(((number >> 12) + 0.5) / 2**52)


def widened(values: Sequence[Value]) -> list[Value]:
    """The values as they are drawn from: none much narrower than the widest."""
    least = max((value.sd for value in values), default=0.0) * NARROWEST
    return [value if value.sd >= least else Value(value.mean, least) for value in values]


def propensities(values: Sequence[Value]) -> list[float]:
    """The chance that each candidate has the best draw: the integral of its density times the others' distributions.

    By the trapezoidal rule on a grid that all share, which converges geometrically for such integrands (Trefethen and
    Weideman (2014), *SIAM Review* 56(3), 385-458), also where Gauss-Hermite nodes of one candidate would miss the steep
    distribution of another. Errors are below 1e-6.
    """
    if len(values) == 1:
        return [1.0]
    low = max(value.mean - _REACH * value.sd for value in values)
    high = max(value.mean + _REACH * value.sd for value in values)
    steps = ceil((high - low) / min(value.sd for value in values) * _STEPS)
    width = (high - low) / steps
    chances = [0.0] * len(values)
    for step in range(steps + 1):
        scores = [(low + step * width - value.mean) / value.sd for value in values]
        below = [erfc(-score / sqrt(2)) / 2 for score in scores]
        for at, (value, score) in enumerate(zip(values, scores, strict=True)):
            density = exp(-score * score / 2) / (value.sd * sqrt(2 * pi))
            chances[at] += width * density * prod(below[:at]) * prod(below[at + 1 :])
    return chances
