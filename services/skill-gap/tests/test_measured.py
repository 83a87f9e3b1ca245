"""Measurements press, and a correction presses in the place of what it corrects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetic.common.database import Database
from kinetic.common.events import Envelope
from kinetic.contracts.ids import CompetencyKey, KpiKey
from kinetic.contracts.ingestion import MeasurementRecorded
from kinetic.contracts.skill_gap import Direction, Kpi, KpiRule
from kinetic.skill_gap import handlers
from kinetic.skill_gap.domain.assessment import Assessment, press, unobserved
from kinetic.skill_gap.domain.measured import Measured, MeasuredKey, reckon
from kinetic.skill_gap.store import assessments, maps
from tests.support.skill_gap import NOW, RULES, SKILL, TEAM
from tests.support.skill_gap_company import hand, sealed, told

OTHER = CompetencyKey("code-review")
ERRORS = KpiKey("error-rate")
SLIPS = KpiRule(kpi=ERRORS, competency=SKILL, weight=1.0, half_life_days=14.0)
MEASURED = RULES.model_copy(
    update={
        "version": RULES.version + 1,
        "kpis": (Kpi(key=ERRORS, name="Error rate", unit="%", direction=Direction.LOWER_IS_BETTER, target=2, alarm=5),),
        "kpi_rules": (SLIPS, SLIPS.model_copy(update={"weight": 0.5, "half_life_days": 30.0})),
    }
)
WEEK = timedelta(days=7)


def measured(value: float, version: int = 1, ended: datetime = NOW) -> Envelope[Any]:
    """The error rate of the team in the week that ended then."""
    return sealed(
        MeasurementRecorded(
            kpi=ERRORS,
            team_id=TEAM,
            value=value,
            n=100,
            period_start=ended - WEEK,
            period_end=ended,
            version=version,
        )
    )


def after(history: Sequence[tuple[datetime, Envelope[Any]]]) -> Assessment:
    """The skill of the team after these measurements, each taken at its moment."""
    held: dict[MeasuredKey, Measured] = {}
    assessment = unobserved((TEAM, SKILL), history[0][0])
    for moment, event in history:
        reckoning = reckon(held, [event], MEASURED, moment)
        held |= reckoning.newest
        for demand in reckoning.demands:
            assessment = press(assessment, demand, moment)
    return assessment


@given(
    values=st.lists(st.floats(0, 20), min_size=1, max_size=5),
    ended=st.integers(-30, 30),
    days=st.lists(st.integers(0, 20), min_size=5, max_size=5),
)
def test_corrections_leave_what_the_last_value_alone_would_press(
    values: list[float], ended: int, days: list[int]
) -> None:
    period_end = NOW + timedelta(days=ended)
    moments = [NOW + timedelta(days=sum(days[: index + 1])) for index in range(len(values))]
    events = [measured(value, index + 1, period_end) for index, value in enumerate(values)]
    corrected = after(list(zip(moments, events, strict=True)))
    alone = after([(moments[-1], events[-1])])
    assert corrected.pressure.at(moments[-1]) == pytest.approx(alone.pressure.at(moments[-1]), abs=1e-4)
    assert corrected.evidence == alone.evidence


def test_an_older_version_says_nothing() -> None:
    newer = measured(3, version=2)
    held = reckon({}, [newer], MEASURED, NOW).newest
    assert reckon(held, [measured(20)], MEASURED, NOW).demands == ()
    assert reckon({}, [newer, measured(20)], MEASURED, NOW).demands == ()


def test_another_week_presses_beside_the_first() -> None:
    both = after([(NOW, measured(8)), (NOW, measured(8, ended=NOW - WEEK))])
    assert both.pressure.at(NOW) > after([(NOW, measured(8))]).pressure.at(NOW)
    assert len(both.evidence) == 4


def test_what_a_newer_map_asks_of_another_skill_is_taken_back_from_the_first() -> None:
    held = reckon({}, [measured(8)], MEASURED, NOW).newest
    moved = MEASURED.model_copy(update={"kpi_rules": (SLIPS.model_copy(update={"competency": OTHER}),)})
    demands = reckon(held, [measured(8, version=2)], moved, NOW).demands
    assert {demand.key[1]: len(demand.replaces) for demand in demands} == {OTHER: 0, SKILL: 2}


async def publish(database: Database) -> None:
    async with database.transaction() as tx:
        await maps.save(tx, MEASURED, "lena")


async def pressure(database: Database) -> float:
    async with database.transaction() as tx:
        picture = await assessments.load_picture(tx, MEASURED, [TEAM], [(TEAM, SKILL)])
        return picture.assessments[TEAM, SKILL].pressure.at(await tx.now())


async def test_a_gap_of_a_wrong_value_is_closed_by_its_correction(company: Database) -> None:
    await publish(company)
    await hand(company, handlers.on_measurements, measured(20))
    assert await told(company) == ["kinetic.gap.opened.v1"]

    await hand(company, handlers.on_measurements, measured(2, version=2))

    assert await told(company) == ["kinetic.gap.opened.v1", "kinetic.gap.closed.v1"]
    assert await pressure(company) == pytest.approx(0, abs=1e-6)


async def test_a_corrected_value_does_not_press_twice(company: Database) -> None:
    await publish(company)
    await hand(company, handlers.on_measurements, measured(6))
    once = await pressure(company)

    await hand(company, handlers.on_measurements, measured(6, version=2), measured(6, version=3))

    assert await pressure(company) == pytest.approx(once, rel=1e-3)


async def test_a_value_that_comes_after_its_correction_changes_nothing(company: Database) -> None:
    await publish(company)
    await hand(company, handlers.on_measurements, measured(2, version=2))
    await hand(company, handlers.on_measurements, measured(20))
    assert await told(company) == []


async def test_old_measurements_are_forgotten(company: Database) -> None:
    await publish(company)
    await hand(company, handlers.on_measurements, measured(6), measured(6, ended=NOW - timedelta(days=401)))
    async with company.transaction() as tx:
        await handlers.sweep(tx)
        assert await tx.fetch_value("SELECT count(*) FROM measurement") == 1
