from __future__ import annotations

import asyncio
import os
import signal
import time

import asyncpg
import psutil
import pytest

from kinetic.embedded import Stack
from tests.support.embedded_clients import query

ENDLESS = "DO $$ BEGIN LOOP END LOOP; END $$"


def table(stack: Stack) -> str:
    name = f"t{time.monotonic_ns()}"
    query(stack.postgres.dsn, f"CREATE TABLE {name} (n int)")
    return name


def backend_that_never_listens(dsn: str) -> psutil.Process:
    """The process of a session that computes for ever and does not notice that its server is gone."""

    async def begin() -> int:
        connection = await asyncpg.connect(dsn)
        pid = await connection.fetchval("SELECT pg_backend_pid()")
        asyncio.ensure_future(connection.execute(ENDLESS)).add_done_callback(lambda done: done.cancelled())
        await asyncio.sleep(0.1)
        connection.terminate()
        return int(pid)

    return psutil.Process(asyncio.run(begin()))


def test_postgres_keeps_committed_rows_after_kill(stack: Stack) -> None:
    rows = table(stack)
    query(stack.postgres.dsn, f"INSERT INTO {rows} VALUES (1), (2)")

    stack.postgres.kill()
    stack.postgres.start()

    assert query(stack.postgres.dsn, f"SELECT n FROM {rows} ORDER BY n") == [(1,), (2,)]


def test_postgres_forgets_what_was_not_committed_when_killed(stack: Stack) -> None:
    rows = table(stack)

    async def insert_without_commit() -> None:
        connection = await asyncpg.connect(stack.postgres.dsn)
        await connection.execute("BEGIN")
        await connection.execute(f"INSERT INTO {rows} VALUES (1)")
        await asyncio.to_thread(stack.postgres.kill)
        connection.terminate()

    asyncio.run(insert_without_commit())
    stack.postgres.start()

    assert query(stack.postgres.dsn, f"SELECT n FROM {rows}") == []


def test_kill_ends_a_session_that_computes_for_ever(stack: Stack) -> None:
    busy = backend_that_never_listens(stack.postgres.dsn)

    stack.postgres.kill()

    assert not busy.is_running() or busy.status() == psutil.STATUS_ZOMBIE


def test_postgres_starts_again_although_a_session_outlived_a_kill_from_outside(stack: Stack) -> None:
    busy = backend_that_never_listens(stack.postgres.dsn)
    os.kill(stack.postgres.pid, signal.SIGKILL)
    while stack.postgres.running:
        pass
    assert busy.is_running()

    stack.postgres.start()

    assert query(stack.postgres.dsn, "SELECT 1") == [(1,)]


def test_stop_ends_a_session_that_outlived_a_kill_from_outside(stack: Stack) -> None:
    busy = backend_that_never_listens(stack.postgres.dsn)
    os.kill(stack.postgres.pid, signal.SIGKILL)
    while stack.postgres.running:
        pass

    stack.postgres.stop()

    assert not busy.is_running() or busy.status() == psutil.STATUS_ZOMBIE


def test_stop_is_quick_with_open_sessions(stack: Stack) -> None:
    backend_that_never_listens(stack.postgres.dsn)
    begun = time.monotonic()

    stack.postgres.stop()

    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fsync", "on"),
        ("max_connections", "200"),
        ("shared_buffers", "128MB"),
        ("TimeZone", "UTC"),
        ("server_encoding", "UTF8"),
        ("listen_addresses", "127.0.0.1"),
        ("unix_socket_directories", ""),
    ],
)
def test_postgres_is_set_up_for_one_machine_and_safe_data(stack: Stack, setting: str, value: str) -> None:
    assert query(stack.postgres.dsn, f"SELECT current_setting('{setting}')") == [(value,)]


def test_text_is_compared_by_bytes_and_has_upper_case_in_every_alphabet(stack: Stack) -> None:
    assert query(stack.postgres.dsn, "SELECT 'Z' < 'a', upper('żółć')") == [(True, "ŻÓŁĆ")]


def test_a_wrong_password_is_refused(stack: Stack) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        query(stack.postgres.dsn.replace("kinetic:", "kinetic:wrong"), "SELECT 1")


def test_postgres_never_runs_as_root(stack: Stack) -> None:
    assert psutil.Process(stack.postgres.pid).uids().effective != 0
