"""A fresh database of skill-gap for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from kinetic.common.database import Database
from kinetic.skill_gap.app import create_service
from tests.support.databases import Templates


@pytest.fixture
async def database(templates: Templates) -> AsyncIterator[Database]:
    """Migrated and empty."""
    service = create_service()
    async with templates.fresh(service.name, service.branches) as database:
        yield database
