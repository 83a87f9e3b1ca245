"""Migrations and tables describe the same schema."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from kinetic.common.migrate import migrate, run_alembic
from kinetic.recommendation.app import create_service
from tests.support.stack import Backends


async def test_migrations_and_tables_agree(stack: Backends) -> None:
    service = create_service()
    differences: list[Any] = []

    def compare(config: Config) -> None:
        context = MigrationContext.configure(config.attributes["connection"], opts={"compare_type": True})
        differences.extend(compare_metadata(context, config.attributes["metadata"]))

    await migrate(stack.postgres, service.name, service.branches)
    await run_alembic(stack.postgres, service.name, service.branches, compare)
    assert differences == []
