"""Where Teams reaches people is learnt from what it tells, and kept no longer than the directory knows them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.contracts.ingestion import PersonErased
from kinetic.recommendation.store import teams_conversations
from kinetic.recommendation.store.teams_conversations import Conversation
from services.recommendation.tests.bot_connector import APP, CONVERSATION, OBJECT, TENANT, BotConnector, activity
from services.recommendation.tests.company import DANA, enter, fetch, fire, person, run
from services.recommendation.tests.test_teams_door import knock

THE_BOT = [{"id": f"28:{APP}"}]


async def kept(database: Database) -> Conversation | None:
    """What is known of Dana's conversation."""
    async with database.transaction() as tx:
        return await teams_conversations.find(tx, OBJECT, TENANT)


async def install(http: httpx.AsyncClient, connector: BotConnector) -> None:
    """Dana gets the app."""
    answer = await knock(http, connector, activity(connector, type="installationUpdate", action="add"))
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    "news",
    [
        {"type": "installationUpdate", "action": "add"},
        {"type": "installationUpdate", "action": "remove-upgrade"},
        {"type": "conversationUpdate", "membersAdded": THE_BOT},
        {"type": "message", "text": "Hello"},
        {"type": "invoke", "name": "something/else"},
        {"type": "conversationUpdate", "name": None, "locale": None, "membersRemoved": None, "value": None},
    ],
    ids=str,
)
async def test_whatever_somebody_does_says_where_they_are_reached(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, news: dict[str, Any]
) -> None:
    answer = await knock(in_teams, connector, activity(connector, **news))
    assert (answer.status_code, answer.content) == (200, b"")
    assert await kept(database) == Conversation(OBJECT, CONVERSATION, connector.service_url, TENANT)


async def test_the_newest_counts(database: Database, in_teams: httpx.AsyncClient, connector: BotConnector) -> None:
    await install(in_teams, connector)
    moved = {"conversationType": "personal", "id": "a:2"}
    shouted = {"id": "29:1dana", "aadObjectId": OBJECT.upper()}
    await knock(in_teams, connector, activity(connector, conversation=moved) | {"from": shouted})
    assert await kept(database) == Conversation(OBJECT, "a:2", connector.service_url, TENANT)


@pytest.mark.parametrize(
    "place",
    [
        {"conversation": {"conversationType": "channel", "id": "19:x@thread.tacv2"}},
        {"conversation": {"conversationType": "groupChat", "id": "19:x@thread.v2"}},
        {"conversation": {"id": "a:1"}},
        {"from": {"id": "29:1dana"}},
    ],
    ids=str,
)
async def test_a_conversation_with_others_in_it_is_none_for_nudges(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, place: dict[str, Any]
) -> None:
    news = activity(connector, type="conversationUpdate", membersAdded=THE_BOT) | place
    assert (await knock(in_teams, connector, news)).status_code == 200
    assert await fetch(database, "SELECT FROM teams_conversation") == []


async def test_a_service_to_which_no_token_may_go_is_not_remembered(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector
) -> None:
    for service_url in ("http://smba.example/amer/", "ftp://x", "https://u:p@x/", "https://", "x", "//["):
        headers = {"Authorization": f"Bearer {connector.token(serviceurl=service_url)}"}
        news = activity(connector, serviceUrl=service_url)
        assert (await in_teams.post("/teams/messages", json=news, headers=headers)).status_code == 200
        assert await kept(database) is None, service_url


@pytest.mark.parametrize(
    "news",
    [
        {"type": "installationUpdate", "action": "remove"},
        {"type": "conversationUpdate", "membersRemoved": [{"id": "29:1"}, *THE_BOT]},
    ],
    ids=str,
)
async def test_who_removes_the_app_is_reached_no_longer(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, news: dict[str, Any]
) -> None:
    await install(in_teams, connector)
    assert (await knock(in_teams, connector, activity(connector, **news))).status_code == 200
    assert await kept(database) is None


async def test_an_erased_person_is_forgotten_at_once(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector
) -> None:
    await enter(database, person(DANA, version=2, external_ids={"teams": OBJECT}))
    await install(in_teams, connector)
    await enter(database, PersonErased(person_id=DANA, version=3))
    assert await fetch(database, "SELECT FROM teams_conversation") == []


@pytest.mark.parametrize(
    ("ids", "active", "passed", "stays"),
    [
        ({"teams": OBJECT}, True, "30 days", True),
        ({"teams": OBJECT}, False, "30 days", False),
        ({}, True, "30 days", False),
        ({}, True, "6 days", True),
    ],
)
async def test_a_conversation_stays_while_the_directory_knows_its_person_and_a_week_longer(
    database: Database,
    in_teams: httpx.AsyncClient,
    connector: BotConnector,
    ids: dict[str, str],
    active: bool,
    passed: str,
    stays: bool,
) -> None:
    await install(in_teams, connector)
    await enter(database, person(DANA, version=2, external_ids=ids, active=active))
    await run(database, f"UPDATE teams_conversation SET kept_until = kept_until - interval '{passed}'")
    async with database.transaction() as tx:
        await fire(tx, "outlived")
    assert (await kept(database) is not None) is stays
