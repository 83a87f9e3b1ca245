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


def observed_effect(nudge: Nudge, measuring: Measuring, day: int, start: date) -> Effect | None:
    """Four weeks before the nudge was accepted, 60 days ago, against the last four weeks; None where too little was measured."""
    accepted = day - 60
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
        len(nudge.person_ids),
        observed_at(start, day),
    )
