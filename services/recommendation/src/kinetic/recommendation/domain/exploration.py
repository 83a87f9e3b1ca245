"""Thompson sampling with narrowed draws: each candidate is drawn once from what is believed of its value, and the best draw wins.

Thompson (1933), *Biometrika* 25, 285-294; Russo et al. (2018), "A tutorial on Thompson sampling", *Foundations and Trends in
Machine Learning* 11(1). Draws come from a stable hash, so that replicas and replays agree, and the chance that the winner had
is known, so that other policies can be judged by the log (`offline.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import ceil, erfc, exp, pi, sqrt
from statistics import NormalDist
from typing import Final

from kinetic.contracts.ids import ContentId, GapId
from kinetic.recommendation.domain.value import Value

_STANDARD: Final = NormalDist()
_ROOT: Final = sqrt(2)

_REACH: Final = 5.5
"""Standard deviations beyond which a Normal distribution is left out: 2e-8 of it."""

_STEPS: Final = 2
"""Steps of the grid within the least standard deviation."""

_LEAST: Final = 1e-9
"""No propensity is told to be less: what was drawn had a chance, be it too small for the integral to find."""

WIDTH: Final = 0.1
"""So many of the standard deviations of what is believed are drawn from. An installation suggests one item a handful of times:
drawn from the whole of it, most suggestions would teach what is never used again.
"""

NARROWEST: Final = 1 / 50
"""No candidate is drawn with less than this share of the widest standard deviation, which bounds the grid."""


@dataclass(frozen=True, slots=True)
class Lot:
    """What the draws of one decision are drawn by: the salt of the installation, the gap, how often it was told, and how many
    of the standard deviations of what is believed: 1 is Thompson sampling, 0 would take the greatest expected value.

    `dismissed` counts what was dismissed for the team and competency before. What is left is drawn anew then: that something
    else won says that the draws of the others were low, and no propensity would account for it.
    """

    salt: str
    gap_id: GapId
    gap_version: int
    width: float = 1.0
    dismissed: int = 0


def draw(lot: Lot, content_id: ContentId, value: Value) -> float:
    """The draw of one candidate, whichever others there are."""
    version = f"{lot.gap_version}.{lot.dismissed}" if lot.dismissed else f"{lot.gap_version}"
    seed = f"{lot.salt}\n{lot.gap_id}\n{version}\n{content_id}".encode()
    number = int.from_bytes(blake2b(seed, digest_size=8).digest(), "big")
    return value.mean + value.sd * _STANDARD.inv_cdf(((number >> 12) + 0.5) / 2**52)


def drawn_from(values: Sequence[Value], width: float) -> list[Value]:
    """The values as they are drawn from: so many standard deviations wide, and none much narrower than the widest."""
    least = max((value.sd for value in values), default=0.0) * NARROWEST
    return [Value(value.mean, max(value.sd, least) * width) for value in values]


def propensity(chosen: int, values: Sequence[Value]) -> float:
    """The chance that `values[chosen]` has the best draw: the integral of its density times the others' distributions.

    By the trapezoidal rule, which converges geometrically for such integrands (Trefethen and Weideman (2014), *SIAM Review*
    56(3), 385-458), on a grid as fine as the narrowest asks: Gauss-Hermite nodes of one candidate miss the steep distribution
    of a narrower one. The error is below 1e-6.
    """
    mean, scale = values[chosen].mean, values[chosen].sd * _ROOT
    high = mean + _REACH * values[chosen].sd
    low = max(value.mean - _REACH * value.sd for value in values)
    if low >= high:
        return _LEAST
    rivals = [value for at, value in enumerate(values) if at != chosen and value.mean + _REACH * value.sd > low]
    if not rivals:
        return 1.0
    others = [(value.mean, value.sd * _ROOT) for value in rivals]
    steps = ceil((high - low) / min(value.sd for value in values) * _STEPS)
    width, total = (high - low) / steps, 0.0
    for step in range(steps + 1):
        at = low + step * width
        height = exp(-(((at - mean) / scale) ** 2))
        for other, other_scale in others:
            height *= erfc((other - at) / other_scale)
        total += height
    return min(1.0, max(_LEAST, total * width / (scale * sqrt(pi)) * 0.5 ** len(others)))
