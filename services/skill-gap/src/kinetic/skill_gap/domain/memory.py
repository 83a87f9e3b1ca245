"""By how much a reading of a KPI goes along with the one before it: all teams in which it is measured tell it together."""

from __future__ import annotations

from collections.abc import Collection
from operator import mul, sub
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

    It is told by the steps from reading to reading, which a change of the level or a slow wandering alters little: their mean square
    is 2σ²(1 - ρ), the mean product of neighbouring ones -σ²(1 - ρ)², so twice the one over the other is ρ - 1.
    """
    squares = products = 0.0
    steps = pairs = 0
    for track in tracks:
        scores = [score for _, score in track.scores]
        moved = list(map(sub, scores[1:], scores))
        squares += sum(map(mul, moved, moved))
        products += sum(map(mul, moved, moved[1:]))
        steps += len(moved)
        pairs += max(0, len(moved) - 1)
    if not squares or not pairs:
        return USUAL
    told = 1.0 + 2.0 * (products / pairs) / (squares / steps)
    return round(min(MOST, max(USUAL, (pairs * told + KNOWN * USUAL) / (pairs + KNOWN))), 2)


def inflation(memory: float) -> float:
    """A mean of readings varies so many times as much as one of independent ones: (1 + ρ)/(1 - ρ), for first-order noise."""
    return (1.0 + memory) / (1.0 - memory)
