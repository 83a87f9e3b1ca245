"""A connection to Postgres that breaks, or whose network path is silently gone, is noticed and costs nobody else anything."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from kinetic.common.database import Database, DatabaseUnavailable
from tests.support.counting import BRANCHES
from tests.support.databases import Templates


@pytest.fixture
async def database(templates: Templates) -> AsyncIterator[Database]:
    async with templates.fresh("database", BRANCHES) as database:
        yield database


def is_kept_alive(connection: Any) -> bool:
    found = connection._transport.get_extra_info("socket")
    idle = found.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
    return bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)) and idle == 5


@pytest.mark.skipif(not hasattr(socket, "TCP_KEEPIDLE"), reason="named otherwise on this system")
async def test_our_end_asks_whether_the_server_is_there(database: Database) -> None:
    async with database.transaction() as tx:
        assert is_kept_alive(tx._connection._con)  # type: ignore[union-attr]
    relays = await database.connect()
    assert is_kept_alive(relays)
    await relays.close()


async def test_the_server_asks_whether_we_are_there(database: Database) -> None:
    async with database.transaction() as tx:
        rows = await tx.fetch("SELECT name, setting FROM pg_settings WHERE name LIKE 'tcp%' ORDER BY name")
    assert {row["name"]: row["setting"] for row in rows} == {
        "tcp_keepalives_count": "3",
        "tcp_keepalives_idle": "5",
        "tcp_keepalives_interval": "5",
        "tcp_user_timeout": "15000",
    }


async def test_a_connection_that_a_dying_server_left_in_disorder_is_lost_and_no_error_of_its_own(
    database: Database,
) -> None:
    unfinished: list[asyncio.Task[Any]] = []

    async def break_off() -> None:
        async with database.transaction() as tx:
            unfinished.append(asyncio.create_task(tx.fetch("SELECT pg_sleep(60)")))
            await asyncio.sleep(0.1)
            raise asyncpg.InternalClientError("cannot switch to state 21; another operation (2) is in progress")

    with pytest.raises(DatabaseUnavailable):
        await break_off()
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await asyncio.wait_for(unfinished[0], 10)
    async with database.transaction() as tx:
        assert await tx.fetch_value("SELECT 1") == 1


async def test_a_connection_that_cannot_be_given_back_undoes_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any, **__: Any) -> None:
        raise asyncpg.InterfaceError("cannot perform operation: another operation is in progress")

    async with database.transaction() as tx:
        await tx.execute("CREATE TABLE kept (id int)")
        monkeypatch.setattr(asyncpg.pool.Pool, "release", fail)
    monkeypatch.undo()
    async with database.transaction() as tx:
        assert await tx.fetch_value("SELECT count(*) FROM kept") == 0


async def test_many_who_come_at_once_open_one_pool(database: Database) -> None:
    await database.close()

    async def ask() -> None:
        async with database.transaction() as tx:
            await tx.fetch_value("SELECT 1")

    await asyncio.gather(*(ask() for _ in range(20)))
    async with database.transaction() as tx:
        sessions = await tx.fetch_value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
    assert sessions <= 5


async def test_what_is_closed_while_it_opens_stays_closed(database: Database) -> None:
    await database.close()
    opening = asyncio.create_task(database.open())
    await asyncio.sleep(0)
    await database.close()
    await opening
    assert database._pool is None
