"""A manager's wishes ask for less than the policy allows, and never for more."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetic.common.database import Database
from kinetic.common.events import new_id
from kinetic.contracts.ids import CompetencyKey
from kinetic.contracts.ingestion import PersonErased
from kinetic.contracts.recommendation import NudgeComposed, NudgeDeferred, SnoozeUntil
from kinetic.recommendation import handlers
from kinetic.recommendation.domain.attention import Policy, QuietHours, next_open, week_of
from kinetic.recommendation.domain.consider import decide_after_gaps, decide_again
from kinetic.recommendation.domain.nudge import Snooze, State
from kinetic.recommendation.domain.picture import Team
from kinetic.recommendation.domain.preferences import (
    NO_WISHES,
    URGENT_PRESSURE,
    Preferences,
    attention_of,
    leaves_an_hour,
)
from kinetic.recommendation.store import preferences as store
from services.recommendation.tests.company import (
    DANA,
    TEAM,
    allow,
    consider,
    enter,
    envelope,
    fetch,
    opened,
    person,
    tell,
    told_types,
    until_done_or_waiting,
)
from services.recommendation.tests.test_attention import berlin, clocks, policies, quiet_hours
from services.recommendation.tests.test_consider import SKILLS, World
from services.recommendation.tests.test_policy import ADMIN, OPEN_WIDE
from tests.support.http import token

ZONE = ZoneInfo("Europe/Berlin")
OFFICE = Policy(1, 2, QuietHours(time(18), time(8)), frozenset({1, 2, 3, 4, 5}), 14)
DANAS = token("dana", "manager")

wishes = st.builds(
    Preferences,
    weekly_budget=st.none() | st.integers(0, 9),
    quiet_hours=quiet_hours,
    working_days=st.none() | st.frozensets(st.integers(1, 7), min_size=1),
    daily_from=st.none() | clocks,
)
moments = st.integers(0, 400 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(policies, wishes, moments, st.floats(0, 9))
@settings(max_examples=300, deadline=None)
def test_no_wish_opens_what_the_policy_keeps_closed_and_some_time_is_always_left(
    policy: Policy, wish: Preferences, moment: datetime, pressure: float
) -> None:
    own = attention_of(policy, wish, pressure)
    opens_at = next_open(own, ZONE, moment)
    assert own.weekly_budget <= policy.weekly_budget
    assert own.working_days <= policy.working_days
    assert opens_at == next_open(policy, ZONE, opens_at)
    assert opens_at - moment < timedelta(days=16)


@given(st.lists(quiet_hours.filter(lambda hours: hours is not None), max_size=3))
def test_a_time_is_left_when_a_minute_of_the_day_is_open(quiet: list[QuietHours]) -> None:
    minutes = [time(minute // 60, minute % 60) for minute in range(24 * 60)]
    assert leaves_an_hour(quiet) == any(not any(hours.cover(minute) for hours in quiet) for minute in minutes)


def test_who_wishes_nothing_has_the_policy() -> None:
    assert attention_of(OFFICE, NO_WISHES, 1.0) is OFFICE


@pytest.mark.parametrize(
    ("wish", "now", "opens"),
    [
        (Preferences(quiet_hours=QuietHours(time(16), time(10))), berlin(23, 9), berlin(23, 10)),
        (Preferences(quiet_hours=QuietHours(time(16), time(10))), berlin(23, 16), berlin(24, 10)),
        (Preferences(quiet_hours=QuietHours(time(12), time(13))), berlin(23, 12, 30), berlin(23, 13)),
        (Preferences(working_days=frozenset({2, 4})), berlin(23, 9), berlin(24, 8)),
        (Preferences(daily_from=time(14, 30)), berlin(23, 9), berlin(23, 14, 30)),
        (Preferences(daily_from=time(14, 30)), berlin(23, 15), berlin(23, 15)),
        (Preferences(daily_from=time(0)), berlin(23, 9), berlin(23, 9)),
        (Preferences(working_days=frozenset({7})), berlin(23, 9), berlin(23, 9)),
        (Preferences(daily_from=time(19)), berlin(23, 9), berlin(23, 9)),
    ],
)
def test_wishes_hold_on_the_managers_clock_as_far_as_they_leave_any_time(
    wish: Preferences, now: datetime, opens: datetime
) -> None:
    assert next_open(attention_of(OFFICE, wish, 1.0), ZONE, now) == opens


def _decide(wish: Preferences, now: datetime, pressure: float, spent: int = 0) -> object:
    picture = World(now=now).picture({})
    manager = picture.teams[TEAM].manager
    assert manager is not None
    dana = replace(manager, wishes=wish, spent=spent)
    team = Team(dana, picture.teams[TEAM].member_ids)
    gap = opened(competency=SKILLS[0], pressure=pressure)
    (emission,) = decide_after_gaps(replace(picture, teams={TEAM: team}), [envelope(gap)], new_id).emissions
    return emission.data


def test_a_nudge_waits_for_the_daily_slot_unless_it_is_urgent() -> None:
    wish, morning = Preferences(daily_from=time(14)), berlin(23, 9)
    waiting = _decide(wish, morning, URGENT_PRESSURE - 0.1)
    assert isinstance(waiting, NudgeDeferred)
    assert (waiting.reason, waiting.due_at) == ("quiet_hours", berlin(23, 14))
    assert isinstance(_decide(wish, morning, URGENT_PRESSURE), NudgeComposed)
    assert isinstance(_decide(wish, berlin(23, 14), 1.0), NudgeComposed)


def test_urgency_breaks_neither_quiet_hours_nor_the_budget_that_was_wished() -> None:
    quiet = _decide(Preferences(quiet_hours=QuietHours(time(8), time(12))), berlin(23, 9), 9.0)
    assert isinstance(quiet, NudgeDeferred)
    assert quiet.due_at == berlin(23, 12)
    spent = _decide(Preferences(weekly_budget=1), berlin(23, 9), 9.0, spent=1)
    assert isinstance(spent, NudgeDeferred)
    assert spent.reason == "weekly_budget"
    assert spent.due_at > week_of(berlin(23, 9), ZONE)[1]


def test_a_snoozed_nudge_comes_back_in_no_hour_that_its_manager_wishes_quiet() -> None:
    gap, now = opened(competency=SKILLS[0]), berlin(23, 9)
    picture = World(now=now).picture({})
    composed = decide_after_gaps(picture, [envelope(gap)], new_id)
    resting = Snooze(SnoozeUntil.TOMORROW, now - timedelta(days=1), State.SEEN, gap.pressure, now)
    snoozed = replace(composed.nudges[0], state=State.SNOOZED, snooze=resting)
    manager = picture.teams[TEAM].manager
    assert manager is not None
    for wish, due_at in ((NO_WISHES, None), (Preferences(quiet_hours=QuietHours(time(8), time(11))), berlin(23, 11))):
        team = Team(replace(manager, wishes=wish), picture.teams[TEAM].member_ids)
        later = replace(picture, gaps={gap.gap_id: composed.gaps[0]}, nudges={gap.gap_id: snoozed}, teams={TEAM: team})
        (nudge,) = decide_again(later, new_id).nudges
        assert (nudge.snooze.due_at if nudge.snooze else None) == due_at


NOTHING: dict[str, Any] = {
    **dict.fromkeys(("weekly_budget", "quiet_hours", "working_days", "daily_from", "language", "absence")),
    "channels": [],
}


async def wish_for(http: httpx.AsyncClient, **wished: Any) -> httpx.Response:
    return await http.put("/preferences", headers=DANAS, json=wished)


OFFICE_HOURS = {"start": "18:00", "end": "08:00"}
OFFICE_DAYS = ["mon", "tue", "wed", "thu", "fri"]
WISHED: dict[str, Any] = {
    "weekly_budget": 1,
    "quiet_hours": {"start": "16:00", "end": "09:30"},
    "working_days": ["tue", "fri"],
    "daily_from": "10:15",
    "language": "de",
    "channels": ["mail", "console"],
}


async def test_wishes_are_kept_and_shown_with_what_holds(database: Database, http: httpx.AsyncClient) -> None:
    await enter(database, person(DANA, time_zone="Europe/Berlin", version=2))
    office = {"quiet_hours": OFFICE_HOURS, "working_days": OFFICE_DAYS}
    await http.put("/policy", headers=ADMIN, json={**OPEN_WIDE, **office})
    before = (await http.get("/preferences", headers=DANAS)).json()
    in_force = {"weekly_budget": 5, "quiet_hours": [OFFICE_HOURS], "working_days": OFFICE_DAYS}
    directory = {"time_zone": "Europe/Berlin", "possible_delegates": []}
    assert before == {**NOTHING, **directory, "in_force": in_force}

    answer = await wish_for(http, **WISHED)
    hours = [OFFICE_HOURS, WISHED["quiet_hours"], {"start": "00:00", "end": "10:15"}]
    in_force = {"weekly_budget": 1, "quiet_hours": hours, "working_days": ["tue", "fri"]}
    assert answer.json() == {**NOTHING, **WISHED, **directory, "in_force": in_force}
    assert (await http.get("/preferences", headers=DANAS)).json() == answer.json()
    assert (await http.get("/preferences", headers=token("ravi", "manager"))).json()["weekly_budget"] is None
    assert (await wish_for(http)).json() == before


@pytest.mark.parametrize(
    ("wished", "pointer"),
    [
        ({"weekly_budget": 3}, "#/weekly_budget"),
        ({"weekly_budget": -1}, "#/weekly_budget"),
        ({"working_days": ["sun"]}, "#/working_days"),
        ({"working_days": []}, "#/working_days"),
        ({"quiet_hours": {"start": "08:00", "end": "18:00"}}, "#/quiet_hours"),
        ({"quiet_hours": {"start": "08:00", "end": "08:00"}}, "#/quiet_hours"),
        ({"daily_from": "18:00"}, "#/daily_from"),
        ({"daily_from": "9 o'clock"}, "#/daily_from"),
        ({"language": "la"}, "#/language"),
        ({"channels": ["pigeon"]}, "#/channels/0"),
        ({"channels": ["mail", "mail"]}, "#/channels"),
        ({"time_zone": "Asia/Tokyo"}, "#/time_zone"),
    ],
)
async def test_more_than_the_policy_allows_is_refused_and_changes_nothing(
    database: Database, http: httpx.AsyncClient, wished: dict[str, Any], pointer: str
) -> None:
    office = {"quiet_hours": {"start": "18:00", "end": "08:00"}, "working_days": ["mon", "fri"], "weekly_budget": 2}
    await http.put("/policy", headers=ADMIN, json={**OPEN_WIDE, **office})
    answer = await wish_for(http, **wished)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert await fetch(database, "SELECT FROM preference") == []


async def test_a_manager_who_wishes_one_nudge_a_week_gets_one_and_reads_so(
    database: Database, http: httpx.AsyncClient
) -> None:
    await wish_for(http, weekly_budget=1, language="de")
    await tell(database, opened(), opened(competency=CompetencyKey("other")))
    await tell(database, opened())
    assert (await told_types(database)).count("nudge.composed") == 1
    (card,) = (await http.get("/inbox", headers=DANAS)).json()
    assert "Woche" in card["how_often"]


async def test_tomorrow_begins_when_its_manager_wishes(database: Database, http: httpx.AsyncClient) -> None:
    await tell(database, opened())
    (card,) = (await http.get("/inbox", headers=DANAS)).json()
    await wish_for(http, quiet_hours={"start": "00:00", "end": "09:00"})
    body = {"version": card["version"], "until": "tomorrow"}
    answer = await http.post(f"/nudges/{card['nudge_id']}/snooze", headers=DANAS, json=body)
    assert datetime.fromisoformat(answer.json()["snooze"]["due_at"]).time() == time(9)


async def test_a_policy_that_becomes_stricter_is_stricter_for_everybody(
    database: Database, http: httpx.AsyncClient
) -> None:
    await allow(database, weekly_budget=5)
    assert (await wish_for(http, weekly_budget=4)).status_code == 200
    await allow(database, weekly_budget=0)
    await tell(database, opened())
    assert await told_types(database) == ["nudge.deferred"]
    assert (await http.get("/preferences", headers=DANAS)).json()["in_force"]["weekly_budget"] == 0


async def test_a_wish_that_is_taken_back_frees_what_waited(database: Database, http: httpx.AsyncClient) -> None:
    await wish_for(http, weekly_budget=0)
    await tell(database, opened())
    assert await consider(database) == 0
    await wish_for(http)
    assert await consider(database) == 1
    assert await told_types(database) == ["nudge.deferred", "nudge.composed"]


async def test_somebody_elses_wishes_free_nothing(database: Database, http: httpx.AsyncClient) -> None:
    await wish_for(http, weekly_budget=0)
    await tell(database, opened())
    await http.put("/preferences", headers=token("ravi", "manager"), json={})
    assert await consider(database) == 0


async def test_what_a_manager_wished_is_forgotten_with_them(database: Database, http: httpx.AsyncClient) -> None:
    await wish_for(http, weekly_budget=1)
    await enter(database, PersonErased(person_id=DANA, version=9))
    assert await fetch(database, "SELECT FROM preference") == []
    assert (await wish_for(http, weekly_budget=1)).status_code == 403


async def test_a_wish_that_is_made_while_its_manager_is_erased_does_not_stay(
    database: Database, http: httpx.AsyncClient
) -> None:
    async with database.transaction() as tx:
        await handlers.on_directory_changed(tx, [envelope(PersonErased(person_id=DANA, version=9))])
        wishing = asyncio.create_task(wish_for(http, weekly_budget=1))
        await until_done_or_waiting(database, wishing)
    assert (await wishing).status_code == 403
    assert await fetch(database, "SELECT FROM preference") == []


@pytest.mark.parametrize("role", ["learning", "admin", "service"])
async def test_only_managers_have_wishes(http: httpx.AsyncClient, role: str) -> None:
    assert (await http.get("/preferences", headers=token("dana", role))).status_code == 403


async def test_channels_are_kept_in_the_order_of_the_wish(database: Database, http: httpx.AsyncClient) -> None:
    await wish_for(http, channels=["webhook", "slack"])
    async with database.transaction() as tx:
        assert (await store.of(tx, DANA)).channels == ("webhook", "slack")
