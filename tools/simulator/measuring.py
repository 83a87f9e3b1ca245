"""The measurements of a company on a day: daily ones are known on the next day, weekly ones on the Monday after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from tools.simulator.calendar import WORKING, midnight
from tools.simulator.records import Measurement
from tools.simulator.series import Series, strength

Left = Callable[[int], float]
"""Which share of the lack behind an episode is left."""


class Measuring:
    """One series as it comes out, day by day."""

    def __init__(self, series: Series, start: date) -> None:
        self.series = series
        self.values: dict[int, float] = {}
        self._name = f"{series.team_id}-{series.kpi}"
        self.start = start

    def measure(self, day: int, left: Left, harm: float) -> Iterator[tuple[int, Measurement]]:
        """What is measured about a working day, with the day on which it is known; `harm` is in sigma."""
        series = self.series
        if not series.first <= day <= series.last:
            return
        if series.counts[day]:
            badness = harm
            for slip in series.learnable:
                if slip.first <= day <= slip.last:
                    badness += slip.size * strength(slip, day) * left(slip.episode or 0)
            self.values[day] = series.value(day, badness)
        if series.is_weekly:
            if day % 7 == WORKING - 1:
                yield from self._weekly(day - WORKING + 1)
        elif day in self.values:
            yield from self._daily(day)

    def _daily(self, day: int) -> Iterator[tuple[int, Measurement]]:
        measured = self._measurement(day, 1, self.values[day], self.series.counts[day])
        glitch = self.series.glitches.get(day)
        if glitch is None:
            yield day + 1, measured
            return
        wrong = max(0.0, measured.value + glitch * self.series.sd)
        yield day + 1, replace(measured, value=wrong)
        if glitch < 0:
            yield day + 2, replace(measured, version=2)

    def _weekly(self, monday: int) -> Iterator[tuple[int, Measurement]]:
        days = [day for day in range(monday, monday + WORKING) if day in self.values]
        if days:
            value = sum(self.values[day] for day in days) / len(days)
            yield monday + 7, self._measurement(monday, 7, value, sum(self.series.counts[day] for day in days))

    def _measurement(self, day: int, days: int, value: float, n: int) -> Measurement:
        series, begins = self.series, midnight(self.start, day)
        ends = midnight(self.start, day + days)
        return Measurement(f"{self._name}-{day}", series.kpi, series.team_id, round(value, 4), n, begins, ends)
