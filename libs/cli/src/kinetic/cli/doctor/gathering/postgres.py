"""What Postgres says: of itself, and of the machinery's tables in the schemas of the services."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from kinetic.cli.doctor.judgements.database import Kept, SchemaState, ServerState
from kinetic.cli.doctor.judgements.waiting import MOST_LISTED, Parked, Waiting
from kinetic.common.database import Database, Transaction, schema_of
from kinetic.common.migrate import heads_of
from kinetic.common.service import Service
from kinetic.directory import store as directory
from kinetic.ingestion.store import parking

_SETTINGS: Final = (
    *("fsync", "full_page_writes", "synchronous_commit"),
    *("max_connections", "superuser_reserved_connections", "reserved_connections"),
)
_RELAY: Final = "-relay"


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in one schema. Where it is not migrated, `schema` says so and there is nothing else.

    `directory_seconds` is the age of the heartbeat, None when none was heard; `has_directory` says whether the schema
    keeps a directory. `parked` is None for a schema that parks nothing.
    """

    schema: SchemaState
    dead_letters: int = 0
    waiting: Waiting | None = None
    has_directory: bool = False
    directory_seconds: float | None = None
    parked: list[Parked] | None = None


async def read_server(dsn: str) -> tuple[ServerState, float]:
    """The server's settings and connections, and by how many seconds its clock is ahead. DatabaseUnavailable if away."""
    async with _connected(dsn, "doctor") as tx:
        asked = time.time()
        ahead = (await tx.now()).timestamp() - (asked + time.time()) / 2
        rows = await tx.fetch("SELECT name, setting FROM pg_settings WHERE name = ANY($1)", list(_SETTINGS))
        names = await tx.fetch(
            "SELECT application_name AS name, count(*) AS number FROM pg_stat_activity WHERE datid IS NOT NULL GROUP BY 1"
        )
    counts = {row["name"]: row["number"] for row in names}
    relays = {name.removesuffix(_RELAY): number for name, number in counts.items() if name.endswith(_RELAY)}
    return ServerState({row["name"]: row["setting"] for row in rows}, sum(counts.values()), relays), ahead


async def read_schema(dsn: str, service: Service, inbox_days: int) -> Contents:
    """What is in the schema of a service. DatabaseUnavailable when Postgres is away."""
    async with _connected(dsn, service.name) as tx:
        there = await tx.fetch_value("SELECT to_regclass($1) IS NOT NULL", f"{schema_of(service.name)}.alembic_version")
        rows = await tx.fetch("SELECT version_num FROM alembic_version") if there else []
        missing = heads_of(service.name, service.branches) - {row["version_num"] for row in rows}
        if missing:
            return Contents(SchemaState(service.name, missing, None))
        return await _read_tables(tx, service.name, inbox_days)


async def _read_tables(tx: Transaction, service: str, inbox_days: int) -> Contents:
    row = await _machinery(tx, inbox_days)
    has_directory = await _has(tx, "directory_state")
    age = await directory.age(tx) if has_directory else None
    return Contents(
        schema=SchemaState(service, frozenset(), Kept(row["outbox_seconds"], row["inbox_is_overdue"])),
        dead_letters=row["dead_letters"],
        waiting=Waiting(service, row["waiting"], row["waiting_since"]),
        has_directory=has_directory,
        directory_seconds=age.seconds if age else None,
        parked=await _parked(tx) if await _has(tx, "parked") else None,
    )


async def _machinery(tx: Transaction, inbox_days: int) -> Any:
    # What was handled a day before its time is over may still wait for the sweep.
    return await tx.fetch_one(
        """SELECT (SELECT extract(epoch FROM clock_timestamp() - created_at)::float8
                   FROM outbox ORDER BY id LIMIT 1) AS outbox_seconds,
                  (SELECT count(*) FROM dead_letter WHERE replayed_at IS NULL) AS dead_letters,
                  (SELECT count(*) FROM waiting) AS waiting,
                  (SELECT since FROM waiting ORDER BY position LIMIT 1) AS waiting_since,
                  EXISTS (SELECT 1 FROM inbox
                          WHERE handled_at < clock_timestamp() - make_interval(days => $1)) AS inbox_is_overdue""",
        inbox_days + 1,
    )


async def _parked(tx: Transaction) -> list[Parked]:
    rows = await parking.latest(tx, MOST_LISTED)
    return [Parked(row["accepted_at"], row["reason"] or "", row["waits_for"], row["expired"]) for row in rows]


async def _has(tx: Transaction, table: str) -> bool:
    return bool(await tx.fetch_value("SELECT to_regclass($1) IS NOT NULL", table))


@asynccontextmanager
async def _connected(dsn: str, service: str) -> AsyncIterator[Transaction]:
    database = Database(dsn, service, pool_size=1)
    try:
        async with database.transaction() as tx:
            yield tx
    finally:
        await database.close()
