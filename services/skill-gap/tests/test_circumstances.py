"""What goes on around a team, counted over all teams; against real Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kinetic.common.database import Database
from kinetic.common.events import Envelope, new_id
from kinetic.contracts.ids import KpiKey, PersonId, TeamId
from kinetic.contracts.ingestion import MeasurementRecorded, Position
from kinetic.contracts.skill_gap import CapabilitiesPublished, Detection, Direction, Kpi, KpiRule
from kinetic.directory import store as directory
from kinetic.directory.store import NOBODY, Headcount
from kinetic.skill_gap import handlers
from kinetic.skill_gap.domain.circumstances import NOTICEABLE, Circumstances
from kinetic.skill_gap.domain.surge import WINDOW_DAYS
from kinetic.skill_gap.store import charts, maps
from tests.support.skill_gap import ENGINEER, NOW, RULES, SKILL, TEAM, signal
from tests.support.skill_gap_company import AIKO, BEN, DANA, hand, person, sealed, team

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


def moved(person_id: PersonId, *positions: tuple[int, TeamId | None], active: bool = True) -> Envelope[Any]:
    """Somebody who so many days ago came to each of these teams."""
    dated = tuple(
        Position(team_id=team_id, manager_id=None, role=ENGINEER, effective_from=NOW - timedelta(days=days))
        for days, team_id in positions
    )
    told = person(person_id, version=2).data
    return sealed(told.model_copy(update={"positions": dated, "active": active}))


async def headcounts(database: Database, *days: int) -> dict[TeamId, list[Headcount]]:
    async with database.transaction() as tx:
        return await directory.headcounts(tx, [TEAM, *OTHERS[:2]], [timedelta(days=back) for back in days])


async def test_people_are_counted_now_and_at_each_earlier_moment(company: Database) -> None:
    await hand(
        company,
        handlers.on_directory_changed,
        moved(AIKO, (900, TEAM)),
        moved(BEN, (900, OTHERS[0]), (90, TEAM)),
        moved(DANA, (100, TEAM), (30, OTHERS[0])),
        moved(PersonId(new_id()), (40, TEAM), (10, None)),
        moved(PersonId(new_id()), (900, TEAM), (-5, OTHERS[0])),
    )
    counted = await headcounts(company, 60, 120)
    assert counted[TEAM] == [Headcount(now=3, before=4, stayed=3), Headcount(now=3, before=2, stayed=2)]
    assert counted[OTHERS[0]] == [Headcount(now=1, before=0, stayed=0), Headcount(now=1, before=1, stayed=0)]
    assert counted[OTHERS[1]] == [NOBODY, NOBODY]


async def test_who_left_the_company_was_there_before(company: Database) -> None:
    await hand(company, handlers.on_directory_changed, moved(AIKO, (900, TEAM), active=False))
    assert (await headcounts(company, 60))[TEAM] == [Headcount(now=1, before=2, stayed=1)]
    async with company.transaction() as tx:
        await tx.execute("UPDATE directory_person SET inactive_since = now() - interval '61 days' WHERE NOT active")
    assert (await headcounts(company, 60))[TEAM] == [Headcount(now=1, before=1, stayed=1)]


async def test_the_earlier_moment_since_which_most_has_changed_counts(company: Database) -> None:
    came = [moved(PersonId(new_id()), (days, TEAM)) for days in (90, 90, 40)]
    await hand(company, handlers.on_directory_changed, *came)
    staff = (await around(company, rules_with(ERRORS))).staff
    assert (staff.now, staff.before, staff.stayed) == (5, 2, 2)
