"""By how much a reading of a KPI goes along with the one before it: all teams in which it is measured tell it together."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import Final

from kinetic.skill_gap.domain.track import Track

USUAL: Final = 0.15
KNOWN: Final = 150.0
"""How far neighbours correlate before any tell it, and for how many readings that counts. They are never taken for less alike: days
of the same work are not independent, and what few readings tell by chance would open gaps.
"""

MOST: Final = 0.8
"""Where levels are all memory no step can be told."""


def memory_of(tracks: Collection[Track]) -> float:
    """The correlation of neighbouring readings, 0.15 to 0.8, as of first-order noise.

    It is told by distances, which a step of the level or a slow wandering changes little: the mean square between neighbours is
    2σ²(1 - ρ), the one between next neighbours 2σ²(1 - ρ²), their ratio 1 + ρ.
    """
    near = next_but_one = 0.0
    told = 0
    for track in tracks:
        scores = [score for _, score in track.scores]
        near += sum([(after - before) ** 2 for before, after in pairwise(scores[1:])])
        next_but_one += sum([(after - before) ** 2 for before, after in zip(scores, scores[2:], strict=False)])
        told += max(0, len(scores) - 2)
    if not near:
        return USUAL
    found = (told * (next_but_one / near - 1) + KNOWN * USUAL) / (told + KNOWN)
    return round(min(MOST, max(USUAL, found)), 2)


def together(memory: float) -> float:
    """A mean of readings varies so many times as much as one of independent ones: (1 + ρ)/(1 - ρ), for first-order noise."""
    return (1.0 + memory) / (1.0 - memory)
