"""The manager's inbox and one click, against real Postgres."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.common.events import new_id
from kinetic.contracts.ids import EventId, PersonId
from kinetic.contracts.recommendation import NudgeAccepted, NudgeDismissed
from services.recommendation.tests.company import (
    BEN,
    CARLA,
    COURSE,
    DANA,
    LEE,
    RAVI,
    STRANGER,
    allow,
    changed,
    closed,
    confirm,
    enter,
    envelope,
    opened,
    person,
    run,
    team,
    tell,
    told,
    told_types,
)
from tests.support.http import token


async def inbox(http: httpx.AsyncClient, name: str = "dana", **query: str) -> list[dict[str, Any]]:
    answer = await http.get("/inbox", headers=token(name, "manager"), params=query)
    assert answer.status_code == 200, answer.text
    cards: list[dict[str, Any]] = answer.json()
    return cards


async def act(http: httpx.AsyncClient, nudge_id: str, action: str, body: Any = None, **who: str) -> httpx.Response:
    return await http.post(
        f"/nudges/{nudge_id}/{action}", headers=token(**{"name": "dana", "role": "manager", **who}), json=body
    )


async def nudged(database: Database, http: httpx.AsyncClient) -> str:
    """The id of the one nudge in Dana's inbox."""
    await tell(database, opened())
    (card,) = await inbox(http)
    return str(card["nudge_id"])


async def test_the_inbox_says_what_slipped_who_it_concerns_and_what_can_be_done(
    database: Database, http: httpx.AsyncClient
) -> None:
    nudge_id = await nudged(database, http)
    (card,) = await inbox(http)
    assert card["title"] == "A failed delivery on 23 Nov"
    assert card["why"] == (
        "The capability map links this to Release engineering: 2 of 3 people are below the level that their role "
        "needs. “Small, reversible releases” teaches it."
    )
    assert (card["effort"], card["expectation"]) == (
        "45 minutes each, 90 in total",
        "No measured effect yet: 0 of 20 completions.",
    )
    assert [person["name"] for person in card["people"]] == ["Ben", "Carla"]
    assert card["evidence"][0]["url"] == "https://github.example/runs/1"
    assert [(action["label"], action["path"], action["version"]) for action in card["actions"]] == [
        ("Assign to 2 people", f"/nudges/{nudge_id}/assign", 1),
        ("Later", f"/nudges/{nudge_id}/snooze", 1),
        ("Not relevant", f"/nudges/{nudge_id}/dismiss", 1),
    ]


async def test_a_card_speaks_the_language_that_its_reader_has_by_now(
    database: Database, http: httpx.AsyncClient
) -> None:
    await nudged(database, http)
    await enter(database, person(DANA, language="de-AT", version=2))
    (card,) = await inbox(http)
    assert card["title"] == "Eine fehlgeschlagene Auslieferung am 23. November"
    assert [action["label"] for action in card["actions"]] == ["2 Personen zuweisen", "Später", "Nicht relevant"]
    (composed,) = await told(database)
    assert composed.data.title == "A failed delivery on 23 Nov"


async def test_a_nudge_that_was_kept_with_its_sentences_is_still_read(
    database: Database, http: httpx.AsyncClient
) -> None:
    await nudged(database, http)
    await run(database, """UPDATE nudge SET offer = offer - 'required_level' || '{"title": "Old", "why": "Old"}'""")
    (card,) = await inbox(http)
    assert card["title"] == "A failed delivery on 23 Nov"


async def test_nobody_else_sees_the_nudge(database: Database, http: httpx.AsyncClient) -> None:
    await nudged(database, http)
    assert [await inbox(http, name) for name in ("ravi", "lee")] == [[], []]


async def test_one_click_assigns_in_the_life_of_the_signal(database: Database, http: httpx.AsyncClient) -> None:
    signal = EventId(new_id())
    await tell(database, envelope(opened(), signal))
    (card,) = await inbox(http)
    answer = await act(http, card["nudge_id"], "assign", {"version": 1})
    assert (answer.status_code, answer.json()["state"], answer.json()["version"]) == (200, "accepted", 2)
    composed, accepted = await told(database)
    assert isinstance(accepted.data, NudgeAccepted)
    assert set(accepted.data.person_ids) == {BEN, CARLA}
    assert (accepted.data.accepted_by, accepted.data.directory_version, accepted.data.content_id) == (DANA, 7, COURSE)
    assert (accepted.correlation_id, accepted.causation_id) == (signal, composed.id)
    assert await inbox(http) == []
    (answered,) = await inbox(http, show="answered")
    assert answered["outcome"]["statement"].startswith("Assigned “Small, reversible releases” to 2 people on ")


async def test_a_click_may_choose_some_of_the_people(database: Database, http: httpx.AsyncClient) -> None:
    nudge_id = await nudged(database, http)
    answer = await act(http, nudge_id, "assign", {"version": 1, "person_ids": [CARLA]})
    assert answer.json()["outcome"]["person_ids"] == [CARLA]
    assert (await told(database))[-1].data.person_ids == (CARLA,)


async def test_fifty_clicks_assign_once(database: Database, http: httpx.AsyncClient) -> None:
    nudge_id = await nudged(database, http)
    await asyncio.gather(*(inbox(http) for _ in range(20)))  # every connection is open, so that clicks do meet
    answers = await asyncio.gather(*(act(http, nudge_id, "assign", {"version": 1}) for _ in range(50)))
    assert {(answer.status_code, answer.json()["state"]) for answer in answers} == {(200, "accepted")}
    assert await told_types(database) == ["nudge.composed", "nudge.accepted"]


@pytest.mark.parametrize("name", ["ravi", "lee"])
async def test_a_foreign_manager_gets_404(database: Database, http: httpx.AsyncClient, name: str) -> None:
    nudge_id = await nudged(database, http)
    answers = [
        await act(http, nudge_id, "assign", {"version": 1}, name=name),
        await act(http, nudge_id, "dismiss", {"version": 1, "reason": "wrong_skill"}, name=name),
        await act(http, nudge_id, "seen", name=name),
        await http.get(f"/nudges/{nudge_id}", headers=token(name, "manager")),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert await told_types(database) == ["nudge.composed"]


async def test_an_unknown_nudge_is_told_as_a_foreign_one_is(database: Database, http: httpx.AsyncClient) -> None:
    nudge_id = await nudged(database, http)
    foreign = await act(http, nudge_id, "assign", {"version": 1}, name="ravi")
    unknown = await act(http, (missing := new_id()), "assign", {"version": 1}, name="ravi")
    assert foreign.json() == {**unknown.json(), "detail": unknown.json()["detail"].replace(missing, nudge_id)}


async def test_a_former_manager_sees_the_nudge_no_longer_even_before_it_is_withdrawn(
    database: Database, http: httpx.AsyncClient
) -> None:
    nudge_id = await nudged(database, http)
    await enter(database, team(manager_id=LEE, version=2))
    assert await inbox(http) == []
    assert (await act(http, nudge_id, "assign", {"version": 1})).status_code == 404


async def test_a_stale_directory_answers_503(database: Database, http: httpx.AsyncClient) -> None:
    nudge_id = await nudged(database, http)
    await confirm(database, age=timedelta(seconds=61))
    answer = await act(http, nudge_id, "assign", {"version": 1})
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    assert len(await inbox(http)) == 1
    await confirm(database)
    assert (await act(http, nudge_id, "assign", {"version": 1})).status_code == 200


@pytest.mark.parametrize(
    ("chosen", "detail"),
    [
        ([BEN, STRANGER], f"{STRANGER} is not among the people of this nudge"),
        ([LEE], f"{LEE} is not among the people of this nudge"),
    ],
    ids=["of another team", "of the team"],
)
async def test_people_outside_the_nudge_are_refused_by_name(
    database: Database, http: httpx.AsyncClient, chosen: list[PersonId], detail: str
) -> None:
    nudge_id = await nudged(database, http)
    answer = await act(http, nudge_id, "assign", {"version": 1, "person_ids": chosen})
    assert (answer.status_code, [error["detail"] for error in answer.json()["errors"]]) == (422, [detail])
    assert await told_types(database) == ["nudge.composed"]


async def test_a_person_who_reports_elsewhere_by_now_is_refused_by_name(
    database: Database, http: httpx.AsyncClient
) -> None:
    nudge_id = await nudged(database, http)
    await enter(database, person(CARLA, RAVI, version=2))
    answer = await act(http, nudge_id, "assign", {"version": 1})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"in": "body", "pointer": "#/person_ids", "detail": f"{CARLA} does not report to you"}
    ]
    assert (await act(http, nudge_id, "assign", {"version": 1, "person_ids": [BEN]})).status_code == 200


async def test_a_stale_click_answers_what_the_nudge_is_now(database: Database, http: httpx.AsyncClient) -> None:
    gap = opened()
    await tell(database, gap)
    (card,) = await inbox(http)
    await tell(database, changed(gap, person_ids=(BEN,)))
    answer = await act(http, card["nudge_id"], "assign", {"version": 1})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/moved-on")
    assert (answer.json()["nudge"]["version"], answer.json()["nudge"]["people_count"]) == (2, 1)
    assert (await act(http, card["nudge_id"], "assign", {"version": 2})).status_code == 200


async def test_having_seen_a_nudge_makes_no_click_on_it_stale(database: Database, http: httpx.AsyncClient) -> None:
    nudge_id = await nudged(database, http)
    seen = await act(http, nudge_id, "seen")
    assert (seen.json()["state"], seen.json()["version"]) == ("seen", 2)
    assert (await act(http, nudge_id, "seen")).json()["version"] == 2
    assert (await act(http, nudge_id, "assign", {"version": 1})).status_code == 200
    assert await told_types(database) == ["nudge.composed", "nudge.seen", "nudge.accepted"]


async def test_a_click_on_a_withdrawn_nudge_is_told_why(database: Database, http: httpx.AsyncClient) -> None:
    gap = opened()
    await tell(database, gap)
    (card,) = await inbox(http)
    await tell(database, closed(gap))
    answer = await act(http, card["nudge_id"], "assign", {"version": 1})
    assert (answer.status_code, answer.json()["nudge"]["state"]) == (409, "withdrawn")
    assert answer.json()["nudge"]["outcome"]["reason"] == "gap_closed"


async def test_a_dismissal_is_final_and_a_second_one_changes_nothing(
    database: Database, http: httpx.AsyncClient
) -> None:
    nudge_id = await nudged(database, http)
    first = await act(http, nudge_id, "dismiss", {"version": 1, "reason": "wrong_skill"})
    second = await act(http, nudge_id, "dismiss", {"version": 1, "reason": "bad_timing"})
    assert (first.json()["outcome"], second.status_code) == (second.json()["outcome"], 200)
    assert (await act(http, nudge_id, "assign", {"version": 2})).status_code == 409
    _, dismissed = await told(database)
    assert isinstance(dismissed.data, NudgeDismissed)
    assert (dismissed.data.reason, dismissed.data.dismissed_by) == ("wrong_skill", DANA)


@pytest.mark.parametrize("role", ["learning", "admin", "service"])
async def test_only_managers_act(database: Database, http: httpx.AsyncClient, role: str) -> None:
    nudge_id = await nudged(database, http)
    assert (await act(http, nudge_id, "assign", {"version": 1}, name="dana", role=role)).status_code == 403


@pytest.mark.parametrize(
    "body", [{}, {"version": 0}, {"version": 1, "person_ids": []}, {"version": 1, "person_ids": ["x"]}]
)
async def test_a_malformed_wish_is_refused(database: Database, http: httpx.AsyncClient, body: Any) -> None:
    nudge_id = await nudged(database, http)
    assert (await act(http, nudge_id, "assign", body)).status_code == 422


async def test_what_hinders_a_gap_is_shown_to_learning_and_not_to_managers(
    database: Database, http: httpx.AsyncClient
) -> None:
    await allow(database, weekly_budget=0)
    gap = opened()
    await tell(database, gap)
    (shown,) = (await http.get("/deferred", headers=token("lena", "learning"))).json()
    assert (shown["gap_id"], shown["obstacle"], shown["manager_id"]) == (gap.gap_id, "weekly_budget", DANA)
    assert shown["due_at"] == (await told(database))[0].data.due_at.isoformat().replace("+00:00", "Z")
    assert (await http.get("/deferred", headers=token("dana", "manager"))).status_code == 403
