"""While a manager is away, nudges go to who stands in: somebody above them, to whom the same people report."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.contracts.event import Event
from kinetic.contracts.ids import PersonId
from kinetic.contracts.ingestion import PersonErased
from kinetic.recommendation import handlers
from kinetic.recommendation.store import absences, pictures
from services.recommendation.tests.company import (
    DANA,
    LEE,
    OTHER_TEAM,
    RAVI,
    STRANGER,
    TEAM,
    allow,
    consider,
    enter,
    envelope,
    fetch,
    fire,
    opened,
    person,
    run,
    tell,
    told,
    told_types,
    until_done_or_waiting,
)
from services.recommendation.tests.delivering import Outlet, deliver
from services.recommendation.tests.notices import ask, found, reinforcement
from tests.support.http import token

DANAS, RAVIS = token("dana", "manager"), token("ravi", "manager")
LATER = datetime.now(UTC) + timedelta(days=14)


@pytest.fixture
async def below(database: Database) -> Database:
    """Dana reports to Ravi."""
    await enter(database, person(DANA, RAVI, version=2))
    return database


async def leave(http: httpx.AsyncClient, delegate: PersonId = RAVI, until: datetime = LATER) -> httpx.Response:
    """Dana is away."""
    absence = {"until": until.isoformat(), "delegate_id": delegate}
    return await http.put("/preferences", headers=DANAS, json={"absence": absence})


async def inbox(http: httpx.AsyncClient, who: dict[str, str]) -> list[dict[str, Any]]:
    cards: list[dict[str, Any]] = (await http.get("/inbox", headers=who)).json()
    return cards


async def owners(database: Database) -> list[tuple[str, str]]:
    """Who got a nudge, in order, and what became of it."""
    rows = await fetch(database, "SELECT manager_id, state FROM nudge ORDER BY composed_at, nudge_id")
    return [(row["manager_id"], row["state"]) for row in rows]


async def test_a_nudge_goes_to_who_stands_in_and_they_assign_for_the_same_people(
    below: Database, http: httpx.AsyncClient
) -> None:
    answer = await leave(http)
    assert answer.json()["absence"]["delegate_id"] == RAVI
    assert answer.json()["possible_delegates"] == [{"person_id": RAVI, "name": "Ravi"}]
    await tell(below, opened())
    assert (await inbox(http, DANAS), await owners(below)) == ([], [(RAVI, "composed")])
    (card,) = await inbox(http, RAVIS)
    assert {one["name"] for one in card["people"]} == {"Ben", "Carla"}
    path = f"/nudges/{card['nudge_id']}"
    assert (await http.get(path, headers=DANAS)).status_code == 404
    assigned = await http.post(f"{path}/assign", headers=RAVIS, json={"version": card["version"]})
    assert (assigned.status_code, (await told(below))[-1].data.accepted_by) == (200, RAVI)


async def test_an_open_nudge_is_addressed_anew_when_its_manager_leaves_and_when_they_are_back(
    below: Database, http: httpx.AsyncClient
) -> None:
    await tell(below, opened())
    await leave(http)
    assert await consider(below) == 1
    assert await owners(below) == [(DANA, "withdrawn"), (RAVI, "composed")]
    await http.put("/preferences", headers=DANAS, json={})
    assert await consider(below) == 1
    assert await owners(below) == [(DANA, "withdrawn"), (RAVI, "withdrawn"), (DANA, "composed")]


async def test_an_absence_ends_by_itself(below: Database, http: httpx.AsyncClient) -> None:
    await leave(http)
    await tell(below, opened())
    (card,) = await inbox(http, RAVIS)
    await run(below, "UPDATE preference SET away_until = now()")
    assert await inbox(http, RAVIS) == []
    assert (await http.get("/preferences", headers=DANAS)).json()["absence"] is None
    late = await http.post(f"/nudges/{card['nudge_id']}/assign", headers=RAVIS, json={"version": card["version"]})
    assert late.status_code == 404
    await run(below, "UPDATE gap SET due_at = clock_timestamp()")
    await consider(below)
    assert await owners(below) == [(RAVI, "withdrawn"), (DANA, "composed")]


async def test_a_message_reaches_who_stands_in(below: Database, http: httpx.AsyncClient) -> None:
    slack = Outlet(takes=frozenset({DANA, RAVI}))
    await leave(http)
    await tell(below, opened())
    await deliver(below, slack)
    assert [one.recipient.person_id for one in slack.got] == [RAVI]


async def test_it_costs_the_attention_of_who_stands_in(below: Database, http: httpx.AsyncClient) -> None:
    await allow(below, weekly_budget=1)
    await tell(below, opened(team_id=OTHER_TEAM, person_ids=(STRANGER,)))
    await leave(http)
    await tell(below, opened())
    deferred = (await told(below))[-1].data
    assert (await told_types(below), deferred.manager_id) == (["nudge.composed", "nudge.deferred"], RAVI)


async def test_who_is_no_longer_above_stands_in_no_more(below: Database, http: httpx.AsyncClient) -> None:
    await leave(http)
    await tell(below, opened())
    (card,) = await inbox(http, RAVIS)
    await enter(below, person(DANA, version=3))
    late = await http.post(f"/nudges/{card['nudge_id']}/assign", headers=RAVIS, json={"version": card["version"]})
    assert late.status_code == 404
    await consider(below)
    assert await owners(below) == [(RAVI, "withdrawn"), (DANA, "composed")]


@pytest.mark.parametrize("gone", [person(RAVI, version=2, active=False), PersonErased(person_id=RAVI, version=9)])
async def test_when_who_stands_in_is_gone_it_goes_back_at_once(
    below: Database, http: httpx.AsyncClient, gone: Event
) -> None:
    await leave(http)
    await tell(below, opened())
    await ask(below, reinforcement(team_id=None))
    await enter(below, gone)
    assert await consider(below) == 1
    assert await owners(below) == [(RAVI, "withdrawn"), (DANA, "composed")]
    async with below.transaction() as tx:
        await fire(tx, "notices")
    assert [who for state, who, _ in await found(below) if state == "composed"] == [DANA]


async def test_a_nudge_composed_while_its_manager_leaves_does_not_stay_with_them(
    below: Database, http: httpx.AsyncClient
) -> None:
    async with below.transaction() as tx:
        await handlers.on_gaps(tx, [envelope(opened())])
        leaving = asyncio.create_task(leave(http))
        await until_done_or_waiting(below, leaving)
    assert (await leaving).status_code == 200
    await consider(below)
    assert await owners(below) == [(DANA, "withdrawn"), (RAVI, "composed")]


@pytest.mark.parametrize(("off", "owner"), [(False, DANA), (True, STRANGER)])
async def test_the_reporting_line_keeps_strangers_from_standing_in(
    below: Database, http: httpx.AsyncClient, off: bool, owner: PersonId
) -> None:
    await leave(http)
    await run(below, "UPDATE preference SET delegate_id = $1", STRANGER)

    async def anybody(*_: object) -> set[PersonId]:
        return {STRANGER}

    with patch.object(absences, "above", anybody if off else absences.above):
        roster = await _managers(below)
    assert roster == {owner}


@pytest.mark.parametrize(
    ("delegate", "until", "pointer"),
    [
        (LEE, LATER, "#/absence/delegate_id"),
        (DANA, LATER, "#/absence/delegate_id"),
        (STRANGER, LATER, "#/absence/delegate_id"),
        (RAVI, datetime.now(UTC), "#/absence/until"),
        (RAVI, LATER + timedelta(days=400), "#/absence/until"),
    ],
)
async def test_only_a_manager_above_stands_in_and_not_for_ever(
    below: Database, http: httpx.AsyncClient, delegate: PersonId, until: datetime, pointer: str
) -> None:
    answer = await leave(http, delegate, until)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert await fetch(below, "SELECT FROM preference") == []


async def test_an_erased_delegate_is_named_no_more(below: Database, http: httpx.AsyncClient) -> None:
    await leave(http)
    await enter(below, PersonErased(person_id=RAVI, version=9))
    (row,) = await fetch(below, "SELECT delegate_id, away_until FROM preference")
    assert (row["delegate_id"], row["away_until"]) == (None, None)


async def _managers(database: Database) -> set[PersonId]:
    async with database.transaction() as tx:
        roster = await pictures.load_roster(tx, [TEAM])
    return set(roster.managers.values())
