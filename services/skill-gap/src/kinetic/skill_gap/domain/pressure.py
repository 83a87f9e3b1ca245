"""How hard the work asks a team for a competency now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from kinetic.contracts.skill_gap import Direction, Kpi

SECONDS_PER_DAY = 86_400.0
NEGLIGIBLE = 1e-6


@dataclass(frozen=True, slots=True)
class Pressure:
    """Exponentially decayed sums of what was observed, one per half-life in days, as of one moment.

    A sum halves in each half-life, as activity in radioactive decay does, so that adding one observation needs the
    sum alone and no history. A sum that has become negligible is dropped, so the state stays bounded.
    """

    sums: Mapping[float, float]
    as_of: datetime

    def at(self, moment: datetime) -> float:
        """The pressure at `moment`, which is not before `as_of`."""
        return sum(self._sums_at(moment).values())

    def add(self, amount: float, half_life_days: float, observed_at: datetime, now: datetime) -> Pressure:
        """The pressure as of `now` with one more observation. An observation from the future counts as of now."""
        sums = dict(self._sums_at(now))
        fresh = sums.get(half_life_days, 0.0) + amount * _decay(_days(observed_at, now), half_life_days)
        if fresh > NEGLIGIBLE:
            sums[half_life_days] = fresh
        return Pressure(MappingProxyType(sums), now)

    def _sums_at(self, moment: datetime) -> Mapping[float, float]:
        days = _days(self.as_of, moment)
        if not days:
            return self.sums
        decayed = {half_life: kept * _decay(days, half_life) for half_life, kept in self.sums.items()}
        return {half_life: kept for half_life, kept in decayed.items() if kept > NEGLIGIBLE}


def alarm_severity(kpi: Kpi, value: float) -> float:
    """How badly a measurement slips, 0..1: 0 before the alarm value, 0.5 at it, 1 when it is as far beyond as the target is before.

    A fixed threshold; control charts replace it later.
    """
    beyond = value - kpi.alarm if kpi.direction is Direction.LOWER_IS_BETTER else kpi.alarm - value
    if beyond < 0:
        return 0.0
    room = abs(kpi.alarm - kpi.target)
    return 1.0 if room == 0 else min(1.0, 0.5 + 0.5 * beyond / room)


def _days(earlier: datetime, later: datetime) -> float:
    return (later - earlier).total_seconds() / SECONDS_PER_DAY if earlier < later else 0.0


def _decay(days: float, half_life_days: float) -> float:
    share: float = 0.5 ** (days / half_life_days)
    return share
