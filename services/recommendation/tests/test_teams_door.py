"""A press in Teams: what it does, what is shown then, and for whom it does nothing. Against real Postgres and real sockets."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from kinetic.common.database import Database, Transaction
from kinetic.common.events import new_id
from kinetic.common.problems import Problem
from kinetic.contracts.recommendation import NudgeAccepted, NudgeDismissed, NudgeSnoozed
from kinetic.directory import actors
from kinetic.recommendation import clicks, teams_door
from kinetic.recommendation.channels.teams_sender import CARD
from kinetic.recommendation.store import nudges
from kinetic.recommendation.teams_door import ERROR, TEXT
from kinetic.recommendation.words import LANGUAGES, phrasebook_of
from services.recommendation.tests.bot_connector import OBJECT, SCHEMA, BotConnector, activity, press
from services.recommendation.tests.company import (
    BEN,
    CARLA,
    DANA,
    RAVI,
    changed,
    closed,
    confirm,
    enter,
    fetch,
    opened,
    person,
    tell,
    told,
    told_types,
)
from tests.support.http import token

RAVIS_OBJECT = "5d1b2c3a-0000-4000-8000-000000007a71"
SAY = phrasebook_of("en").say


async def knock(http: httpx.AsyncClient, connector: BotConnector, told: dict[str, Any]) -> httpx.Response:
    """Bring an activity as the Bot Framework does."""
    return await http.post(
        "/teams/messages", json=told, headers={"Authorization": f"Bearer {connector.token()}"}, timeout=60
    )


async def answer_to(http: httpx.AsyncClient, connector: BotConnector, told: dict[str, Any]) -> dict[str, Any]:
    """What Teams is answered to a press. Every card is one that it shows."""
    answer = await knock(http, connector, told)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert set(body) == {"statusCode", "type", "value"}
    if body["type"] == CARD:
        SCHEMA.validate(body["value"])
    return body


def texts(card: dict[str, Any]) -> list[str]:
    """The paragraphs of a card."""
    return ["".join(run["text"] for run in block["inlines"]) for block in card["body"]]


@pytest.fixture
async def nudge_id(database: Database) -> str:
    """The nudge that Dana, whom Teams knows, has got."""
    await enter(
        database,
        person(DANA, version=2, external_ids={"teams": OBJECT}),
        person(RAVI, version=2, external_ids={"teams": RAVIS_OBJECT}),
    )
    await tell(database, opened())
    (composed,) = await told(database)
    return str(composed.data.nudge_id)


async def test_a_press_assigns_and_the_card_says_so(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, nudge_id: str
) -> None:
    answer = await answer_to(in_teams, connector, press(connector, "assign", nudge_id))
    assert (answer["statusCode"], answer["type"]) == (200, CARD)
    assert texts(answer["value"])[1].startswith("Assigned “Small, reversible releases” to 2 people on ")
    assert [action["type"] for action in answer["value"]["actions"]] == ["Action.OpenUrl"]
    accepted = (await told(database))[-1].data
    assert isinstance(accepted, NudgeAccepted)
    assert (accepted.accepted_by, set(accepted.person_ids), accepted.directory_version) == (DANA, {BEN, CARLA}, 7)


async def test_a_press_snoozes(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, nudge_id: str
) -> None:
    answer = await answer_to(in_teams, connector, press(connector, "snooze", nudge_id, choice="moved"))
    assert texts(answer["value"])[1] == "Snoozed until it moves again."
    assert isinstance((await told(database))[-1].data, NudgeSnoozed)


async def test_a_press_dismisses_for_a_reason(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, nudge_id: str
) -> None:
    answer = await answer_to(in_teams, connector, press(connector, "dismiss", nudge_id, choice="wrong_skill"))
    assert texts(answer["value"])[1].endswith(": Wrong skill for this problem.")
    dismissed = (await told(database))[-1].data
    assert isinstance(dismissed, NudgeDismissed)
    assert (dismissed.reason, dismissed.dismissed_by) == ("wrong_skill", DANA)


async def test_fifty_presses_assign_once(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, nudge_id: str
) -> None:
    with patch.object(teams_door, "ANSWER_SECONDS", 60.0):
        pressed = press(connector, "assign", nudge_id)
        answers = await asyncio.gather(*(answer_to(in_teams, connector, pressed) for _ in range(50)))
    assert {answer["type"] for answer in answers} == {CARD}
    assert len({str(answer["value"]) for answer in answers}) == 1
    assert await told_types(database) == ["nudge.composed", "nudge.accepted"]
    assert connector.asked_for_keys == 1


async def test_a_press_on_a_card_that_is_not_current_does_nothing_and_shows_the_current_one(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, nudge_id: str
) -> None:
    composed = (await told(database))[0].data
    await tell(database, changed(opened(gap_id=composed.gap_id), person_ids=(BEN,)))
    answer = await answer_to(in_teams, connector, press(connector, "assign", nudge_id))
    assert texts(answer["value"])[0] == SAY("unchanged-moved-on")
    assert answer["value"]["actions"][0]["title"] == "Assign to 1 person"
    assert "nudge.accepted" not in await told_types(database)
    version = answer["value"]["actions"][0]["data"]["version"]
    again = await answer_to(in_teams, connector, press(connector, "assign", nudge_id, version))
    assert texts(again["value"])[1].startswith("Assigned ")


async def test_a_press_on_a_withdrawn_nudge_shows_why_it_was(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, nudge_id: str
) -> None:
    await tell(database, closed(opened(gap_id=(await told(database))[0].data.gap_id)))
    answer = await answer_to(in_teams, connector, press(connector, "assign", nudge_id))
    assert texts(answer["value"])[0] == SAY("unchanged-moved-on")
    assert texts(answer["value"])[2].startswith("Withdrawn on ")


@pytest.mark.parametrize(("off", "message_id"), [(False, "unchanged-not-yours"), (True, None)])
async def test_the_nudge_says_whose_it_is_and_not_the_press(
    database: Database,
    in_teams: httpx.AsyncClient,
    connector: BotConnector,
    nudge_id: str,
    off: bool,
    message_id: str | None,
) -> None:
    ravis = {"id": "29:1ravi", "aadObjectId": RAVIS_OBJECT}
    pressed = press(connector, "dismiss", nudge_id, choice="wrong_skill") | {"from": ravis}
    pressed["value"]["action"]["data"] |= {"person_id": DANA, "manager_id": DANA, "aadObjectId": OBJECT}

    async def anybodys(tx: Any, _: str, nudge_id: str) -> Any:
        return await nudges.find(tx, nudge_id)

    with patch.object(clicks, "require_own", anybodys if off else clicks.require_own):
        answer = await answer_to(in_teams, connector, pressed)
    assert (answer["type"], answer["value"] if message_id else None) == (
        (TEXT, SAY(message_id)) if message_id else (CARD, None)
    )
    assert ("nudge.dismissed" in await told_types(database)) is off


@pytest.mark.parametrize("sender", [{"id": "29:1", "aadObjectId": new_id()}, {"id": "29:1", "name": "Dana"}])
async def test_an_account_that_nobody_in_the_directory_has_does_nothing(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, nudge_id: str, sender: dict[str, str]
) -> None:
    pressed = press(connector, "assign", nudge_id, locale="fr-CA") | {"from": sender}
    answer = await answer_to(in_teams, connector, pressed)
    assert (answer["statusCode"], answer["type"]) == (200, TEXT)
    assert answer["value"] == phrasebook_of("fr").say("unchanged-stranger")
    assert await told_types(database) == ["nudge.composed"]


@pytest.mark.parametrize(("off", "kind"), [(False, TEXT), (True, CARD)])
async def test_nobody_acts_on_a_stale_directory(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, nudge_id: str, off: bool, kind: str
) -> None:
    await confirm(database, age=timedelta(seconds=61))
    with patch.object(actors, "STALE_AFTER_SECONDS", float("inf") if off else actors.STALE_AFTER_SECONDS):
        answer = await answer_to(in_teams, connector, press(connector, "assign", nudge_id))
    assert answer["type"] == kind
    assert off or answer["value"] == SAY("unchanged-directory")


async def test_who_reports_elsewhere_by_now_is_not_assigned(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, nudge_id: str
) -> None:
    await enter(database, person(CARLA, RAVI, version=2))
    answer = await answer_to(in_teams, connector, press(connector, "assign", nudge_id))
    assert (answer["type"], answer["value"]) == (TEXT, SAY("unchanged-people"))
    assert await told_types(database) == ["nudge.composed"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_went_wrong_is_told_in_the_readers_language(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, nudge_id: str, language: str
) -> None:
    await enter(database, person(DANA, version=3, external_ids={"teams": OBJECT}, language=language))
    answer = await answer_to(in_teams, connector, press(connector, "assign", new_id()))
    assert answer["value"] == phrasebook_of(language).say("unchanged-not-yours")


async def test_the_language_that_a_manager_wishes_for_is_theirs_in_teams_too(
    in_teams: httpx.AsyncClient, connector: BotConnector, nudge_id: str
) -> None:
    await in_teams.put("/preferences", headers=token("dana", "manager"), json={"language": "de"})
    refused = await answer_to(in_teams, connector, press(connector, "assign", new_id()))
    assert refused["value"] == phrasebook_of("de").say("unchanged-not-yours")
    done = await answer_to(in_teams, connector, press(connector, "assign", nudge_id))
    assert done["value"]["lang"] == "de"


@pytest.mark.parametrize("off", [False, True])
async def test_a_press_that_is_refused_leaves_nothing_behind(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, nudge_id: str, off: bool
) -> None:
    async def begin_and_refuse(tx: Transaction, *_: Any) -> None:
        await tx.execute("UPDATE nudge SET version = 99")
        raise Problem(422, "Not everybody can be assigned", slug="not-assignable")

    without = patch.object(Transaction, "savepoint", lambda _: nullcontext()) if off else nullcontext()
    with without, patch.object(clicks, "assign", begin_and_refuse):
        answer = await answer_to(in_teams, connector, press(connector, "assign", nudge_id))
    assert answer["value"] == SAY("unchanged-people")
    assert (await fetch(database, "SELECT version FROM nudge"))[0]["version"] == (99 if off else 1)


async def test_an_answer_that_would_come_too_late_says_so_and_does_nothing(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, nudge_id: str
) -> None:
    pressed = press(connector, "assign", nudge_id)
    async with database.transaction() as tx:
        await clicks.see(tx, actors.Actor(DANA, 7), nudge_id)  # holds the team
        with patch.object(teams_door, "ANSWER_SECONDS", 0.3):
            answer = await answer_to(in_teams, connector, pressed)
    assert (answer["type"], answer["value"]) == (TEXT, SAY("unchanged-late"))
    assert await told_types(database) == ["nudge.composed", "nudge.seen"]
    assert (await answer_to(in_teams, connector, pressed))["type"] == CARD


NONE_OF_OURS: list[Any] = [
    None,
    {},
    {"action": {"verb": "assign", "data": {}}},
    {"action": {"verb": "assign", "data": {"nudge_id": "x", "version": 1}}},
    {"action": {"verb": "assign", "data": {"nudge_id": new_id(), "version": 2**31}}},
    {"action": {"verb": "snooze", "data": {"nudge_id": new_id(), "version": 1, "choice": "never"}}},
    {"action": {"verb": "dismiss", "data": {"nudge_id": new_id(), "version": 1}}},
    {"action": {"verb": "undo", "data": {"nudge_id": new_id(), "version": 1}}},
]


async def test_a_press_that_is_none_of_our_cards_is_an_error_to_teams(
    in_teams: httpx.AsyncClient, connector: BotConnector
) -> None:
    for value in NONE_OF_OURS:
        told = activity(connector, type="invoke", name="adaptiveCard/action", value=value)
        answer = await answer_to(in_teams, connector, told)
        assert (answer["statusCode"], answer["type"], answer["value"]["code"]) == (400, ERROR, "BadRequest"), value


def submitted(connector: BotConnector, nudge_id: str, **changes: Any) -> dict[str, Any]:
    """A press in a client that knows no `Action.Execute`."""
    return activity(connector, value={"verb": "assign", "nudge_id": nudge_id, "version": 1}, **changes)


async def test_an_old_clients_press_does_the_same(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, nudge_id: str
) -> None:
    answers = [await knock(in_teams, connector, submitted(connector, nudge_id)) for _ in range(2)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(200, b"")] * 2
    assert await told_types(database) == ["nudge.composed", "nudge.accepted"]


async def test_an_old_client_is_refused_what_cannot_be_done(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, nudge_id: str
) -> None:
    stranger = submitted(connector, nudge_id) | {"from": {"id": "29:1", "aadObjectId": new_id()}}
    broken = activity(connector, value={"verb": "assign", "nudge_id": nudge_id})
    told = [submitted(connector, new_id()), stranger, broken]
    answers = [await knock(in_teams, connector, one) for one in told]
    await confirm(database, age=timedelta(seconds=61))
    answers.append(await knock(in_teams, connector, submitted(connector, nudge_id)))
    assert [answer.status_code for answer in answers] == [404, 403, 400, 503]
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
    assert await told_types(database) == ["nudge.composed"]
