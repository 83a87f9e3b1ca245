"""Sequential normal scores: how unusual a value is among those before it, whatever their distribution.

The rank of a value among m earlier ones of the same continuous distribution is uniform on 1..m + 1, whatever the
distribution is: normal, heavy-tailed, skewed. Put through the normal quantile it is a standard normal score, so that charts
of it keep the run length that was designed for normal values, with little history too, and one wild value counts no more
than the highest rank. (Conover, Tercero-Gómez and Cordero-Franco, The sequential normal scores transformation, Sequential
Analysis 36(3), 2017; for exact self-starting charts Hawkins, The Statistician 36, 1987.) Ties share their mean rank, which
makes scores of counts smaller, never larger.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache
from math import sqrt
from statistics import NormalDist


def normal_score(value: float, ordered: Sequence[float]) -> float:
    """The score of a value among earlier ones in ascending order: 0 in the middle of them, variance 1."""
    return _scores(len(ordered))[bisect_left(ordered, value) + bisect_right(ordered, value)]


@lru_cache(maxsize=256)
def _scores(earlier: int) -> tuple[float, ...]:
    """The scores by half ranks. Rounded, so that stored scores are the ones that were computed."""
    normal = NormalDist()
    raw = [normal.inv_cdf((half / 2 + 0.5) / (earlier + 1)) for half in range(2 * earlier + 1)]
    spread = sqrt(sum(score * score for score in raw[::2]) / (earlier + 1)) or 1.0
    return tuple(round(score / spread, 3) for score in raw)
