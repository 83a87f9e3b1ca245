"""The newest readings of a KPI of a team as others see them: how much worse than usual each was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

KEPT: Final = 40
"""So many readings are kept: eight weeks of working days."""


FARTHEST: Final = 2.5
"""No reading says more than so many standard deviations: a wrong one opens nothing, and heavy tails count little."""


@dataclass(frozen=True, slots=True)
class Track:
    """`scores` holds (day, distance from what is usual) in order, in robust standard deviations of no more than `FARTHEST`,
    positive where it is worse; days count from 0001-01-01.

    `usual` is the number of readings that tell what is usual.
    """

    scores: tuple[tuple[int, float], ...] = ()
    usual: int = 1

    def mean_since(self, day: int) -> tuple[float, int]:
        """The mean of the readings from a day on, and their number."""
        total, readings = 0.0, 0
        for at, score in reversed(self.scores):
            if at < day:
                break
            total += score
            readings += 1
        return (total / readings, readings) if readings else (0.0, 0)

    def latest(self, readings: int) -> float:
        """The mean of so many newest readings."""
        newest = [score for _, score in self.scores[-readings:]]
        return sum(newest) / len(newest) if newest else 0.0


NOTHING: Final = Track()
