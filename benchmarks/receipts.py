"""The door with few receipts and with many: a repetition has to be found among all that was accepted before."""

from __future__ import annotations

import asyncio
from pathlib import Path
from statistics import median
from typing import Final

import asyncpg

from benchmarks import doors
from benchmarks.history import LITTLE, MUCH, TARGET, name_of
from benchmarks.measuring import Row, Say, at_least
from tests.support.cluster import Cluster, Layout, running_cluster

NAMES: Final = tuple(name_of(load) for load in doors.NAMES)


def measure(folder: Path, rounds: int, say: Say) -> list[Row]:
    """Ours with many receipts against ours with few. The table with many is put in the place of the other, and back."""
    found: dict[str, tuple[list[float], list[float]]] = {load: ([], []) for load in doors.NAMES}
    with running_cluster(folder, Layout(("ingestion",))) as cluster:
        doors.load_directory(cluster)
        (door,) = cluster.replicas
        door.stop()
        asyncio.run(_prepare(cluster))
        for _ in range(rounds):
            for side, receipts in enumerate(("much", "little")):
                asyncio.run(_rename(cluster, receipts, "receipt"))
                for load, rate in doors.serve(cluster, door, is_ours=True).items():
                    found[load][side].append(rate)
                asyncio.run(_rename(cluster, "receipt", receipts))
            say("".join(f"  {name_of(load)}: ours {a[-1]:,.0f}, floor {b[-1]:,.0f}" for load, (a, b) in found.items()))
    return [at_least(name_of(load), median(a), median(b), "events/s", TARGET) for load, (a, b) in found.items()]


async def _prepare(cluster: Cluster) -> None:
    connection = await _connect(cluster)
    for name, receipts in (("much", MUCH), ("little", LITTLE)):
        await connection.execute(f"CREATE TABLE {name} (LIKE receipt INCLUDING ALL)")
        await connection.execute(
            f"""INSERT INTO {name} (digest, event_ids)
                SELECT gen_random_uuid(), ARRAY[gen_random_uuid()] FROM generate_series(1, {receipts})"""
        )
        await connection.execute(f"VACUUM (FREEZE, ANALYZE) {name}")
    await connection.execute("DROP TABLE receipt")
    await connection.execute("CHECKPOINT")
    await connection.close()


async def _rename(cluster: Cluster, name: str, to: str) -> None:
    connection = await _connect(cluster)
    await connection.execute(f"ALTER TABLE {name} RENAME TO {to}")
    await connection.close()


async def _connect(cluster: Cluster) -> asyncpg.Connection[asyncpg.Record]:
    return await asyncpg.connect(cluster.stack.postgres.dsn, server_settings={"search_path": "ingestion"})
