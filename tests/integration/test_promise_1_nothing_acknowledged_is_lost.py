"""Promise 1: a 2xx means committed, Kafka away is invisible to senders, Postgres away is 503."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.chaos.company import Company
from tests.chaos.observe import read_topic
from tests.support.cluster import Cluster, Layout, running_cluster

COMPANY = Company(teams=1)
BACKLOG_LIMIT = 40
LAYOUT = Layout(services=("ingestion",), environment={"KINETIC_BACKLOG_LIMIT": str(BACKLOG_LIMIT)})


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder: Path = tmp_path_factory.mktemp("promise-1")
    with running_cluster(folder / "run", LAYOUT) as cluster:
        admin = cluster.bearer("admin@chaos.example", "admin")
        url = f"{cluster.doors('ingestion')[0]}/directory"
        httpx.put(url, json=COMPANY.directory(), headers=admin, timeout=30).raise_for_status()
        yield cluster


@pytest.fixture(autouse=True)
def both_are_back(cluster: Cluster) -> Iterator[None]:
    yield
    cluster.stack.kafka.start()
    cluster.stack.postgres.start()
    until(lambda: send(cluster).status_code == 202)


def send(cluster: Cluster, event_id: str | None = None) -> httpx.Response:
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": event_id or str(uuid4()),
        "source": "/test",
        "type": "kinetic.signal.report.v1",
        "data": {
            "kind": "delivery.failed",
            "team": "team-0",
            "severity": 0.1,
            "summary": "Deployment failed",
            "occurred_at": datetime.now(UTC).isoformat(),
        },
    }
    headers = {**cluster.bearer("tool@chaos.example", "service"), "Content-Type": "application/cloudevents+json"}
    return httpx.post(f"{cluster.doors('ingestion')[0]}/events", json=event, headers=headers, timeout=30)


def until(check: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.1)


async def told(cluster: Cluster) -> list[str]:
    return [event.id for event in await read_topic(cluster.stack.kafka.bootstrap_servers, "kinetic.signals")]


async def test_kafka_away_is_invisible_to_senders_and_nothing_is_lost(cluster: Cluster) -> None:
    cluster.stack.kafka.kill()
    answers = [send(cluster) for _ in range(10)]
    assert [answer.status_code for answer in answers] == [202] * 10
    cluster.stack.kafka.start()
    wanted = {event_id for answer in answers for event_id in answer.json()["event_ids"]}
    deadline = time.monotonic() + 60
    while not wanted <= set(await told(cluster)):
        assert time.monotonic() < deadline, "acknowledged events never came"


def test_at_the_backlog_limit_senders_are_told_to_come_back_later(cluster: Cluster) -> None:
    cluster.stack.kafka.kill()
    refused: httpx.Response | None = None
    deadline = time.monotonic() + 60
    while refused is None and time.monotonic() < deadline:
        answer = send(cluster)
        refused = answer if answer.status_code == 503 else None
    assert refused is not None
    assert refused.headers["Retry-After"].isdigit()
    assert refused.headers["Content-Type"] == "application/problem+json"


def test_postgres_away_is_503_and_the_same_event_is_taken_afterwards(cluster: Cluster) -> None:
    cluster.stack.postgres.kill()
    answer = send(cluster, "kept-by-the-sender")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"].isdigit()
    cluster.stack.postgres.start()
    until(lambda: send(cluster, "kept-by-the-sender").status_code == 202)


def test_the_process_lives_and_stays_ready_while_both_are_away(cluster: Cluster) -> None:
    cluster.stack.kafka.kill()
    cluster.stack.postgres.kill()
    url = cluster.doors("ingestion")[0]
    for _ in range(20):
        assert httpx.get(f"{url}/livez", timeout=5).status_code == 200
        assert httpx.get(f"{url}/readyz", timeout=5).status_code == 200
        time.sleep(0.1)


async def test_an_event_acknowledged_just_before_kill_9_is_told(cluster: Cluster) -> None:
    (replica,) = cluster.replicas
    (event_id,) = send(cluster).json()["event_ids"]
    replica.kill()
    replica.start()
    replica.wait_ready()
    deadline = time.monotonic() + 60
    while event_id not in await told(cluster):
        assert time.monotonic() < deadline, "an acknowledged event never came"
