"""Alembic's door into a service's schema, for `python -m kinetic.<service> migrate` and for `alembic -c alembic.ini`."""

from __future__ import annotations

import asyncio
from importlib import import_module

from alembic import context
from sqlalchemy import Connection

from kinetic.common.database import schema_of
from kinetic.common.migrate import inside_schema

configuration = context.config


def run(connection: Connection) -> None:
    """Run what Alembic was asked for inside the schema that `connection` stands in."""
    context.configure(
        connection=connection,
        target_metadata=configuration.attributes["metadata"],
        version_table_schema=configuration.attributes["schema"],
        include_name=lambda name, kind, _: kind != "table" or name != "alembic_version",
        compare_type=True,
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_from_command_line() -> None:
    """`alembic.ini` names the module of the service; everything else comes from the environment."""
    service = import_module(configuration.get_main_option("service_module") or "").create_service()
    configuration.attributes["schema"] = schema_of(service.name)
    configuration.attributes["metadata"] = [branch.metadata for branch in service.branches]
    asyncio.run(inside_schema(service.settings.postgres, service.name, run))


if "connection" in configuration.attributes:
    run(configuration.attributes["connection"])
else:
    run_from_command_line()
