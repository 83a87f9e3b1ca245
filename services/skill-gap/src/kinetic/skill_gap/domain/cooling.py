"""A gap that has closed does not open anew at once, unless the work asks clearly more, or the team holds clearly less."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kinetic.contracts.skill_gap import GapClosedReason

CLEARLY_MORE: Final = 1.5
"""Half as hard again as before is more than the same trouble that comes back."""

CLEARLY_LESS: Final = 0.2
"""So much of a coverage does not fade within a cool-down: somebody has left or joined, or what was learned was taken back."""

_OF_PEOPLE: Final = frozenset({GapClosedReason.NO_LONGER_REQUIRED})
"""What a change of the map or of roles closed did not flap, and may be changed back."""


@dataclass(frozen=True, slots=True)
class LastGap:
    """The gap of a team and a competency that opened last.

    `pressure` is how hard the work pressed when it opened, or when it closed if that was harder; `coverage` what the team held
    when it closed. That and `closed_at` are None while it is open.
    """

    pressure: float
    coverage: float | None = None
    closed_at: datetime | None = None

    def closed(self, reason: GapClosedReason, pressure: float, coverage: float | None, now: datetime) -> LastGap | None:
        """After it closed; None when nothing has to cool down."""
        return None if reason in _OF_PEOPLE else LastGap(max(self.pressure, pressure), coverage, now)

    def cools_until(self, cool_down_days: float) -> datetime | None:
        """Until when none opens again in the same situation; None while it is open."""
        return self.closed_at and self.closed_at + timedelta(days=cool_down_days)

    def holds_back(self, pressure: float, coverage: float | None, cool_down_days: float, now: datetime) -> bool:
        """Whether a gap that would open now has to wait."""
        until = self.cools_until(cool_down_days)
        if until is None or now >= until:
            return False
        fallen = (self.coverage or 0.0) - (coverage or 0.0)
        return pressure < CLEARLY_MORE * self.pressure and fallen < CLEARLY_LESS
