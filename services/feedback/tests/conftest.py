"""A fresh database of feedback for each test, and its HTTP doors without Kafka behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.feedback.app import create_service
from services.feedback.tests.loop import open_for_business
from tests.support.databases import Templates
from tests.support.http import open_doors


@pytest.fixture
async def empty(templates: Templates) -> AsyncIterator[Database]:
    """Nothing is known yet."""
    service = create_service()
    async with templates.fresh(service.name, service.branches) as database:
        yield database


@pytest.fixture
async def database(empty: Database) -> Database:
    """Everybody and the course are known."""
    await open_for_business(empty)
    return empty


@pytest.fixture
async def http(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service's HTTP doors."""
    async with open_doors(create_service(), database) as client:
        yield client
