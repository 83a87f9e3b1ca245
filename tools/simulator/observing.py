"""What the business numbers show of a nudge two months later: before against after, and nothing corrected for."""

from __future__ import annotations

from datetime import date
from statistics import mean, pstdev

from tools.simulator.calendar import observed_at
from tools.simulator.measuring import Measuring
from tools.simulator.policy import Nudge
from tools.simulator.records import Effect

WINDOW_DAYS = 28
FEWEST = 10


def observed_effect(nudge: Nudge, people: int, measuring: Measuring, accepted: int, today: date) -> Effect | None:
    """Four weeks before the day on which so many people were accepted, against the last four weeks; None without enough values."""
    day = (today - measuring.start).days
    before = [value for at, value in measuring.values.items() if accepted - WINDOW_DAYS <= at < accepted]
    after = [value for at, value in measuring.values.items() if day - WINDOW_DAYS <= at < day]
    if min(len(before), len(after)) < FEWEST or not (spread := pstdev(before)):
        return None
    improvement = measuring.series.worse * (mean(before) - mean(after)) / spread
    return Effect(
        nudge.content_id,
        nudge.team_id,
        nudge.competency,
        measuring.series.kpi,
        round(improvement, 3),
        len(before),
        len(after),
        people,
        observed_at(measuring.start, day),
    )
