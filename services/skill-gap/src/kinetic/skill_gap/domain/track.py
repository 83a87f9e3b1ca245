"""The newest readings of a KPI of a team as others see them: how much worse than usual each was."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
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

    def latest(self, readings: int) -> float:
        """The mean of so many newest readings."""
        newest = [score for _, score in self.scores[-readings:]]
        return sum(newest) / len(newest) if newest else 0.0


NOTHING: Final = Track()


class Course:
    """A track added up once, so that the step at any day of it is told without looking at its readings again.

    A mean of its readings varies `inflation` times as much as one of independent ones.
    """

    __slots__ = ("_days", "_older", "_sums", "_usual", "inflation", "unit")

    def __init__(self, track: Track, inflation: float) -> None:
        self.unit, self.inflation = track.unit, inflation
        self._days = [day for day, _ in track.scores]
        self._sums = list(accumulate([score for _, score in track.scores], initial=0.0))
        self._usual, self._older = track.usual, track.usual * track.usual_at

    def step(self, day: int) -> Step:
        """The step at a day; its height is 0 where nothing lies on one side of it."""
        return Step(*self.split(day))

    def split(self, day: int) -> tuple[float, int, int]:
        """The step at a day without its names, for those who add up many."""
        place = bisect_left(self._days, day)
        newer, told, older = len(self._days) - place, place + self._usual, self._sums[place]
        if not newer or not told:
            return 0.0, newer, told
        return (self._sums[-1] - older) / newer - (older + self._older) / told, newer, told

    def rises(self, least: float, readings: int, before: int) -> list[tuple[int, Step]]:
        """The days from which on the readings lie so much higher than before, the newest first, where so many tell of both."""
        total, found = self._sums[-1], list[tuple[int, Step]]()
        for place in range(len(self._days) - readings, max(0, before - self._usual) - 1, -1):
            newer = len(self._days) - place
            older, told = self._sums[place], place + self._usual
            height = (total - older) / newer - (older + self._older) / told
            if height >= least:
                found.append((self._days[place], Step(height, newer, told)))
        return found
