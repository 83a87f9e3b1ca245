"""The exponentially weighted moving average chart (Roberts 1959; Lucas and Saccucci, Technometrics 32(1), 1990)."""

from __future__ import annotations

from math import sqrt


def smooth(average: float, value: float, weight: float) -> float:
    """The average after one more value, of which `weight` (λ, 0..1] is the share."""
    return weight * value + (1.0 - weight) * average


def limits(
    center: float, sigma: float, weight: float, width: float, readings: int | None = None
) -> tuple[float, float]:
    """Lower and upper control limit, `width` (L) standard deviations of the average away from the centre.

    Of the average in its steady state, or after that many `readings` since it started in the centre
    (NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.4; Montgomery, Introduction to Statistical Quality Control).
    """
    share = weight / (2.0 - weight)
    if readings is not None:
        share *= 1.0 - (1.0 - weight) ** (2 * readings)
    reach = width * sigma * sqrt(share)
    return center - reach, center + reach
