"""Weeks of teams: what readings add to them, and the scale on which teams stand beside each other."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetic.common.events import Envelope
from kinetic.contracts.ids import KpiKey, TeamId
from kinetic.contracts.ingestion import MeasurementRecorded
from kinetic.contracts.skill_gap import Direction, Kpi
from kinetic.skill_gap.domain.association import FEWEST_WEEKS
from kinetic.skill_gap.domain.coverage import cover
from kinetic.skill_gap.domain.readings import Charted, ChartKey, reckon
from kinetic.skill_gap.domain.weeks import (
    FARTHEST,
    Observed,
    WeekSum,
    share_kept,
    side_by_side,
    week_measured,
    week_of,
)
from tests.support.skill_gap import NOW, RULES, SKILL, TEAM, learners
from tests.support.skill_gap_company import sealed

ERRORS = KpiKey("error-rate")
MEASURED = RULES.model_copy(
    update={
        "kpis": (Kpi(key=ERRORS, name="Error rate", unit="%", direction=Direction.LOWER_IS_BETTER, target=2, alarm=5),)
    }
)
MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def measured(day: int, value: float, n: int = 1, version: int = 1) -> Envelope[Any]:
    ended = MONDAY + (day + 1) * DAY
    return sealed(
        MeasurementRecorded(
            kpi=ERRORS, team_id=TEAM, value=value, n=n, period_start=ended - DAY, period_end=ended, version=version
        )
    )


def sums(events: Sequence[Envelope[Any]], batch: int = 1000) -> dict[int, WeekSum]:
    """What the weeks hold after these events, `batch` at a time, from Monday's week on."""
    charts: dict[ChartKey, Charted] = {}
    found: dict[int, WeekSum] = {}
    for begin in range(0, len(events), batch):
        reckoning = reckon(charts, events[begin : begin + batch], MEASURED)
        charts |= reckoning.charts
        for (_, _, week), one in reckoning.weeks.items():
            at = week - week_of(MONDAY)
            found[at] = found.get(at, WeekSum()).plus(one)
    return found


def test_a_week_is_the_mean_over_the_cases_of_its_readings() -> None:
    held = sums([measured(0, 4.0, n=30), measured(6, 1.0, n=10), measured(7, 9.0)])
    assert held == {0: WeekSum(130.0, 40.0), 1: WeekSum(9.0, 1.0)}


def test_a_period_that_ends_with_the_week_belongs_to_it() -> None:
    assert week_measured(measured(6, 1.0).data) == week_of(MONDAY)
    assert week_of(MONDAY - timedelta(microseconds=1)) == week_of(MONDAY) - 1


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    assert sums([measured(0, 4.0, n=3), measured(1, 2.0), measured(0, 1.0, n=2, version=2)])[0] == WeekSum(4.0, 3.0)


def test_the_same_again_and_what_is_older_than_its_correction_add_nothing() -> None:
    twice = [measured(0, 4.0), measured(0, 4.0), measured(0, 5.0, version=2), measured(0, 4.0)]
    assert sums(twice)[0] == WeekSum(5.0, 1.0)


def test_what_is_older_than_the_chart_goes_back_adds_nothing() -> None:
    days = [measured(day, 3.0) for day in range(60)]
    assert sums([*days, measured(0, 8.0, version=2)]) == sums(days)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 50), st.permutations(range(50)))
def test_weeks_are_the_same_however_readings_are_batched(batch: int, order: list[int]) -> None:
    chance = random.Random(batch)
    events = [measured(day // 2, float(chance.randrange(9)), version=1 + day % 2) for day in order]
    assert sums(events, batch) == sums(events)


def test_each_team_stands_on_a_scale_of_its_own() -> None:
    small, large = [5.0, 6.0] * 6, [500.0, 600.0] * 6
    first, second = (scale(values) for values in (small, large))
    assert first == pytest.approx(second)
    assert first[0] == -first[1]


def test_lower_is_better_where_the_map_says_so() -> None:
    values = [4.0, 5.0] * 6
    assert scale(values, Direction.LOWER_IS_BETTER)[0] > 0 > scale(values, Direction.HIGHER_IS_BETTER)[0]


def test_a_step_is_measured_in_the_weeks_around_it() -> None:
    chance = random.Random(1)
    stepped = scale([chance.gauss(8, 1) + (week < 20) * 2 for week in range(40)])
    assert sum(stepped[20:]) / 20 - sum(stepped[:20]) / 20 == pytest.approx(2, abs=0.8)


def test_a_wild_week_is_worth_no_more_than_the_farthest() -> None:
    assert min(scale([4.0, 5.0] * 6 + [1e9])) == -FARTHEST


def test_teams_of_few_weeks_and_teams_that_never_move_are_left_out() -> None:
    assert scale([4.0, 5.0] * (FEWEST_WEEKS // 2 - 1)) == []
    assert scale([4.0] * 20) == []


def test_what_one_person_alone_holds_is_not_kept() -> None:
    alone, several = (cover(learners(*levels), SKILL, RULES.requirements, NOW) for levels in ((3.0,), (3.0, 0.0)))
    assert (share_kept(alone), share_kept(several)) == (None, 0.5)
    assert share_kept(cover(learners(None, None), SKILL, RULES.requirements, NOW)) is None


def scale(values: Sequence[float], direction: Direction = Direction.LOWER_IS_BETTER) -> list[float]:
    weeks = [Observed(TeamId("team"), week, value, 0.5) for week, value in enumerate(values)]
    return [one.better for one in side_by_side(weeks, direction)]
