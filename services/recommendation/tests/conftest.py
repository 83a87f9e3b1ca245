"""A fresh database of recommendation for each test, and its HTTP doors without Kafka behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.recommendation.app import create_service
from kinetic.recommendation.channels.slack_api import SlackApi
from kinetic.recommendation.channels.slack_sender import SlackSender
from services.recommendation.tests import bot_connector
from services.recommendation.tests.bot_connector import APP, SECRET, TENANT, BotConnector
from services.recommendation.tests.company import (
    DANA,
    OTHER_TEAM,
    RAVI,
    STRANGER,
    allow,
    enter,
    fetch,
    open_for_business,
    opened,
    person,
    team,
    tell,
)
from services.recommendation.tests.local_slack import DANA_THERE, TOKEN, LocalSlack, local_slack, on_a_socket
from services.recommendation.tests.slack_presses import NEW, OLD, RAVI_THERE, Hooks
from tests.support.databases import Templates
from tests.support.http import open_doors


@pytest.fixture
async def empty(templates: Templates) -> AsyncIterator[Database]:
    """Nothing is known yet but the first policy."""
    service = create_service()
    async with templates.fresh(service.name, service.branches) as database:
        yield database


@pytest.fixture
async def database(empty: Database) -> Database:
    """Everybody and the course are known, the directory is fresh, and nudges may come at any hour."""
    await open_for_business(empty)
    return empty


@pytest.fixture
async def both(database: Database) -> Database:
    """Dana manages both teams."""
    await enter(database, team(OTHER_TEAM, manager_id=DANA, version=2), person(STRANGER, DANA, version=2))
    await allow(database, weekly_budget=9)
    return database


@pytest.fixture
async def http(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service's HTTP doors."""
    async with open_doors(create_service(), database) as client:
        yield client


@pytest.fixture
async def hooks() -> AsyncIterator[Hooks]:
    """Where Slack takes answers to a press."""
    running = Hooks()
    async with on_a_socket(running.app) as url:
        running.url = url
        yield running


@pytest.fixture
async def slack(database: Database, hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """The doors of a service that knows two secrets, and where Slack takes answers."""
    monkeypatch.setenv("KINETIC_SLACK_SIGNING_SECRETS", f"{OLD}, {NEW}")
    monkeypatch.setenv("KINETIC_SLACK_HOOKS_URL", f"{hooks.url}/hooks/")
    monkeypatch.setenv("KINETIC_CONSOLE_URL", "https://console.example")
    await enter(
        database,
        person(DANA, version=2, external_ids={"slack": DANA_THERE}),
        person(RAVI, version=2, external_ids={"slack": RAVI_THERE}),
    )
    async with open_doors(create_service(), database) as client:
        yield client


@pytest.fixture
async def nudge_id(database: Database, slack: httpx.AsyncClient) -> str:
    """A nudge of Dana's in its first version."""
    await tell(database, opened())
    (row,) = await fetch(database, "SELECT nudge_id FROM nudge")
    return str(row["nudge_id"])


@pytest.fixture
async def there() -> AsyncIterator[LocalSlack]:
    """A Slack on a socket."""
    async with local_slack() as running:
        yield running


@pytest.fixture
async def sender(there: LocalSlack) -> AsyncIterator[SlackSender]:
    """The channel to it."""
    async with httpx.AsyncClient() as http:
        yield SlackSender(SlackApi(http, there.url, TOKEN))


@pytest.fixture
async def connector() -> AsyncIterator[BotConnector]:
    """Microsoft's side of the bot."""
    async with bot_connector.serving() as far_side:
        yield far_side


@pytest.fixture
async def in_teams(
    database: Database, connector: BotConnector, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service's doors, where Teams is set up."""
    settings = {
        "APP_ID": APP,
        "APP_SECRET": SECRET,
        "TENANT_ID": TENANT,
        "LOGIN_URL": connector.url,
        "OPENID_URL": f"{connector.url}/openid",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"KINETIC_TEAMS_{name}", value)
    async with open_doors(create_service(), database) as client:
        yield client
