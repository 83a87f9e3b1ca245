"""Ingestion as one worker process against doors by hand; the load comes from a second process."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

import httpx

from benchmarks.client import TEAMS
from benchmarks.consuming import until_relayed
from benchmarks.measuring import Row, Say, at_least
from kinetic.cli.launch import ServiceProcess
from kinetic.common.database import Database
from kinetic.embedded import free_ports
from tests.chaos.company import Company
from tests.support.cluster import Cluster, Layout, running_cluster

SINGLE: Final = "ingestion, single events"
BATCHES: Final = "ingestion, batches of 500"
NAMES: Final = (SINGLE, BATCHES)
LIMIT_SECONDS = 120.0


@dataclass(frozen=True)
class Load:
    """What is sent: so many requests of so many events (0: a single one), over so many connections."""

    floor_path: str
    requests: int
    batch: int
    connections: int
    target: float

    @property
    def events(self) -> int:
        """How many events all requests hold."""
        return self.requests * max(1, self.batch)


LOADS: Final = {SINGLE: Load("/bare", 12_000, 0, 64, 0.4), BATCHES: Load("/batch", 80, 500, 4, 0.7)}


def measure(folder: Path, rounds: int, say: Say) -> list[Row]:
    """Two rows. Only one server runs at a time; each has its own relay at work."""
    with running_cluster(folder, Layout(("ingestion",))) as cluster:
        load_directory(cluster)
        (ours,) = cluster.replicas
        floor = _floor(cluster, folder)
        ours.stop()
        found: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in NAMES}
        for _ in range(rounds):
            for side, server in enumerate((ours, floor)):
                rates = serve(cluster, server, is_ours=server is ours)
                for name, rate in rates.items():
                    found[name][side].append(rate)
            say("".join(f"  {name}: ours {own[-1]:,.0f}, floor {by[-1]:,.0f}" for name, (own, by) in found.items()))
    return [
        at_least(name, median(own), median(by), "events/s", LOADS[name].target) for name, (own, by) in found.items()
    ]


def serve(cluster: Cluster, server: ServiceProcess, *, is_ours: bool) -> dict[str, float]:
    """Events per second of each load, while no other server runs."""
    server.start()
    try:
        server.wait_ready()
        token = cluster.token("tool@bench.example", "service")
        return {
            name: _rate(cluster, f"{server.url}{'/events' if is_ours else load.floor_path}", load, token)
            for name, load in LOADS.items()
        }
    finally:
        server.stop()


def _rate(cluster: Cluster, url: str, load: Load, token: str) -> float:
    """Events per second from the first request until Kafka has what was told: no door is faster by leaving it undone."""
    answered_seconds = load.events / _send(url, load, token)
    answered = perf_counter()
    asyncio.run(until_told(cluster.stack.postgres.dsn))
    return load.events / (answered_seconds + perf_counter() - answered)


async def until_told(dsn: str) -> None:
    """Wait until Kafka has all that ingestion has to tell."""
    database = Database(dsn, "ingestion")
    await asyncio.wait_for(until_relayed(database), LIMIT_SECONDS)
    await database.close()


def _send(url: str, load: Load, token: str) -> float:
    argv = (sys.executable, "-m", "benchmarks.client", url, "--requests", str(load.requests))
    rest = ("--batch", str(load.batch), "--connections", str(load.connections))
    environment = {**os.environ, "KINETIC_TOKEN": token}
    done = subprocess.run(
        (*argv, *rest), env=environment, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
    )
    if done.returncode:
        raise AssertionError(f"the load failed: {done.stderr[-500:]}")
    return float(done.stdout)


def _floor(cluster: Cluster, folder: Path) -> ServiceProcess:
    (port,) = free_ports(1)
    backends = {
        "KINETIC_KAFKA": cluster.stack.kafka.bootstrap_servers,
        "KINETIC_POSTGRES": cluster.stack.postgres.dsn,
    }
    argv = (sys.executable, "-m", "benchmarks.floors.doors", "--port", str(port))
    return ServiceProcess("floor", port, backends, folder / "logs", argv, "/livez")


def load_directory(cluster: Cluster) -> None:
    """The teams that the load is about."""
    headers = cluster.bearer("admin@bench.example", "admin")
    url = f"{cluster.doors('ingestion')[0]}/directory"
    httpx.put(url, json=Company(TEAMS).directory(), headers=headers, timeout=60.0, trust_env=False).raise_for_status()
