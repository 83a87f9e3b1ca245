"""KPIs that slip, and teams around them, for tests that weigh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

from kinetic.common.events import Cause
from kinetic.contracts.event import Event
from kinetic.contracts.ids import EventId, KpiKey
from kinetic.contracts.skill_gap import (
    Detection,
    Direction,
    Kpi,
    KpiRule,
)
from kinetic.skill_gap.domain.assess import Decision, Picture, Turn, decide_after_turns, decide_again
from kinetic.skill_gap.domain.assessment import Assessment, unobserved
from kinetic.skill_gap.domain.circumstances import Circumstances, Crowd
from kinetic.skill_gap.domain.coverage import Learner
from kinetic.skill_gap.domain.days import day_of
from kinetic.skill_gap.domain.peers import others_of
from kinetic.skill_gap.domain.slip import Slip
from kinetic.skill_gap.domain.surge import nothing_seen
from kinetic.skill_gap.domain.track import Track
from kinetic.skill_gap.domain.weighing import Weighing, read_numbers, weigh
from tests.support.skill_gap import NOW, RULES, SKILL, TEAM, learners

FAILURES, OTHER = KpiKey("change-failure-rate"), KpiKey("lead-time")
MAP = RULES.model_copy(
    update={
        "kpis": tuple(
            Kpi(key=key, name=key, unit="percent", direction=Direction.LOWER_IS_BETTER, target=10, alarm=20)
            for key in (FAILURES, OTHER)
        ),
        "kpi_rules": (KpiRule(kpi=FAILURES, competency=SKILL, weight=1.0, half_life_days=14),),
        "detection": Detection(),
    }
)
NOBODY = learners(1.0, 1.0, None)
CAUSE = Cause(EventId("0199f000-0000-7000-8000-000000000009"), EventId("0199f000-0000-7000-8000-000000000009"), None)
numbers = count(1)


def fresh_id() -> str:
    return f"0199f000-0000-7000-8000-3{next(numbers):011d}"


def track(size: float, days: int = 20) -> Track:
    """Eight weeks of readings, of which the newest are worse by so many standard deviations."""
    today = day_of(NOW)
    noise = (0.4, -0.3, 0.1, -0.5, 0.3)
    readings = [(today - 40 + at, noise[at % 5] + (size if at > 40 - days else 0.0)) for at in range(1, 41)]
    return Track(tuple(readings), 60)


def slip(size: float, kpi: KpiKey = FAILURES, days: int = 20) -> Slip:
    """A KPI that has been worse by so many standard deviations for so many readings."""
    return Slip(
        kpi=kpi,
        score=6 * size,
        is_established=True,
        value=24.0,
        n=40,
        event_id=CAUSE.event_id,
        measured_at=NOW,
        usual=9.0,
        level=21.0,
        track=track(size, days),
    )


def surging(days: int = 20, per_day: float = 1.0) -> Assessment:
    """A team that has had half a signal a day for months, and now has twice as many."""
    today, surge = day_of(NOW), nothing_seen(day_of(NOW) - 120)
    for day in range(today - 120, today - days + 1):
        surge = surge.add(0.5, day, day)
    for day in range(today - days + 1, today + 1):
        surge = surge.add(per_day, day, day)
    quiet = unobserved((TEAM, SKILL), NOW)
    return replace(quiet, surge=surge, pressure=quiet.pressure.add(3.0, 14.0, NOW, NOW))


def decide(
    around: Circumstances,
    known: Assessment | None = None,
    team: Sequence[Learner] = NOBODY,
    at: datetime = NOW,
    **turned: Any,
) -> Decision:
    """The decision after the KPI has turned, or again when it has not."""
    known = known or unobserved((TEAM, SKILL), NOW)
    picture = Picture(MAP, {(TEAM, SKILL): known}, {TEAM: team}, {TEAM: around})
    if "turn" in turned:
        return decide_after_turns(picture, [Turn(TEAM, turned["turn"], CAUSE)], at, fresh_id)
    return decide_again(picture, at, fresh_id)


def weighed(around: Circumstances) -> Weighing:
    """What a surge of signals is worth there."""
    return weigh(SKILL, surging().surge, read_numbers(SKILL, around, MAP, day_of(NOW)), around, day_of(NOW))


def told(decision: Decision) -> Event:
    *_, emission = decision.emissions
    return emission.data


OTHERS = Circumstances(by_kpi={FAILURES: Crowd(3, 0, others_of((track(0.0),) * 3))})
"""Three other teams in which nothing has changed."""


def among(*tracks: Track, **more: Any) -> Circumstances:
    return Circumstances(by_kpi={FAILURES: Crowd(len(tracks), 0, others_of(tracks))}, **more)
