"""A manager puts a nudge off: when it comes back, and what ends it meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.contracts.recommendation import NudgeResumed, NudgeSnoozed, ResumptionReason, SnoozeUntil
from kinetic.contracts.skill_gap import GapOpened
from kinetic.recommendation.domain import snooze as rest
from kinetic.recommendation.domain.attention import Policy, QuietHours
from kinetic.recommendation.domain.nudge import Change, Click, Nudge, Snooze, State, expire
from kinetic.recommendation.domain.snooze import STANDS_AFTERWARDS, due_at, has_moved, rouse, snooze, wish_of
from kinetic.recommendation.store import gaps
from services.recommendation.tests.company import (
    DANA,
    LEE,
    allow,
    changed,
    closed,
    consider,
    course,
    enter,
    evidence,
    fetch,
    fire,
    offer,
    opened,
    person,
    run,
    team,
    tell,
    told,
    told_types,
)
from services.recommendation.tests.test_api import act, inbox, nudged
from services.recommendation.tests.test_nudge import NUDGE

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Policy(1, 2, QuietHours(time(18), time(8)), frozenset({1, 2, 3, 4, 5}), 14)
WEDNESDAY = datetime(2026, 11, 25, 10, tzinfo=BERLIN)
AWAKE = "UPDATE nudge SET snooze = jsonb_set(snooze, '{due_at}', to_jsonb(clock_timestamp()))"


def berlin(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=BERLIN)


def snoozed(until: SnoozeUntil, nudge: Nudge = NUDGE, now: datetime = WEDNESDAY) -> Nudge:
    wish = wish_of(until, nudge, 1.4, due_at(until, OFFICE, BERLIN, now), now)
    answer = snooze(nudge, Click(nudge.version, DANA, now), wish)
    assert isinstance(answer, Change)
    return answer.nudge


@pytest.mark.parametrize(
    ("now", "until", "due"),
    [
        (WEDNESDAY, SnoozeUntil.TOMORROW, berlin(26, 8)),
        (berlin(25, 23), SnoozeUntil.TOMORROW, berlin(26, 8)),
        (berlin(27, 10), SnoozeUntil.TOMORROW, berlin(30, 8)),
        (WEDNESDAY, SnoozeUntil.MONDAY, berlin(30, 8)),
        (berlin(23, 10), SnoozeUntil.MONDAY, berlin(30, 8)),
        (berlin(29, 10), SnoozeUntil.MONDAY, berlin(30, 8)),
        (WEDNESDAY, SnoozeUntil.MOVED, None),
    ],
)
def test_it_comes_back_on_the_first_open_hour_of_the_day_that_is_meant(
    now: datetime, until: SnoozeUntil, due: datetime | None
) -> None:
    assert due_at(until, OFFICE, BERLIN, now) == due


def test_tomorrow_is_the_managers_and_not_the_clocks() -> None:
    evening_in_berlin = datetime(2026, 11, 25, 21, tzinfo=UTC)
    assert due_at(SnoozeUntil.TOMORROW, OFFICE, ZoneInfo("Asia/Tokyo"), evening_in_berlin) == datetime(
        2026, 11, 27, 8, tzinfo=ZoneInfo("Asia/Tokyo")
    )


def test_what_comes_back_can_be_acted_on_for_a_day_whenever_it_would_have_expired() -> None:
    late = replace(NUDGE, expires_at=berlin(26, 1))
    assert snoozed(SnoozeUntil.MONDAY, late).expires_at == berlin(30, 8) + STANDS_AFTERWARDS
    assert snoozed(SnoozeUntil.MONDAY).expires_at == NUDGE.expires_at
    assert snoozed(SnoozeUntil.MOVED, late).expires_at == late.expires_at


@pytest.mark.parametrize(
    ("told", "moved"),
    [
        (opened(), False),
        (opened(person_ids=(LEE,), coverage=0.1), False),
        (opened(pressure=1.3), False),
        (opened(pressure=1.5), True),
        (opened(pressure=0.9, evidence=(evidence(seen_at=WEDNESDAY + timedelta(minutes=1)),)), True),
        (opened(pressure=0.9, evidence=(evidence(seen_at=WEDNESDAY),)), False),
    ],
    ids=["nothing new", "other people", "decayed", "more pressure", "seen since", "seen before"],
)
def test_a_gap_moves_again_by_more_pressure_or_by_what_was_observed_since(told: GapOpened, moved: bool) -> None:
    resting = Snooze(SnoozeUntil.MOVED, WEDNESDAY, State.SEEN, 1.4, None)
    assert has_moved(resting, told) is moved


@pytest.mark.parametrize("before", [State.COMPOSED, State.SEEN])
def test_it_comes_back_as_what_it_was_and_tells_it_once(before: State) -> None:
    resting = snoozed(SnoozeUntil.TOMORROW, replace(NUDGE, state=before))
    assert rouse(resting, opened(), OFFICE, BERLIN, berlin(26, 8) - timedelta(seconds=1)) == Change(resting)
    back = rouse(resting, opened(), OFFICE, BERLIN, berlin(26, 8))
    assert (back.nudge.state, back.nudge.version, len(back.emissions)) == (before, resting.version + 1, 1)
    assert rouse(back.nudge, opened(), OFFICE, BERLIN, berlin(27, 8)) == Change(back.nudge)


def test_a_gap_that_moves_at_night_brings_the_nudge_back_in_the_morning() -> None:
    resting, harder = snoozed(SnoozeUntil.MOVED), opened(pressure=3.0)
    night = rouse(resting, harder, OFFICE, BERLIN, berlin(25, 23))
    assert (night.nudge.state, night.emissions) == (State.SNOOZED, ())
    morning = rouse(night.nudge, opened(pressure=0.5), OFFICE, BERLIN, berlin(26, 8))
    (emission,) = morning.emissions
    assert isinstance(emission.data, NudgeResumed)
    assert emission.data.reason is ResumptionReason.MOVED


def test_another_wish_replaces_the_first_and_the_same_one_changes_nothing() -> None:
    resting = snoozed(SnoozeUntil.TOMORROW)
    assert snoozed(SnoozeUntil.TOMORROW, resting, WEDNESDAY + timedelta(hours=20)) == resting
    longer = snoozed(SnoozeUntil.MONDAY, resting)
    assert longer.snooze is not None
    assert (longer.version, longer.snooze.due_at, longer.snooze.before) == (3, berlin(30, 8), State.COMPOSED)


def test_a_snoozed_nudge_expires_when_nothing_has_moved() -> None:
    resting = snoozed(SnoozeUntil.MOVED)
    assert expire(resting, resting.expires_at).nudge.state is State.EXPIRED


async def test_a_snoozed_nudge_leaves_the_inbox_and_comes_back_without_costing_attention_again(
    database: Database, http: httpx.AsyncClient
) -> None:
    await allow(database, weekly_budget=1)
    nudge_id = await nudged(database, http)
    answer = await put_off(http, nudge_id, "tomorrow")
    assert (answer.status_code, answer.json()["state"]) == (200, "snoozed")
    assert (await inbox(http), len(await inbox(http, show="snoozed"))) == ([], 1)
    await enter(database, person(DANA, language="de", version=2))
    assert (await inbox(http, show="snoozed"))[0]["snooze"]["statement"].startswith("Zurückgestellt bis ")
    await until_due(database)
    (card,) = await inbox(http)
    assert (card["state"], card["snooze"]) == ("composed", None)
    composed, put, resumed = await told(database)
    assert isinstance(put.data, NudgeSnoozed)
    assert (put.data.due_at, put.data.snoozed_by) == (datetime.fromisoformat(answer.json()["snooze"]["due_at"]), DANA)
    assert isinstance(resumed.data, NudgeResumed)
    assert (put.causation_id, resumed.causation_id) == (composed.id, put.id)
    assert resumed.correlation_id == composed.correlation_id


@pytest.mark.parametrize(("off", "types"), [(False, ["nudge.resumed"]), (True, [])])
async def test_the_gap_is_due_when_its_nudge_is_to_come_back(
    database: Database, http: httpx.AsyncClient, off: bool, types: list[str]
) -> None:
    nudge_id = await nudged(database, http)
    with patch.object(rest, "due_at", lambda *_: datetime.now(UTC)), _unmarked(off):
        await put_off(http, nudge_id, "tomorrow")
        await consider(database)
    assert (await told_types(database))[2:] == types


async def test_a_moved_gap_brings_its_nudge_back_and_a_replay_does_not_bring_it_twice(
    database: Database, http: httpx.AsyncClient
) -> None:
    gap = opened()
    nudge_id = await told_and_put_off(database, http, gap, "moved")
    calmer = changed(gap, pressure=1.1)
    await tell(database, calmer)
    assert await inbox(http) == []
    harder = changed(gap, pressure=2.0, version=3)
    for _ in range(2):
        await tell(database, calmer, harder)
    assert await told_types(database) == ["nudge.composed", "nudge.snoozed", "nudge.resumed"]
    await put_off(http, nudge_id, "moved", version=(await inbox(http))[0]["version"])
    await tell(database, harder)
    assert await inbox(http) == []


async def test_a_press_that_comes_again_after_the_gap_has_moved_hides_no_news(
    database: Database, http: httpx.AsyncClient
) -> None:
    gap = opened()
    nudge_id = await told_and_put_off(database, http, gap, "moved")
    await tell(database, changed(gap, evidence=(evidence(seen_at=datetime.now(UTC) + timedelta(minutes=1)),)))
    assert (await put_off(http, nudge_id, "moved")).status_code == 409
    assert len(await inbox(http)) == 1


async def test_fifty_presses_snooze_once(database: Database, http: httpx.AsyncClient) -> None:
    nudge_id = await nudged(database, http)
    answers = await asyncio.gather(*(put_off(http, nudge_id, "monday") for _ in range(50)))
    assert {(answer.status_code, answer.json()["version"]) for answer in answers} == {(200, 2)}
    assert await told_types(database) == ["nudge.composed", "nudge.snoozed"]


@pytest.mark.parametrize(
    ("action", "body"), [("assign", {"version": 2}), ("dismiss", {"version": 1, "reason": "wrong_skill"})]
)
async def test_a_snoozed_nudge_can_be_answered(
    database: Database, http: httpx.AsyncClient, action: str, body: Any
) -> None:
    nudge_id = await nudged(database, http)
    await put_off(http, nudge_id, "tomorrow")
    answer = await act(http, nudge_id, action, body)
    assert (answer.status_code, answer.json()["snooze"]) == (200, None)
    await until_due(database)
    assert "nudge.resumed" not in await told_types(database)


async def test_what_takes_the_reason_away_withdraws_a_snoozed_nudge(
    database: Database, http: httpx.AsyncClient
) -> None:
    gap = opened()
    await told_and_put_off(database, http, gap, "monday")
    await tell(database, closed(gap))
    assert await told_types(database) == ["nudge.composed", "nudge.snoozed", "nudge.withdrawn"]
    assert await inbox(http, show="snoozed") == []


async def test_retired_content_and_another_manager_end_what_is_snoozed(
    database: Database, http: httpx.AsyncClient
) -> None:
    await put_off(http, await nudged(database, http), "monday")
    await offer(database, course(retired=True, version=2))
    await consider(database)
    assert (await told_types(database))[2:] == ["nudge.withdrawn"]
    await offer(database, course(version=3))
    await consider(database)
    (card,) = await inbox(http)
    await put_off(http, card["nudge_id"], "monday")
    await enter(database, person(LEE, version=2), team(manager_id=LEE, version=2))
    assert await inbox(http, show="snoozed") == []
    await consider(database)
    rows = await fetch(database, "SELECT state, manager_id FROM nudge ORDER BY composed_at")
    assert [(row["state"], row["manager_id"]) for row in rows[1:]] == [("withdrawn", DANA), ("composed", LEE)]


async def test_a_snoozed_nudge_expires_in_the_database_too(database: Database, http: httpx.AsyncClient) -> None:
    await put_off(http, await nudged(database, http), "moved")
    await run(database, "UPDATE nudge SET expires_at = clock_timestamp()")
    async with database.transaction() as tx:
        assert await fire(tx, "expire") == 1
    assert (await told_types(database))[-1] == "nudge.expired"


async def test_a_foreign_manager_cannot_snooze(database: Database, http: httpx.AsyncClient) -> None:
    nudge_id = await nudged(database, http)
    assert (await put_off(http, nudge_id, "monday", name="ravi")).status_code == 404


async def put_off(
    http: httpx.AsyncClient, nudge_id: str, until: str, version: int = 1, name: str = "dana"
) -> httpx.Response:
    return await act(http, nudge_id, "snooze", {"version": version, "until": until}, name=name)


async def told_and_put_off(database: Database, http: httpx.AsyncClient, gap: GapOpened, until: str) -> str:
    """The id of the nudge that a gap becomes, put off at once."""
    await tell(database, gap)
    (card,) = await inbox(http)
    await put_off(http, card["nudge_id"], until)
    return str(card["nudge_id"])


@contextmanager
def _unmarked(off: bool) -> Iterator[None]:
    """A gap is not due before the hour is over."""

    async def leave(*_: object) -> None:
        return None

    with patch.object(gaps, "mark_due_by", leave if off else gaps.mark_due_by):
        yield


async def until_due(database: Database) -> None:
    """The day has come for what is snoozed."""
    await run(database, AWAKE + " WHERE snooze IS NOT NULL")
    await run(database, "UPDATE gap SET due_at = clock_timestamp() WHERE is_open")
    await consider(database)
