"""What callers see of gaps and teams, against real Postgres."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.common.events import new_id
from kinetic.contracts.ids import PersonId
from kinetic.skill_gap import handlers
from tests.support.http import token
from tests.support.skill_gap import TEAM, signal
from tests.support.skill_gap_company import AIKO, BEN, DANA, completed, hand, person, told

LENA = token("lena", "learning")


async def gap_seen_by(http: httpx.AsyncClient, headers: dict[str, str]) -> dict[str, Any]:
    (shown,) = (await http.get("/gaps", headers=headers)).json()
    return {name: shown[name] for name in ("standing", "below", "coverage", "person_ids", "grounds")}


async def team_seen_by(http: httpx.AsyncClient, headers: dict[str, str]) -> tuple[Any, ...]:
    answer = await http.get(f"/teams/{TEAM}/competencies", headers=headers)
    assert answer.status_code == 200, answer.text
    (shown,) = answer.json()["competencies"]
    return shown["coverage"], shown["below"]


@pytest.fixture
async def gap(company: Database) -> Database:
    """Aiko has learned the skill, Ben and Dana have not; Aiko and Ben report to Dana, who is one of the team."""
    await hand(company, handlers.on_directory_changed, person(AIKO, 2, DANA), person(BEN, 2, DANA), person(DANA))
    await hand(company, handlers.on_learning, completed(AIKO))
    await hand(company, handlers.on_signals, signal(0.6), signal(0.6))
    return company


async def grow(database: Database) -> None:
    """Two more engineers join, so that the team is five."""
    await hand(database, handlers.on_directory_changed, *(person(PersonId(new_id())) for _ in range(2)))


async def test_a_manager_is_told_the_names_of_their_own_reports_only(gap: Database, http: httpx.AsyncClient) -> None:
    await grow(gap)
    shown = await gap_seen_by(http, token("dana", "manager"))
    assert (shown["standing"], shown["below"], shown["person_ids"]) == ("open", 2, [BEN])


async def test_learning_and_admins_are_told_no_names(gap: Database, http: httpx.AsyncClient) -> None:
    await grow(gap)
    for headers in (LENA, token("amara", "admin")):
        shown = await gap_seen_by(http, headers)
        assert (shown["below"], shown["person_ids"]) == (2, [])
        assert shown["grounds"]["people"] == 3
        assert shown["coverage"] == pytest.approx(1 / 3)
        assert await team_seen_by(http, headers) == (pytest.approx(1 / 5), 4)


async def test_figures_about_fewer_than_five_others_are_suppressed(gap: Database, http: httpx.AsyncClient) -> None:
    for headers in (LENA, token("dana", "manager")):
        shown = await gap_seen_by(http, headers)
        assert (shown["below"], shown["coverage"], shown["grounds"]) == (None, None, None)
        assert await team_seen_by(http, headers) == (None, None)


async def test_a_manager_sees_figures_of_a_small_team_that_reports_to_them_wholly(
    gap: Database, http: httpx.AsyncClient
) -> None:
    await hand(gap, handlers.on_directory_changed, person(DANA, 2, team_id=None))
    assert await team_seen_by(http, token("dana", "manager")) == (pytest.approx(1 / 2), 1)
    assert await team_seen_by(http, LENA) == (None, None)


async def test_a_team_without_reports_of_the_caller_answers_404(gap: Database, http: httpx.AsyncClient) -> None:
    for path in (f"/teams/{TEAM}/competencies", f"/gaps?team_id={TEAM}"):
        assert (await http.get(path, headers=token("ben", "manager"))).status_code == 404
    assert (await http.get("/gaps", headers=token("ben", "manager"))).json() == []


async def test_what_was_told_is_shown_until_something_else_is(gap: Database, http: httpx.AsyncClient) -> None:
    (before,) = (await http.get("/gaps", headers=token("lena", "admin"))).json()
    await hand(gap, handlers.on_signals, signal(0.1))
    (after,) = (await http.get("/gaps", headers=token("lena", "admin"))).json()
    assert await told(gap) == ["kinetic.gap.opened.v1"]
    assert after == before


async def test_who_is_not_in_the_directory_sees_no_gaps(gap: Database, http: httpx.AsyncClient) -> None:
    assert (await http.get("/gaps", headers=token("nobody", "manager"))).status_code == 403
    assert (await http.get("/gaps")).status_code == 401


async def test_before_the_first_map_there_is_no_gap(database: Database, http: httpx.AsyncClient) -> None:
    assert (await http.get("/gaps", headers=LENA)).json() == []
    assert (await http.get("/capabilities", headers=LENA)).status_code == 404
