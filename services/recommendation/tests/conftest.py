"""A fresh database of recommendation for each test, and its HTTP doors without Kafka behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from kinetic.common.auth import Principal, Role
from kinetic.common.database import Database
from kinetic.common.service import build_app
from kinetic.recommendation.app import create_service
from services.recommendation.tests.company import open_for_business
from tests.support.databases import Templates


class NamedTokens:
    """Takes ``<name>:<role>`` for a token. That real ones are verified is tested where that is done."""

    async def verify(self, token: str) -> Principal:
        name, _, role = token.partition(":")
        return Principal(name, f"{name}@company.example", frozenset({Role(role)} if role else ()))


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
async def http(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service's HTTP doors."""
    app = build_app(create_service())
    app.state.database = database
    app.state.verifier = NamedTokens()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://recommendation") as client:
        yield client
