"""How long a change of the directory takes until every service that decides by the directory has it."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import Any

import asyncpg
import httpx

from tests.support.cluster import Cluster

CHANGES, PAUSE_SECONDS, LOOK_SECONDS = 100, 0.1, 0.01

_HAVE_IT = " AND ".join(
    f"EXISTS (SELECT FROM {schema}.directory_person WHERE email = $1 AND name = $2)"
    for schema in ("skill_gap", "recommendation", "assignment", "feedback")
)


async def propagate(cluster: Cluster, rows: asyncpg.Pool[asyncpg.Record], people: list[dict[str, Any]]) -> list[float]:
    """Rename one person after the other; milliseconds from each answer until the last service knows the new name."""
    milliseconds: list[float] = []
    async with httpx.AsyncClient(headers=cluster.bearer("admin@bench.example", "admin"), trust_env=False) as http:
        for number, person in enumerate(people[:CHANGES]):
            renamed = {**person, "name": f"Somebody {number}"}
            answer = await http.put(f"{cluster.doors('ingestion')[0]}/directory", json={"people": [renamed]})
            answer.raise_for_status()
            answered = perf_counter()
            await _until_known(rows, renamed["email"], renamed["name"])
            milliseconds.append(1000 * (perf_counter() - answered))
            await asyncio.sleep(PAUSE_SECONDS)
    return milliseconds


async def _until_known(rows: asyncpg.Pool[asyncpg.Record], email: str, name: str) -> None:
    while True:
        if await rows.fetchval(f"SELECT {_HAVE_IT}", email, name):
            return
        await asyncio.sleep(LOOK_SECONDS)
