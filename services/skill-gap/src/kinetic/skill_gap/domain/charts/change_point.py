"""When the level of a series changed: one shift of the mean, by least squares (Page 1957; Hinkley, Biometrika 57, 1970)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple


def last_before_shift(series: Sequence[float], shortest: int) -> int:
    """How many values come before the shift, each side having at least `shortest` of them."""
    return max(_splits(series, shortest), key=lambda split: split.explained).before


def last_before_rise(series: Sequence[float], shortest: int) -> int:
    """The same of the shifts upwards alone, or of all when the series never rises."""
    splits = list(_splits(series, shortest))
    return max([split for split in splits if split.rises] or splits, key=lambda split: split.explained).before


class _Split(NamedTuple):
    before: int
    explained: float
    rises: bool


def _splits(series: Sequence[float], shortest: int) -> Iterator[_Split]:
    """Every split, with the sum of squares that it explains.

    With n values, k of them before the split, that is the distance of the means of both sides, squared, times k(n - k)/n.
    The split that explains most leaves least within both sides; for normal values it is the most likely one.
    """
    length = len(series)
    if length < 2 * shortest:
        raise ValueError(f"a shift needs {2 * shortest} values, there are {length}")
    center, total = sum(series) / length, 0.0
    for before, value in enumerate(series[: length - shortest], start=1):
        total += value - center
        if before >= shortest:
            yield _Split(before, total * total * length / (before * (length - before)), total < 0.0)
