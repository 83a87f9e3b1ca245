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


_FORGET = "DELETE FROM receipt WHERE received_at > now() - interval '12 hours'"
"""What a turn has added, so that the next finds as many as it did."""


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
                asyncio.run(_run(cluster, f"ALTER TABLE {receipts} RENAME TO receipt"))
                for load, rate in doors.serve(cluster, door, is_ours=True).items():
                    found[load][side].append(rate)
                asyncio.run(_run(cluster, _FORGET, f"ALTER TABLE receipt RENAME TO {receipts}", f"VACUUM {receipts}"))
            say("".join(f"  {name_of(load)}: ours {a[-1]:,.0f}, floor {b[-1]:,.0f}" for load, (a, b) in found.items()))
    return [at_least(name_of(load), median(a), median(b), "events/s", TARGET) for load, (a, b) in found.items()]


async def _prepare(cluster: Cluster) -> None:
    for name, receipts in (("much", MUCH), ("little", LITTLE)):
        await _run(
            cluster,
            f"CREATE TABLE {name} (LIKE receipt INCLUDING ALL)",
            f"""INSERT INTO {name} (digest, event_ids, received_at)
                SELECT gen_random_uuid(), ARRAY[gen_random_uuid()], now() - interval '1 day'
                FROM generate_series(1, {receipts})""",
            f"VACUUM (FREEZE, ANALYZE) {name}",
        )
    await _run(cluster, "DROP TABLE receipt", "CHECKPOINT")


async def _run(cluster: Cluster, *statements: str) -> None:
    connection = await asyncpg.connect(cluster.stack.postgres.dsn, server_settings={"search_path": "ingestion"})
    for statement in statements:
        await connection.execute(statement)
    await connection.close()
