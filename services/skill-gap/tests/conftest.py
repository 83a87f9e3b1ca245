"""A fresh database of skill-gap for each test, and its HTTP doors without Kafka behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.skill_gap import handlers
from kinetic.skill_gap.app import create_service
from tests.support.databases import Templates
from tests.support.http import open_doors
from tests.support.skill_gap_company import AIKO, BEN, course, hand, person, publish_map, team


@pytest.fixture
async def database(templates: Templates) -> AsyncIterator[Database]:
    """Migrated and empty."""
    service = create_service()
    async with templates.fresh(service.name, service.branches) as database:
        yield database


@pytest.fixture
async def company(database: Database) -> Database:
    """A map, a team of two, a course that teaches the skill."""
    await publish_map(database)
    await hand(database, handlers.on_directory_changed, team(), person(AIKO), person(BEN))
    await hand(database, handlers.on_catalogue_changed, course())
    return database


@pytest.fixture
async def http(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service's HTTP doors."""
    async with open_doors(create_service(), database) as client:
        yield client
