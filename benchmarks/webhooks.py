"""The whole door for signed webhooks of GitHub: how many one worker commits a second, and how its memory grows."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

import httpx

from benchmarks.doors import load_directory, until_told
from benchmarks.measuring import Row, Say, at_least, at_most
from benchmarks.memory import pss_mb
from benchmarks.webhook_client import TEAMS
from kinetic.cli.launch import ServiceProcess
from tests.support.cluster import Cluster, Layout, running_cluster

SIGNED: Final = "ingestion, signed webhooks"
GROWTH: Final = "ingestion, memory gained from 10,000 to 1,000,000 webhooks"
NAMES: Final = (SIGNED,)
LONG_NAMES: Final = (GROWTH,)
PER_SECOND: Final = 2000.0
MOST_GROWTH_MB: Final = 10.0
_REQUESTS = 10_000
_LITTLE, _MUCH = 10_000, 1_000_000
_ONE_IN = 10
_LIMIT_SECONDS = 3600.0


@dataclass(frozen=True)
class Rate:
    """Webhooks per second from the first request: `committed` until the last answer, `told` until Kafka has all signals."""

    committed: float
    told: float


@dataclass(frozen=True)
class Door:
    """An integration of GitHub at one worker."""

    worker: ServiceProcess
    cluster: Cluster
    url: str
    secret: str

    def send(self, requests: int, failing_every: int) -> float:
        """Send so many webhooks, and wait for every answer; how many a second."""
        argv = (sys.executable, "-m", "benchmarks.webhook_client", self.url, "--requests", str(requests))
        environment = {**os.environ, "KINETIC_SECRET": self.secret}
        done = subprocess.run(
            (*argv, "--failing-every", str(failing_every)),
            env=environment,
            capture_output=True,
            text=True,
            timeout=_LIMIT_SECONDS,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"the load failed: {done.stderr[-500:]}")
        return float(done.stdout)

    def rate(self, requests: int) -> Rate:
        """Webhooks per second, each of them a failure. The relay is at work all the while."""
        seconds = requests / self.send(requests, failing_every=1)
        answered = perf_counter()
        asyncio.run(until_told(self.cluster.stack.postgres.dsn))
        return Rate(requests / seconds, requests / (seconds + perf_counter() - answered))


def measure(folder: Path, rounds: int, say: Say) -> list[Row]:
    """One row: webhooks that each become a signal, signed, decoded, read, attributed and committed before the answer."""
    with _open_door(folder) as door:
        rates = [door.rate(_REQUESTS) for _ in range(rounds)]
    for name, several in (("committed", [rate.committed for rate in rates]), ("told", [rate.told for rate in rates])):
        say(f"  {SIGNED}, {name}: {', '.join(f'{rate:,.0f}' for rate in several)}")
    return [at_least(SIGNED, median(rate.committed for rate in rates), PER_SECOND, "webhooks/s", 1.0)]


def measure_growth(folder: Path, rounds: int, say: Say) -> list[Row]:
    """A million webhooks, one in ten a failure: how much more memory the worker holds than after ten thousand."""
    del rounds
    with _open_door(folder) as door:
        door.send(_LITTLE, _ONE_IN)
        before = pss_mb([door.worker.pid or 0])
        rate = door.send(_MUCH - _LITTLE, _ONE_IN)
        after = pss_mb([door.worker.pid or 0])
    say(f"  {GROWTH}: {before:,.1f} MB, then {after:,.1f} MB, at {rate:,.0f} webhooks/s")
    return [at_most(GROWTH, max(0.0, after - before), MOST_GROWTH_MB, "MB")]


@contextmanager
def _open_door(folder: Path) -> Iterator[Door]:
    environment = {"KINETIC_WEBHOOKS_PER_SECOND": "1000000"}
    with running_cluster(folder, Layout(("ingestion",), environment=environment)) as cluster:
        load_directory(cluster)
        (worker,) = cluster.replicas
        rules = [{"match": {"repository": f"company/team-{team}"}, "team": f"team-{team}"} for team in range(TEAMS)]
        answer = httpx.post(
            f"{worker.url}/integrations",
            json={"tool": "github", "name": "benchmark", "rules": rules},
            headers=cluster.bearer("admin@bench.example", "admin"),
            trust_env=False,
        )
        made = answer.raise_for_status().json()
        yield Door(worker, cluster, f"{worker.url}/webhooks/{made['integration_id']}", made["secret"])
