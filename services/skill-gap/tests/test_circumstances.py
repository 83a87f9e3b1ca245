"""What goes on around a team, counted over all teams; against real Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kinetic.common.database import Database
from kinetic.common.events import Envelope, new_id
from kinetic.contracts.ids import KpiKey, TeamId
from kinetic.contracts.ingestion import MeasurementRecorded
from kinetic.contracts.skill_gap import CapabilitiesPublished, Detection, Direction, Kpi, KpiRule
from kinetic.skill_gap import handlers
from kinetic.skill_gap.domain.circumstances import NOTICEABLE, Circumstances
from kinetic.skill_gap.domain.surge import WINDOW_DAYS
from kinetic.skill_gap.store import charts, maps
from tests.support.skill_gap import NOW, RULES, SKILL, TEAM, signal
from tests.support.skill_gap_company import AIKO, hand, person, sealed, team

ERRORS, DEFECTS = KpiKey("error-rate"), KpiKey("defects")
OTHERS = [TeamId(new_id()) for _ in range(3)]
WEEK = timedelta(days=7)

ALARMING = [9, 9, 9]
"""Far beyond the alarm value, which counts before there is history."""

USUAL = [2.6, 3.4] * 15
"""Enough to tell what is usual."""


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


def weekly(values: Sequence[float], team_id: TeamId = TEAM, kpi: KpiKey = ERRORS) -> list[Envelope[Any]]:
    """One measurement a week, the last one now."""
    ends = [NOW - ago * WEEK for ago in reversed(range(len(values)))]
    return [
        sealed(MeasurementRecorded(kpi=kpi, team_id=team_id, value=value, n=9, period_start=end - WEEK, period_end=end))
        for value, end in zip(values, ends, strict=True)
    ]


async def around(database: Database, rules: CapabilitiesPublished) -> Circumstances:
    async with database.transaction() as tx:
        return (await charts.load_circumstances(tx, rules, [TEAM], [SKILL]))[TEAM]


async def remove(database: Database, *team_ids: TeamId) -> None:
    gone = [sealed(team(one).data.model_copy(update={"removed": True, "version": 2})) for one in team_ids]
    await hand(database, handlers.on_directory_changed, *gone)


@pytest.fixture
async def four_teams(company: Database) -> Database:
    """In all of them errors alarm, and there are signals of the same."""
    async with company.transaction() as tx:
        await maps.save(tx, rules_with(ERRORS, DEFECTS), "lena")
    await hand(company, handlers.on_directory_changed, *(team(other) for other in OTHERS))
    for team_id in (TEAM, *OTHERS):
        await hand(company, handlers.on_signals, signal(team=team_id))
        await hand(company, handlers.on_measurements, *weekly(ALARMING, team_id))
    return company


async def test_the_other_teams_are_counted_without_the_own(four_teams: Database) -> None:
    seen = await around(four_teams, rules_with(ERRORS))
    assert (seen.by_kpi[ERRORS].teams, seen.by_kpi[ERRORS].slipping) == (3, 3)
    assert seen.by_competency[SKILL].teams == 3


async def test_removed_teams_say_nothing_of_the_others(four_teams: Database) -> None:
    await remove(four_teams, *OTHERS[1:])
    seen = await around(four_teams, rules_with(ERRORS))
    assert (seen.by_kpi[ERRORS].teams, seen.by_kpi[ERRORS].slipping) == (1, 1)
    assert seen.by_competency[SKILL].teams == 1


async def test_the_tracks_of_the_others_are_those_of_teams_that_are_not_removed(four_teams: Database) -> None:
    for team_id in (TEAM, *OTHERS):
        await hand(four_teams, handlers.on_measurements, *weekly(USUAL, team_id, DEFECTS))
    rules = rules_with(ERRORS, DEFECTS)
    tracked = rules.model_copy(update={"kpi_rules": (rules.kpi_rules[0].model_copy(update={"kpi": DEFECTS}),)})
    assert len((await around(four_teams, tracked)).by_kpi[DEFECTS].others.courses) == len(OTHERS)
    await remove(four_teams, *OTHERS[1:])
    assert len((await around(four_teams, tracked)).by_kpi[DEFECTS].others.courses) == 1


@pytest.mark.parametrize(("days", "slipping"), [(WINDOW_DAYS - 1, 3), (WINDOW_DAYS + 1, 0)])
async def test_a_surge_of_long_ago_is_none_today(four_teams: Database, days: int, slipping: int) -> None:
    async with four_teams.transaction() as tx:
        ago = timedelta(days=days)
        await tx.execute("UPDATE assessment SET surge_score = $1, as_of = now() - $2::interval", NOTICEABLE, ago)
    seen = (await around(four_teams, rules_with(ERRORS))).by_competency[SKILL]
    assert (seen.teams, seen.slipping) == (len(OTHERS), slipping)


async def test_a_removed_team_has_no_kpi_that_slips(four_teams: Database) -> None:
    assert set((await around(four_teams, rules_with(ERRORS))).slips) == {ERRORS}
    await remove(four_teams, TEAM)
    assert (await around(four_teams, rules_with(ERRORS))).slips == {}


async def test_a_kpi_that_left_the_map_is_no_other_kpi_of_the_team(four_teams: Database) -> None:
    await hand(four_teams, handlers.on_measurements, *weekly(ALARMING, kpi=DEFECTS))
    assert set((await around(four_teams, rules_with(ERRORS, DEFECTS))).slips) == {ERRORS, DEFECTS}
    assert set((await around(four_teams, rules_with(ERRORS))).slips) == {ERRORS}


async def test_since_when_somebody_is_away_stands_until_they_come_back(database: Database) -> None:
    await hand(database, handlers.on_directory_changed, team(), away(1))
    async with database.transaction() as tx:
        await tx.execute("UPDATE directory_person SET inactive_since = now() - interval '30 days'")
    await hand(database, handlers.on_directory_changed, away(2))
    async with database.transaction() as tx:
        assert await tx.fetch_value("SELECT now() - inactive_since FROM directory_person") >= timedelta(days=30)
    await hand(database, handlers.on_directory_changed, person(AIKO, 3))
    async with database.transaction() as tx:
        assert await tx.fetch_value("SELECT inactive_since FROM directory_person") is None


def away(version: int) -> Envelope[Any]:
    told = person(AIKO, version)
    return replace(told, data=told.data.model_copy(update={"active": False}))
