"""Why: a team's competencies against its goals, and its KPIs over time."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.common.events import Envelope, new_id
from kinetic.contracts.ids import KpiKey, PersonId
from kinetic.contracts.ingestion import MeasurementRecorded
from kinetic.contracts.skill_gap import Detection, Direction, Kpi, KpiRule
from kinetic.skill_gap import handlers
from kinetic.skill_gap.store import maps, verdicts
from tests.support.http import token
from tests.support.skill_gap import NOW, RULES, SKILL, TEAM, signal
from tests.support.skill_gap_company import AIKO, completed, hand, person, sealed

ERRORS = KpiKey("error-rate")
MEASURED = RULES.model_copy(
    update={
        "version": RULES.version + 300,  # no other test has a map of this version, and each is read once
        "kpis": (Kpi(key=ERRORS, name="Error rate", unit="%", direction=Direction.LOWER_IS_BETTER, target=2, alarm=5),),
        "kpi_rules": (KpiRule(kpi=ERRORS, competency=SKILL, weight=1.0, half_life_days=14.0),),
        "detection": Detection(),
    }
)
WEEK = timedelta(days=7)
LENA = token("lena", "learning")


def measured(value: float, weeks_ago: int) -> Envelope[Any]:
    ended = NOW - weeks_ago * WEEK
    return sealed(
        MeasurementRecorded(kpi=ERRORS, team_id=TEAM, value=value, n=100, period_start=ended - WEEK, period_end=ended)
    )


@pytest.fixture
async def slipping(company: Database) -> Database:
    """Thirty usual weeks, and twelve in which three times as much went wrong."""
    async with company.transaction() as tx:
        await maps.save(tx, MEASURED, "lena")
    chance = random.Random(1)
    usual = [measured(round(chance.gauss(3, 0.4), 2), ago) for ago in range(41, 11, -1)]
    await hand(company, handlers.on_measurements, *usual, *(measured(9, ago) for ago in range(11, -1, -1)))
    return company


async def test_each_cell_says_what_its_numbers_rest_on(slipping: Database, http: httpx.AsyncClient) -> None:
    await hand(slipping, handlers.on_directory_changed, *(person(PersonId(new_id())) for _ in range(3)))
    await hand(slipping, handlers.on_learning, completed(AIKO))
    await hand(slipping, handlers.on_signals, signal(0.6))
    shown = (await http.get(f"/teams/{TEAM}/diagnosis", headers=LENA)).json()
    (goal,), (cell,) = shown["goals"], shown["cells"]
    assert (goal["key"], cell["goal"], cell["competency"]) == ("ship-safely", "ship-safely", SKILL)
    assert (cell["standing"], cell["below"]) == ("open", 4)
    why = cell["why"]
    assert cell["pressure"] == pytest.approx(why["pressure_of_signals"] + why["pressure_of_kpis"], abs=1e-3)
    assert (why["kpi"], why["required"], why["assessed"], why["explanation"]) == (ERRORS, 5, 1, None)
    assert [one["kind"] for one in why["evidence"]] == ["delivery.failed"]


async def test_figures_about_fewer_than_five_others_are_suppressed(slipping: Database, http: httpx.AsyncClient) -> None:
    (cell,) = (await http.get(f"/teams/{TEAM}/diagnosis", headers=LENA)).json()["cells"]
    assert (cell["coverage"], cell["below"], cell["why"]["required"], cell["why"]["assessed"]) == (None,) * 4


async def test_a_kpi_is_shown_with_its_alarm_and_the_gap_that_it_tells_of(
    slipping: Database, http: httpx.AsyncClient
) -> None:
    shown = (await http.get(f"/teams/{TEAM}/kpis/{ERRORS}", headers=LENA)).json()
    assert [one["value"] for one in shown["readings"]][-3:] == [9, 9, 9]
    assert len(shown["readings"]) == 42
    assert shown["usual"] == pytest.approx(3, abs=0.3)
    (band,) = shown["gaps"]
    assert (band["competency"], band["closed_at"]) == (SKILL, None)


async def test_what_was_not_measured_is_not_found(slipping: Database, http: httpx.AsyncClient) -> None:
    assert (await http.get(f"/teams/{TEAM}/kpis/lead-time", headers=LENA)).status_code == 404
    assert (await http.get(f"/teams/{new_id()}/kpis/{ERRORS}", headers=token("dana", "manager"))).status_code in (
        403,
        404,
    )


async def test_verdicts_are_forgotten_after_a_year(slipping: Database) -> None:
    async with slipping.transaction() as tx:
        assert await tx.fetch_value("SELECT count(*) FROM verdict") == 1
        await verdicts.sweep(tx, await tx.now() + timedelta(days=1))
        assert await tx.fetch_value("SELECT count(*) FROM verdict") == 0
