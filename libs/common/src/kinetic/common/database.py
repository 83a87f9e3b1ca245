"""Postgres as every service uses it: one pool, one schema, transactions that nobody has to commit by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any, TypeAlias

import asyncpg
import orjson

from kinetic.common import keepalive

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"


class DatabaseUnavailable(Exception):
    """There is no connection to Postgres, or none became free in time. Callers are told to try again."""


def schema_of(service: str) -> str:
    """The Postgres schema that `service` owns, e.g. ``skill_gap``."""
    return service.replace("-", "_")


class Transaction:
    """An open transaction. It commits when its block ends and rolls back when its block raises.

    SQL uses asyncpg's ``$1`` parameters; ids are text in Python and ``uuid`` in the database.
    """

    __slots__ = ("_connection", "service")

    def __init__(self, connection: Connection, service: str) -> None:
        self._connection = connection
        self.service = service

    async def fetch(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        """All rows of a query."""
        return await self._connection.fetch(sql, *arguments)

    async def fetch_one(self, sql: str, *arguments: Any) -> asyncpg.Record | None:
        """The first row of a query, or None."""
        return await self._connection.fetchrow(sql, *arguments)

    async def fetch_value(self, sql: str, *arguments: Any) -> Any:
        """The first column of the first row, or None."""
        return await self._connection.fetchval(sql, *arguments)

    async def execute(self, sql: str, *arguments: Any) -> int:
        """Run a statement; the number of rows it touched."""
        status = await self._connection.execute(sql, *arguments)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once per row, pipelined."""
        if found := list(rows):
            await self._connection.executemany(sql, found)

    async def copy(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Append rows to a table with COPY: the fastest way in, with no conflict clause."""
        await self._connection.copy_records_to_table(table, records=rows, columns=columns)

    async def now(self) -> datetime:
        """The database's clock at this moment: the only clock that decisions use."""
        moment: datetime = await self._connection.fetchval("SELECT clock_timestamp()")
        return moment

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A part of the transaction that can fail alone."""
        async with self._connection.transaction():
            yield


class Database:
    """The pool of one service. Every connection sees only the service's own schema.

    A pool is opened on first use, so a service starts, and answers 503, while Postgres is away.
    """

    def __init__(self, dsn: str, service: str, *, pool_size: int = 10, acquire_seconds: float = 5.0) -> None:
        self.service = service
        self.schema = schema_of(service)
        self.dsn = dsn
        self._pool_size = pool_size
        self._acquire_seconds = acquire_seconds
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._opening = asyncio.Lock()

    async def open(self) -> None:
        """Connect. DatabaseUnavailable when Postgres does not answer."""
        async with self._opening:
            if self._pool is None:
                self._pool = await self._connect_pool()

    async def _connect_pool(self) -> asyncpg.Pool[asyncpg.Record]:
        try:
            return await asyncpg.create_pool(
                self.dsn,
                min_size=1,
                max_size=self._pool_size,
                connection_class=keepalive.KeptAlive,
                init=prepare_connection,
                reset=_keep_as_it_is,
                server_settings=self._settings(f"kinetic-{self.service}"),
                timeout=self._acquire_seconds,
                command_timeout=60,
            )
        except (OSError, TimeoutError, asyncpg.PostgresError) as error:
            raise DatabaseUnavailable(f"Postgres does not answer: {error}") from error

    async def close(self) -> None:
        """Cut every connection, busy or not: what has not committed rolls back."""
        async with self._opening:  # a pool that is being opened is closed too
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()

    async def connect(self) -> asyncpg.Connection[asyncpg.Record]:
        """A connection of its own, outside the pool: for session locks and LISTEN. The caller closes it.

        Its commits do not wait for the disk: a relay that forgets that it has sent sends again, and readers know repeats.
        """
        connection = await asyncpg.connect(
            self.dsn,
            connection_class=keepalive.KeptAlive,
            server_settings={**self._settings(f"kinetic-{self.service}-relay"), "synchronous_commit": "off"},
            timeout=self._acquire_seconds,
        )
        await prepare_connection(connection)
        return connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """One transaction. DatabaseUnavailable when no connection can be had, or it was lost on the way."""
        pool = await self._ready_pool()
        connection = await self._acquire(pool)
        try:
            async with connection.transaction():
                yield Transaction(connection, self.service)
        except Exception as error:
            if _is_lost(connection, error):
                with suppress(asyncpg.InterfaceError):
                    connection.terminate()
                raise DatabaseUnavailable(f"the connection to Postgres was lost: {error}") from error
            raise
        finally:
            await _give_back(pool, connection)

    def _settings(self, application_name: str) -> dict[str, str]:
        # with the default price of a random page, small look-ups in the directory would scan all of it
        ours = {"search_path": self.schema, "application_name": application_name, "random_page_cost": "1.1"}
        return {**ours, **keepalive.SERVER_SETTINGS}

    async def _ready_pool(self) -> asyncpg.Pool[asyncpg.Record]:
        if self._pool is None:
            await self.open()
        if self._pool is None:
            raise DatabaseUnavailable("the pool is closed")
        return self._pool

    async def _acquire(self, pool: asyncpg.Pool[asyncpg.Record]) -> asyncpg.pool.PoolConnectionProxy[asyncpg.Record]:
        try:
            return await pool.acquire(timeout=self._acquire_seconds)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise DatabaseUnavailable(f"no connection to Postgres: {error}") from error


async def _keep_as_it_is(_: object) -> None:
    """No transaction leaves anything behind in its session, so there is nothing to reset, and a round trip is saved."""


def _with_earlier(error: BaseException) -> Iterator[BaseException]:
    """An error and those while handling which it came up, the latest first."""
    earlier: BaseException | None = error
    while earlier is not None:
        yield earlier
        earlier = earlier.__context__


async def _give_back(
    pool: asyncpg.Pool[asyncpg.Record], connection: asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
) -> None:
    """The transaction has ended by now, one way or the other. A connection that cannot be given back is cut by the pool."""
    with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        await pool.release(connection)


def _is_lost(connection: Connection, error: Exception) -> bool:
    """A server that dies within a statement can leave asyncpg in a state that it calls an error of its own.

    Rolling back then fails too, for another reason, behind which the first one stands.
    """
    if any(isinstance(one, asyncpg.InternalClientError) for one in _with_earlier(error)):
        return True
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True  # the pool has already taken it back


async def prepare_connection(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Ids travel as text, JSON as Python values."""
    await connection.set_type_codec("uuid", schema="pg_catalog", encoder=str, decoder=str, format="text")
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda raw: orjson.loads(raw[1:]),
        format="binary",
    )
