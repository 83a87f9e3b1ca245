"""What goes on around a team, counted over all teams; against real Postgres."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kinetic.common.database import Database
from kinetic.common.events import Envelope, new_id
from kinetic.contracts.ids import KpiKey, TeamId
from kinetic.contracts.ingestion import MeasurementRecorded
from kinetic.contracts.skill_gap import CapabilitiesPublished, Detection, Direction, Kpi, KpiRule
from kinetic.skill_gap import handlers
from kinetic.skill_gap.domain.circumstances import Circumstances
from kinetic.skill_gap.store import charts, maps
from tests.support.skill_gap import NOW, RULES, SKILL, TEAM, signal
from tests.support.skill_gap_company import hand, sealed, team

ERRORS, DEFECTS = KpiKey("error-rate"), KpiKey("defects")
OTHERS = [TeamId(new_id()) for _ in range(3)]
WEEK = timedelta(days=7)


def rules_with(*kpis: KpiKey) -> CapabilitiesPublished:
    return RULES.model_copy(
        update={
            "version": RULES.version + 200 + len(kpis),
            "kpis": tuple(
                Kpi(key=key, name=key, unit="%", direction=Direction.LOWER_IS_BETTER, target=2, alarm=5) for key in kpis
            ),
            "kpi_rules": (KpiRule(kpi=ERRORS, competency=SKILL, weight=1.0, half_life_days=14.0),),
            "detection": Detection(),
        }
    )


def alarming(team_id: TeamId, kpi: KpiKey = ERRORS) -> list[Envelope[Any]]:
    """Three weeks far beyond the alarm value, which count before there is history."""
    return [
        sealed(
            MeasurementRecorded(
                kpi=kpi, team_id=team_id, value=9, n=9, period_start=ended - WEEK, period_end=ended, version=1
            )
        )
        for ended in (NOW - 2 * WEEK, NOW - WEEK, NOW)
    ]


async def around(database: Database, rules: CapabilitiesPublished) -> Circumstances:
    async with database.transaction() as tx:
        return (await charts.load_circumstances(tx, rules, [TEAM], [SKILL]))[TEAM]


@pytest.fixture
async def four_teams(company: Database) -> Database:
    """In all of them errors alarm, and there are signals of the same."""
    async with company.transaction() as tx:
        await maps.save(tx, rules_with(ERRORS, DEFECTS), "lena")
    await hand(company, handlers.on_directory_changed, *(team(other) for other in OTHERS))
    for team_id in (TEAM, *OTHERS):
        await hand(company, handlers.on_signals, signal(team=team_id))
        await hand(company, handlers.on_measurements, *alarming(team_id))
    return company


async def test_the_other_teams_are_counted_without_the_own(four_teams: Database) -> None:
    seen = await around(four_teams, rules_with(ERRORS))
    assert (seen.by_kpi[ERRORS].teams, seen.by_kpi[ERRORS].slipping) == (3, 3)
    assert seen.by_competency[SKILL].teams == 3


async def test_removed_teams_say_nothing_of_the_others(four_teams: Database) -> None:
    gone = [sealed(team(other).data.model_copy(update={"removed": True, "version": 2})) for other in OTHERS[1:]]
    await hand(four_teams, handlers.on_directory_changed, *gone)
    seen = await around(four_teams, rules_with(ERRORS))
    assert (seen.by_kpi[ERRORS].teams, seen.by_kpi[ERRORS].slipping) == (1, 1)
    assert seen.by_competency[SKILL].teams == 1


async def test_a_kpi_that_left_the_map_is_no_other_kpi_of_the_team(four_teams: Database) -> None:
    await hand(four_teams, handlers.on_measurements, *alarming(TEAM, DEFECTS))
    assert set((await around(four_teams, rules_with(ERRORS, DEFECTS))).slips) == {ERRORS, DEFECTS}
    assert set((await around(four_teams, rules_with(ERRORS))).slips) == {ERRORS}
