"""Level and spread that a few wild values cannot move far (Huber, Robust Statistics, 1981)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

MAD_TO_SIGMA = 1.4826
MEAN_DISTANCE_TO_SIGMA = 1.2533
WINSORISED_AT = 2.5


def winsorised(values: Sequence[float]) -> tuple[float, float]:
    """Mean and standard deviation, both insensitive to wild values.

    The standard deviation is 1.4826 times the median distance from the median; where half of the values are the same, it
    is that of the mean distance. The mean is of values no farther than 2.5 of those from the median.
    """
    ordered = sorted(values)
    middle = median_of(ordered)
    sigma = spread([abs(value - middle) for value in ordered])
    low, high = middle - WINSORISED_AT * sigma, middle + WINSORISED_AT * sigma
    first, last = bisect_left(ordered, low), bisect_right(ordered, high)
    total = first * low + sum(ordered[first:last]) + (len(ordered) - last) * high
    return total / len(ordered), sigma


def median_of(ordered: Sequence[float]) -> float:
    """The median of values in ascending order."""
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def spread(distances: Sequence[float]) -> float:
    """The standard deviation of normal values of these absolute distances from their middle; 0 when there are none."""
    return MAD_TO_SIGMA * median_of(sorted(distances)) or MEAN_DISTANCE_TO_SIGMA * sum(distances) / len(distances)
