"""A fresh database per test: migrated once per service, then copied with TEMPLATE."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from kinetic.common.database import Database
from kinetic.common.migrate import Branch, migrate

BUSY_SECONDS = 60.0
"""A busy machine is no outage: fifty requests at once may wait for each other for long."""


class Templates:
    """Migrated databases to copy from, one per service, made on first use."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._made: dict[str, str] = {}

    @asynccontextmanager
    async def fresh(self, service: str, branches: Sequence[Branch]) -> AsyncIterator[Database]:
        """An empty, migrated database of `service`, dropped afterwards."""
        name = f"test_{uuid4().hex}"
        template = await self._template(service, branches)
        await self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        database = Database(with_database(self._dsn, name), service, pool_size=5, acquire_seconds=BUSY_SECONDS)
        try:
            yield database
        finally:
            await database.close()
            await self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    async def _template(self, service: str, branches: Sequence[Branch]) -> str:
        if service not in self._made:
            name = f"template_{uuid4().hex}"
            await self._run(f'CREATE DATABASE "{name}"')
            await migrate(with_database(self._dsn, name), service, branches)
            self._made[service] = name
        return self._made[service]

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(self._dsn)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def with_database(dsn: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))
