"""Random numbers: one stream per name, so that one more draw somewhere changes nothing elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from math import exp, sqrt
from random import Random
from typing import TypeVar

T = TypeVar("T")

_OUTLIERS = 0.02
_OUTLIER_SCALE = 3.0
_SPREAD = sqrt(1 - _OUTLIERS + _OUTLIERS * _OUTLIER_SCALE**2)
_EXCESS = 3 * (1 - _OUTLIERS + _OUTLIERS * _OUTLIER_SCALE**4) / _SPREAD**4 - 3
"""The excess kurtosis of one step; an AR(1) of memory a has (1 - a²) / (1 + a²) of it."""


def stream(*names: object) -> Random:
    """The stream of random numbers of a name."""
    text = "/".join(str(name) for name in names)
    return Random(int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big"))


def chance(rng: Random, share: float) -> bool:
    """True in this share of cases."""
    return rng.random() < share


def poisson(rng: Random, mean: float) -> int:
    """A count with this mean, by Knuth's product of uniforms; for means of a day, not for thousands."""
    limit, product, count = exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def some(rng: Random, items: Sequence[T], fewest: int, most: int) -> list[T]:
    """Between `fewest` and `most` of the items, in their own order."""
    count = min(len(items), rng.randint(fewest, max(fewest, most)))
    chosen = set(rng.sample(range(len(items)), count))
    return [item for at, item in enumerate(items) if at in chosen]


def noise(rng: Random, count: int, memory: float, skew: float) -> list[float]:
    """`count` values of mean 0 and standard deviation 1: an AR(1) with outliers, skewed by a Cornish-Fisher term."""
    gauss, uniform, bend = rng.gauss, rng.random, skew / 6
    excess = _EXCESS * (1 - memory * memory) / (1 + memory * memory)
    fresh, squeeze = sqrt(1 - memory * memory) / _SPREAD, 1 / sqrt(1 + bend * bend * (2 + excess))
    state, values = gauss(0.0, 1.0), []
    for _ in range(count):
        step = gauss(0.0, 1.0)
        if uniform() < _OUTLIERS:
            step *= _OUTLIER_SCALE
        state = memory * state + fresh * step
        values.append((state + bend * (state * state - 1)) * squeeze)
    return values
