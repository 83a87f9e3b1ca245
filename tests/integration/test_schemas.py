"""Migrations and table classes say the same, in every service."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from alembic import command
from alembic.config import Config

from kinetic.common.migrate import run_alembic
from kinetic.common.service import Service
from tests.support.databases import Templates

SERVICES = ("ingestion", "skill_gap", "recommendation", "assignment", "feedback")


@pytest.mark.parametrize("module", SERVICES)
async def test_migrations_make_the_tables_that_the_code_declares(templates: Templates, module: str) -> None:
    service: Service = import_module(f"kinetic.{module}.app").create_service()
    async with templates.fresh(service.name, service.branches) as database:
        await run_alembic(database.dsn, service.name, service.branches, command.check)


async def test_a_missing_column_is_noticed(templates: Templates) -> None:
    """The negative control of the test above."""
    service: Service = import_module("kinetic.skill_gap.app").create_service()
    async with templates.fresh(service.name, service.branches) as database:
        async with database.transaction() as tx:
            await tx.execute("ALTER TABLE assessment DROP COLUMN evidence")

        def check(config: Config) -> Any:
            with pytest.raises(Exception, match="evidence"):
                command.check(config)

        await run_alembic(database.dsn, service.name, service.branches, check)


@pytest.mark.parametrize("module", SERVICES)
async def test_a_migration_can_be_undone(templates: Templates, module: str) -> None:
    service: Service = import_module(f"kinetic.{module}.app").create_service()
    async with templates.fresh(service.name, service.branches) as database:
        await run_alembic(
            database.dsn, service.name, service.branches, lambda c: command.downgrade(c, f"{module}@base")
        )
        await run_alembic(database.dsn, service.name, service.branches, lambda c: command.upgrade(c, "heads"))
