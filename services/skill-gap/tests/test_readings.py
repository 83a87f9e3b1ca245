"""Measurements stand on control charts, and a correction stands in the place of what it corrects."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetic.common.database import Database
from kinetic.common.events import Envelope
from kinetic.contracts.ids import KpiKey
from kinetic.contracts.ingestion import MeasurementRecorded
from kinetic.contracts.skill_gap import Detection, Direction, Kpi, KpiRule
from kinetic.skill_gap import handlers
from kinetic.skill_gap.domain.departure import depart
from kinetic.skill_gap.domain.peers import NOBODY
from kinetic.skill_gap.domain.readings import UNESTABLISHED_SCORE, Charted, reckon
from kinetic.skill_gap.domain.track import FARTHEST, NOTHING, SUMMARY_UNIT, Course
from kinetic.skill_gap.store import charts, maps
from tests.support.http import token
from tests.support.skill_gap import NOW, RULES, SKILL, TEAM
from tests.support.skill_gap_company import hand, sealed, told

ERRORS = KpiKey("error-rate")
MEASURED = RULES.model_copy(
    update={
        "version": RULES.version + 100,  # no other test has a map of this version, and each is read once
        "kpis": (Kpi(key=ERRORS, name="Error rate", unit="%", direction=Direction.LOWER_IS_BETTER, target=2, alarm=5),),
        "kpi_rules": (KpiRule(kpi=ERRORS, competency=SKILL, weight=1.0, half_life_days=14.0),),
        "detection": Detection(),
    }
)
WEEK = timedelta(days=7)
KEY = (TEAM, ERRORS)


def measured(value: float, weeks_ago: int = 0, version: int = 1) -> Envelope[Any]:
    """The error rate of the team in a week."""
    ended = NOW - weeks_ago * WEEK
    return sealed(
        MeasurementRecorded(
            kpi=ERRORS, team_id=TEAM, value=value, n=100, period_start=ended - WEEK, period_end=ended, version=version
        )
    )


def history(weeks: int, until: int = 0) -> list[Envelope[Any]]:
    """A usual error rate of 3 for so many weeks."""
    chance = random.Random(weeks)
    return [measured(round(chance.gauss(3, 0.4), 2), ago) for ago in range(until + weeks - 1, until - 1, -1)]


def charted(events: Sequence[Envelope[Any]]) -> Charted:
    return reckon({}, events, MEASURED).charts[KEY]


def test_a_kpi_that_stays_as_it_is_says_nothing() -> None:
    assert charted(history(30)).slip.score < 2.0


def test_a_kpi_that_slips_is_sure_after_some_weeks_and_dated() -> None:
    slip = charted([*history(30, until=6), *(measured(5, ago) for ago in range(5, -1, -1))]).slip
    assert slip.score > 8.0
    assert slip.since is not None
    assert abs(slip.since - (NOW - 5 * WEEK)) <= WEEK


def test_one_wild_value_is_no_departure() -> None:
    wild = charted([*history(30, until=1), measured(60, 0)]).slip.track
    assert wild.scores[-1][1] == FARTHEST * SUMMARY_UNIT
    assert depart(wild, NOBODY).score < Detection().opening_score / 2


def test_a_kpi_of_weeks_departs_within_the_first_months() -> None:
    young = charted([*history(12, until=4), *(measured(4.4, ago) for ago in range(3, -1, -1))]).slip.track
    assert young.days == 7
    assert depart(young, NOBODY).score > 5.0
    assert depart(charted(history(16)).slip.track, NOBODY).score < 1.0
    assert charted(history(5)).slip.track == NOTHING


def test_a_track_stands_on_the_scale_of_the_level_before_it() -> None:
    track = charted([*history(70, until=10), *(measured(4.2, ago) for ago in range(9, -1, -1))]).slip.track
    step = Course(track, 1.0).step(track.scores[-10][0])
    assert track.usual == 40
    assert step.before == 70
    assert step.height == pytest.approx(1.2 / 0.4, abs=0.6)


def test_before_there_is_history_three_alarming_values_on_end_count_a_little() -> None:
    assert charted([measured(8, ago) for ago in (1, 0)]).slip.score == 0.0
    assert charted([measured(8, ago) for ago in (2, 1, 0)]).slip.score == UNESTABLISHED_SCORE
    assert charted([measured(4, ago) for ago in (2, 1, 0)]).slip.score == 0.0


def test_an_older_version_changes_nothing() -> None:
    newer = charted([*history(30, until=1), measured(3, version=2)])
    assert reckon({KEY: newer}, [measured(20)], MEASURED).turns == ()


def test_a_version_that_repeats_the_value_still_stands_above_older_ones() -> None:
    repeated = charted([*history(30, until=1), measured(3), measured(3, version=3)])
    assert reckon({KEY: repeated}, [measured(20, version=2)], MEASURED).turns == ()


def test_the_same_measurement_again_changes_nothing() -> None:
    once = charted(history(30))
    assert reckon({KEY: once}, history(30)[-5:], MEASURED).turns == ()


@settings(max_examples=25, deadline=None)
@given(wrong=st.floats(0, 50), at=st.integers(0, 20), chance=st.randoms())
def test_corrections_and_late_values_leave_what_the_right_ones_in_order_would(
    wrong: float, at: int, chance: random.Random
) -> None:
    right = history(30)
    corrected = [*right[:at], measured(wrong, 29 - at), *right[at + 1 :]]
    shuffled = chance.sample(corrected, len(corrected))
    repaired = right[at].data.model_copy(update={"version": 2})
    assert charted([*shuffled, sealed(repaired)]).chart == charted(right).chart


def test_a_kpi_that_the_map_does_not_know_has_no_chart() -> None:
    assert reckon({}, history(3), RULES).charts == {}


async def publish(database: Database) -> None:
    async with database.transaction() as tx:
        await maps.save(tx, MEASURED, "lena")


async def test_a_gap_of_a_wrong_value_is_closed_by_its_correction(company: Database) -> None:
    await publish(company)
    wrong = [measured(9, ago) for ago in range(11, -1, -1)]
    await hand(company, handlers.on_measurements, *history(30, until=12), *wrong)
    assert (await told(company))[-1] == "kinetic.gap.opened.v1"

    await hand(company, handlers.on_measurements, *(measured(3, ago, version=2) for ago in range(11, -1, -1)))

    assert (await told(company))[-1] == "kinetic.gap.closed.v1"


async def test_one_by_one_or_at_once_the_same_is_told(company: Database) -> None:
    await publish(company)
    events = [*history(30, until=12), *(measured(9, ago) for ago in range(11, -1, -1))]
    for event in events:
        await hand(company, handlers.on_measurements, event)
    async with company.transaction() as tx:
        held = await charts.load(tx, [KEY])
    assert held[KEY].chart == charted(events).chart
    assert await told(company) == ["kinetic.gap.opened.v1"]


async def test_the_pressure_of_a_team_counts_the_kpi_that_slips(company: Database, http: httpx.AsyncClient) -> None:
    await publish(company)
    await hand(
        company, handlers.on_measurements, *history(30, until=12), *(measured(9, ago) for ago in range(11, -1, -1))
    )
    answer = await http.get(f"/teams/{TEAM}/competencies", headers=token("lena", "learning"))
    (shown,) = answer.json()["competencies"]
    assert shown["pressure"] > 1.0


async def test_what_nobody_measures_any_more_is_forgotten(company: Database) -> None:
    await publish(company)
    await hand(company, handlers.on_measurements, *history(3))
    async with company.transaction() as tx:
        await charts.sweep(tx, _later(NOW))
        assert await charts.load(tx, [KEY]) == {}


def _later(moment: datetime) -> datetime:
    return moment + timedelta(days=1)
