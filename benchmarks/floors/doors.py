"""The doors by hand: `/bare` validates an event and drops it, `/batch` commits a batch before it answers, and relays."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any
from zlib import crc32

import asyncpg
import orjson
import uvicorn
from fastapi import FastAPI, Request, Response
from uuid_utils import uuid7

from benchmarks.floors.loop import SHARDS, connect
from benchmarks.floors.relay import create_producer, relay
from kinetic.common.main import spare_the_collector
from kinetic.ingestion.reports import SignalReported, many_reports, one_report

SCHEMA = "ingestion"
_SIGN = """INSERT INTO receipt (digest, event_ids) SELECT digest, ARRAY[id]
           FROM unnest($1::text[]::uuid[], $2::text[]::uuid[]) AS delivered (digest, id)
           ON CONFLICT (digest) DO NOTHING RETURNING event_ids[1]::text AS id"""
_COLUMNS = ("shard", "topic", "key", "headers", "value")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """A pool, and a relay on a connection of its own."""
    dsn, producer = os.environ["KINETIC_POSTGRES"], create_producer(os.environ["KINETIC_KAFKA"])
    app.state.pool = await asyncpg.create_pool(
        dsn, min_size=4, max_size=10, init=_speak_json, server_settings={"search_path": SCHEMA}
    )
    await producer.start()
    relaying = asyncio.create_task(relay(await connect(dsn, SCHEMA), producer))
    yield
    relaying.cancel()
    await producer.stop()


async def _speak_json(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=lambda v: b"\x01" + orjson.dumps(v), decoder=bytes, format="binary"
    )


app = FastAPI(lifespan=lifespan)


@app.get("/livez")
async def live() -> dict[str, str]:
    """It runs."""
    return {"status": "ok"}


@app.post("/bare", status_code=202)
async def bare(request: Request) -> dict[str, str]:
    """A valid event, dropped."""
    event = one_report.validate_json(await request.body())
    return {"status": "accepted", "id": event.id}


@app.post("/batch", status_code=202)
async def batch(request: Request) -> Response:
    """A batch of signals: signed for, attributed and in the outbox, in one transaction."""
    events = [event for event in many_reports.validate_json(await request.body()) if isinstance(event, SignalReported)]
    ids = [str(uuid7()) for _ in events]
    digests = [blake2b(f"{e.source}\0{e.id}".encode(), digest_size=16).hexdigest() for e in events]
    now = datetime.now(UTC).isoformat()
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        fresh = {row["id"] for row in await connection.fetch(_SIGN, digests, ids)}
        slugs = list({event.data.team for event in events})
        rows = await connection.fetch("SELECT slug, team_id::text FROM team WHERE slug = ANY($1)", slugs)
        teams = {row["slug"]: row["team_id"] for row in rows}
        told = [
            _record(event, event_id, teams[event.data.team], now)
            for event, event_id in zip(events, ids, strict=True)
            if event_id in fresh
        ]
        await connection.copy_records_to_table("outbox", columns=_COLUMNS, records=told)
    results = [{"status": 202, "taken": {"status": "accepted", "event_ids": [event_id]}} for event_id in ids]
    return Response(orjson.dumps({"results": results}), 202, media_type="application/json")


def _record(event: SignalReported, event_id: str, team_id: str, now: str) -> tuple[Any, ...]:
    headers = {
        "ce_specversion": "1.0",
        "ce_id": event_id,
        "ce_type": "kinetic.signal.observed.v1",
        "ce_source": "/kinetic/ingestion",
        "ce_time": now,
        "ce_correlationid": event_id,
        "content-type": "application/json",
        "traceparent": f"00-{event_id.replace('-', '')}-00f067aa0ba902b7-01",
    }
    data = event.data
    value = {
        "source": event.source,
        "kind": data.kind,
        "team_id": team_id,
        "severity": data.severity,
        "summary": data.summary,
        "url": data.url,
        "occurred_at": data.occurred_at,
        "attributes": data.attributes,
    }
    return crc32(team_id.encode()) % SHARDS, "kinetic.signals", team_id, headers, orjson.dumps(value)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    spare_the_collector()
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)
