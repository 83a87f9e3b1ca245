"""What managers press in Slack, against real Postgres; what could not be done is told to a real socket."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.common.events import new_id
from kinetic.contracts.ids import PersonId
from kinetic.directory import actors
from kinetic.directory import store as directory
from kinetic.recommendation import clicks, slack_door
from services.recommendation.tests.company import (
    BEN,
    CARLA,
    DANA,
    LEE,
    RAVI,
    changed,
    confirm,
    enter,
    fetch,
    opened,
    person,
    tell,
    told,
    told_types,
)
from services.recommendation.tests.local_slack import DANA_THERE, on_a_socket
from services.recommendation.tests.slack_presses import (
    RAVI_THERE,
    STRANGER_THERE,
    Hooks,
    form,
    press,
    pressed,
    signed,
    taken_by,
)
from tests.support.http import token


async def test_one_press_assigns_however_often_it_comes(
    database: Database, slack: httpx.AsyncClient, hooks: Hooks, nudge_id: str
) -> None:
    with patch.object(slack_door, "COMMITTED_WITHIN_SECONDS", 60.0):
        answers = await asyncio.gather(*(press(slack, pressed(hooks, nudge_id)) for _ in range(50)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, b"")}
    _, accepted = await told(database)
    assert (accepted.data.accepted_by, accepted.data.person_ids, accepted.data.directory_version) == (
        DANA,
        (BEN, CARLA),
        7,
    )
    assert hooks.told == []


async def test_the_very_same_request_replayed_changes_nothing(
    database: Database, slack: httpx.AsyncClient, hooks: Hooks, nudge_id: str
) -> None:
    body = form(pressed(hooks, nudge_id, "dismiss", "wrong_skill"))
    headers = signed(body)
    answers = [await slack.post("/slack/interactions", content=body, headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert await told_types(database) == ["nudge.composed", "nudge.dismissed"]
    assert hooks.told == []


@pytest.mark.parametrize(
    ("action", "choice", "state", "event"),
    [
        ("snooze", "moved", "snoozed", "nudge.snoozed"),
        ("snooze", "tomorrow", "snoozed", "nudge.snoozed"),
        ("dismiss", "bad_timing", "dismissed", "nudge.dismissed"),
    ],
)
async def test_a_menu_puts_off_or_dismisses(
    database: Database,
    slack: httpx.AsyncClient,
    hooks: Hooks,
    nudge_id: str,
    action: str,
    choice: str,
    state: str,
    event: str,
) -> None:
    answer = await press(slack, pressed(hooks, nudge_id, action, choice))
    assert (answer.status_code, answer.content) == (200, b"")
    (row,) = await fetch(database, "SELECT state FROM nudge")
    assert (row["state"], (await told_types(database))[-1]) == (state, event)


async def test_another_managers_nudge_is_told_as_one_that_does_not_exist(
    database: Database, slack: httpx.AsyncClient, hooks: Hooks, nudge_id: str
) -> None:
    for about in (nudge_id, new_id()):
        assert (await press(slack, pressed(hooks, about, **taken_by(RAVI_THERE)))).status_code == 200
    assert hooks.told[0] == hooks.told[1]
    assert hooks.told[0] == {
        "response_type": "ephemeral",
        "replace_original": False,
        "text": "Nothing was changed. You have no such suggestion.",
    }
    assert await told_types(database) == ["nudge.composed"]


def _nudge_is_anybodys() -> AbstractContextManager[Any]:
    async def find(tx: Any, person_id: PersonId, nudge_id: str) -> Any:
        return await clicks.require_known(tx, nudge_id)

    return patch.object(clicks, "require_own", find)


def _anybody_is_dana() -> AbstractContextManager[Any]:
    async def find(tx: Any, system: str, external_id: str) -> PersonId:
        return DANA

    return patch.object(directory, "person_by_external_id", find)


def _any_directory_is_fresh() -> AbstractContextManager[Any]:
    return patch.object(actors, "STALE_AFTER_SECONDS", 1e9)


@pytest.mark.parametrize("off", [False, True], ids=["kept", "taken away"])
async def test_a_foreign_nudge_is_not_acted_on(
    database: Database, slack: httpx.AsyncClient, hooks: Hooks, nudge_id: str, off: bool
) -> None:
    with _nudge_is_anybodys() if off else nullcontext():
        await press(slack, pressed(hooks, nudge_id, "dismiss", "wrong_skill", **taken_by(RAVI_THERE)))
    assert (len(await told_types(database)), len(hooks.told)) == ((2, 0) if off else (1, 1))


@pytest.mark.parametrize("off", [False, True], ids=["kept", "taken away"])
async def test_whom_the_directory_does_not_know_in_slack_is_nobody(
    database: Database, slack: httpx.AsyncClient, hooks: Hooks, nudge_id: str, off: bool
) -> None:
    with _anybody_is_dana() if off else nullcontext():
        assert (await press(slack, pressed(hooks, nudge_id, **taken_by(STRANGER_THERE)))).status_code == 200
    assert len(await told_types(database)) == (2 if off else 1)
    assert [one["text"].startswith("Nothing was changed. Kinetic does not know") for one in hooks.told] == [True] * (
        not off
    )


async def test_two_people_with_one_id_in_slack_are_nobody(
    database: Database, slack: httpx.AsyncClient, hooks: Hooks, nudge_id: str
) -> None:
    await enter(database, person(LEE, version=2, external_ids={"slack": DANA_THERE}))
    assert (await press(slack, pressed(hooks, nudge_id))).status_code == 200
    assert await told_types(database) == ["nudge.composed"]
    assert "does not know this account" in hooks.told[0]["text"]


@pytest.mark.parametrize("off", [False, True], ids=["kept", "taken away"])
async def test_nobody_acts_on_a_stale_directory(
    database: Database, slack: httpx.AsyncClient, hooks: Hooks, nudge_id: str, off: bool
) -> None:
    await confirm(database, age=timedelta(seconds=61))
    with _any_directory_is_fresh() if off else nullcontext():
        assert (await press(slack, pressed(hooks, nudge_id))).status_code == 200
    assert (len(await told_types(database)), len(hooks.told)) == ((2, 0) if off else (1, 1))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Nothing was changed. This suggestion is no longer the one in this message. <{url}|See why>"),
        ("de-AT", "Nichts wurde geändert. Dieser Vorschlag ist nicht mehr der in dieser Nachricht. <{url}|Mehr dazu>"),
        (
            "fr",
            "Rien n\u2019a été modifié. Cette suggestion n\u2019est plus celle de ce message. <{url}|En savoir plus>",
        ),
    ],
)
async def test_a_stale_press_changes_nothing_and_is_told_in_the_managers_language(
    database: Database, slack: httpx.AsyncClient, hooks: Hooks, language: str, words: str
) -> None:
    gap = opened()
    await tell(database, gap)
    await tell(database, changed(gap, person_ids=(BEN,)))
    await enter(database, person(DANA, version=3, language=language, external_ids={"slack": DANA_THERE}))
    (row,) = await fetch(database, "SELECT nudge_id FROM nudge")
    assert (await press(slack, pressed(hooks, row["nudge_id"]))).status_code == 200
    assert [one["text"] for one in hooks.told] == [
        words.format(url=f"https://console.example/?nudge={row['nudge_id']}")
    ]
    assert await told_types(database) == ["nudge.composed"]


async def test_the_language_that_a_manager_wishes_for_is_theirs_in_slack_too(
    database: Database, slack: httpx.AsyncClient, hooks: Hooks
) -> None:
    gap = opened()
    await tell(database, gap, changed(gap, person_ids=(BEN,)))
    (row,) = await fetch(database, "SELECT nudge_id FROM nudge")
    await slack.put("/preferences", headers=token("dana", "manager"), json={"language": "fr"})
    await press(slack, pressed(hooks, row["nudge_id"]))
    assert [one["text"].split(".")[0] for one in hooks.told] == ["Rien n\u2019a été modifié"]


async def test_somebody_who_reports_elsewhere_by_now_is_not_assigned_and_the_choice_is_offered(
    database: Database, slack: httpx.AsyncClient, hooks: Hooks, nudge_id: str
) -> None:
    await enter(database, person(CARLA, RAVI, version=2))
    assert (await press(slack, pressed(hooks, nudge_id))).status_code == 200
    (answer,) = hooks.told
    assert answer["text"].endswith(f"<https://console.example/?nudge={nudge_id}&amp;do=choose|Choose people>")
    assert await told_types(database) == ["nudge.composed"]


@pytest.mark.parametrize("action", ["choose", "why", "undo", "of_tomorrow"])
async def test_a_link_that_was_followed_is_answered_and_does_nothing(
    database: Database, slack: httpx.AsyncClient, hooks: Hooks, nudge_id: str, action: str
) -> None:
    answer = await press(slack, pressed(hooks, nudge_id, action))
    assert (answer.status_code, answer.content) == (200, b"")
    assert (await told_types(database), hooks.told) == (["nudge.composed"], [])


@pytest.mark.parametrize("kind", ["view_submission", "view_closed", "shortcut", "message_action", "url_verification"])
async def test_other_interactions_are_answered_and_ignored(slack: httpx.AsyncClient, kind: str) -> None:
    assert (await press(slack, {"type": kind, "user": None, "view": {}, "challenge": "x"})).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"block_id": "nudge:1; DROP TABLE nudge:1"},
        {"block_id": ""},
        {"action_id": "nudge_snooze", "selected_option": {"value": "for ever"}},
        {"action_id": "nudge_dismiss", "selected_option": {"value": "moved"}},
    ],
)
async def test_a_press_of_what_was_never_offered_is_refused(
    database: Database, slack: httpx.AsyncClient, hooks: Hooks, nudge_id: str, wrong: dict[str, Any]
) -> None:
    payload = pressed(hooks, nudge_id)
    payload["actions"] = [{**payload["actions"][0], **wrong}]
    answer = await press(slack, payload)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")
    assert await told_types(database) == ["nudge.composed"]


@pytest.mark.parametrize(("off", "status"), [(False, 503), (True, 200)])
async def test_slack_does_not_wait_longer_than_it_would(
    database: Database, slack: httpx.AsyncClient, hooks: Hooks, nudge_id: str, off: bool, status: int
) -> None:
    seconds = 30.0 if off else 0.2
    async with database.transaction() as tx:
        await tx.execute("SELECT FROM nudge FOR UPDATE")
        with patch.object(slack_door, "COMMITTED_WITHIN_SECONDS", seconds):
            answering = asyncio.create_task(press(slack, pressed(hooks, nudge_id)))
            await asyncio.wait({answering}, timeout=1.0 if off else 20.0)
            assert answering.done() is not off
    assert (await answering).status_code == status
    assert len(await told_types(database)) == (2 if off else 1)


async def test_the_answer_does_not_wait_for_what_is_told(slack: httpx.AsyncClient, hooks: Hooks) -> None:
    hooks.taking.clear()
    transport = slack._transport
    assert isinstance(transport, httpx.ASGITransport)
    body = form(pressed(hooks, new_id()))
    never = patch.object(slack_door, "TOLD_WITHIN_SECONDS", 3600.0)
    async with on_a_socket(transport.app) as url, httpx.AsyncClient(timeout=20.0) as http:
        with never:
            answer = await http.post(f"{url}/slack/interactions", content=body, headers=signed(body))
        assert (answer.status_code, hooks.told) == (200, [])
        hooks.taking.set()
    assert len(hooks.told) == 1
