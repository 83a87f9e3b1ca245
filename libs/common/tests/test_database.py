"""A connection to Postgres notices when its network path is silently gone, on both ends."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from kinetic.common.database import Database
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
