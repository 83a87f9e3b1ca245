"""The newest readings of a KPI of a team as others see them: how much worse than usual each was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

KEPT: Final = 40
"""So many readings are kept: eight weeks of working days, or forty weeks."""

FARTHEST: Final = 2.5
"""No reading of a day says more than so many standard deviations: a wrong one opens nothing, and heavy tails count little."""

SUMMARY_DAYS: Final = 5
"""From so many days between readings on, each sums up several days of work."""

SUMMARY_UNIT: Final = 1.8
"""The mean of a week varies less than a day: five days whose neighbours go along a little, and a level that wanders anyway.
So the same slip is so many times as many standard deviations."""


class Step(NamedTuple):
    """How far the readings from a day on lie above all before, and how many there are of both."""

    height: float
    readings: int
    before: int


@dataclass(frozen=True, slots=True)
class Track:
    """`scores` holds (day, distance from one level) in order, in robust standard deviations, positive where it is worse; days
    count from 0001-01-01.

    `usual` older readings tell what is usual as well, and lie at `usual_at` on the same scale. Readings are `days` apart.
    """

    scores: tuple[tuple[int, float], ...] = ()
    usual: int = 0
    usual_at: float = 0.0
    days: int = 1

    @property
    def unit(self) -> float:
        """So many standard deviations of a reading are one of a day."""
        return SUMMARY_UNIT if self.days >= SUMMARY_DAYS else 1.0

    def steps(self, days: Sequence[int]) -> list[Step]:
        """The step at each of some days, of which the newest comes first."""
        if not days:
            return []
        scores, usual = self.scores, self.usual
        before, since, readings, found = len(scores), 0.0, 0, []
        total = sum([score for _, score in scores]) + usual * self.usual_at
        for day in days:
            while before and scores[before - 1][0] >= day:
                before -= 1
                since += scores[before][1]
                readings += 1
            told = before + usual
            height = since / readings - (total - since) / told if readings and told else 0.0
            found.append(Step(height, readings, told))
        return found

    def latest(self, readings: int) -> float:
        """The mean of so many newest readings."""
        newest = [score for _, score in self.scores[-readings:]]
        return sum(newest) / len(newest) if newest else 0.0


NOTHING: Final = Track()
