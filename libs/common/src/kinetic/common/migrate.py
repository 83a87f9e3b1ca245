"""Migrations: every schema is made of branches (the machinery, the directory, the service), each with its own history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from kinetic.common.database import Database, schema_of


@dataclass(frozen=True)
class Branch:
    """The tables of one part of a schema, and the folder with their migrations."""

    metadata: MetaData
    versions: Path

    @staticmethod
    def of(package: str, metadata: MetaData) -> Branch:
        """The branch whose migrations lie in `migrations/versions` of `package`."""
        return Branch(metadata, Path(str(files(package))) / "migrations" / "versions")


def config_for(service: str, branches: Sequence[Branch]) -> Config:
    """Alembic's configuration for the schema of `service`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(str(branch.versions) for branch in branches))
    config.attributes["schema"] = schema_of(service)
    config.attributes["metadata"] = [branch.metadata for branch in branches]
    return config


def heads_of(service: str, branches: Sequence[Branch]) -> frozenset[str]:
    """The revisions that a migrated schema stands at."""
    heads = frozenset(ScriptDirectory.from_config(config_for(service, branches)).get_heads())
    if len(heads) < len(branches):
        raise LookupError(f"{service}: found the migrations {sorted(heads)} for {len(branches)} branches")
    return heads


async def migrate(dsn: str, service: str, branches: Sequence[Branch]) -> None:
    """Bring the schema of `service` to its heads. Several replicas may try at once: one migrates, the others wait."""
    await run_alembic(dsn, service, branches, lambda config: command.upgrade(config, "heads"))


async def run_alembic(dsn: str, service: str, branches: Sequence[Branch], run: Callable[[Config], Any]) -> None:
    """Run an Alembic command inside the schema of `service`, created if need be, under a lock."""

    def inside(connection: Connection) -> None:
        config = config_for(service, branches)
        config.attributes["connection"] = connection
        run(config)

    await inside_schema(dsn, service, inside)


async def inside_schema(dsn: str, service: str, run: Callable[[Connection], None]) -> None:
    """Call `run` with a connection whose only schema is the service's, in one transaction that holds its migration lock."""
    engine = create_async_engine(dsn.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=NullPool)
    schema = schema_of(service)

    def inside(connection: Connection) -> None:
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        connection.execute(lock, {"name": f"migrate/{schema}"})
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
        connection.execute(text(f'SET search_path TO "{schema}"'))
        connection.dialect.default_schema_name = schema
        run(connection)

    try:
        async with engine.begin() as connection:
            await connection.run_sync(inside)
    finally:
        await engine.dispose()


async def is_migrated(database: Database, heads: frozenset[str]) -> bool:
    """Whether the schema stands at `heads`. DatabaseUnavailable when Postgres does not answer."""
    async with database.transaction() as tx:
        exists = await tx.fetch_value("SELECT to_regclass($1) IS NOT NULL", f"{database.schema}.alembic_version")
        if not exists:
            return False
        rows = await tx.fetch("SELECT version_num FROM alembic_version")
    return heads <= {row["version_num"] for row in rows}
