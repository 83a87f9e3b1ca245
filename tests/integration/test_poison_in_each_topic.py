"""Promise 4: in every topic that a service reads, a poison event dead-letters alone, and replays when it is mended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from kinetic.common.events import new_id
from kinetic.contracts.registry import BY_TYPE
from tests.chaos.company import Company
from tests.chaos.observe import lag
from tests.support.cluster import SERVICES, Cluster, Layout, running_cluster

COMPANY = Company(teams=1)
READERS = {
    "kinetic.directory": ("kinetic.person.changed.v1", ("skill-gap", "recommendation", "assignment", "feedback")),
    "kinetic.catalogue": ("kinetic.content.changed.v1", ("skill-gap", "recommendation", "assignment", "feedback")),
    "kinetic.capabilities": ("kinetic.capabilities.published.v1", ("ingestion",)),
    "kinetic.signals": ("kinetic.signal.observed.v1", ("skill-gap",)),
    "kinetic.measurements": ("kinetic.measurement.recorded.v1", ("skill-gap",)),
    "kinetic.learning": ("kinetic.learning.recorded.v1", ("skill-gap", "recommendation", "assignment")),
    "kinetic.gaps": ("kinetic.gap.opened.v1", ("recommendation",)),
    "kinetic.nudges": ("kinetic.nudge.accepted.v1", ("assignment", "feedback")),
    "kinetic.assignments": ("kinetic.assignment.requested.v1", ("recommendation", "feedback")),
    "kinetic.feedback": ("kinetic.content.appraised.v1", ("recommendation",)),
}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("poison") / "run", Layout()) as cluster:
        headers = cluster.bearer("admin@chaos.example", "admin")
        for service, path, document in (
            ("ingestion", "directory", COMPANY.directory()),
            ("ingestion", "catalogue", COMPANY.catalogue()),
            ("skill-gap", "capabilities", COMPANY.capabilities()),
        ):
            httpx.put(
                f"{cluster.doors(service)[0]}/{path}", json=document, headers=headers, timeout=30
            ).raise_for_status()
        yield cluster


def dead_letters(cluster: Cluster, service: str, topic: str) -> list[dict[str, Any]]:
    headers = cluster.bearer("admin@chaos.example", "admin")
    answer = httpx.get(f"{cluster.doors(service)[0]}/dead-letters", headers=headers, timeout=30)
    answer.raise_for_status()
    return [letter for letter in answer.json() if letter["topic"] == topic]


async def write(cluster: Cluster, topic: str, value: bytes, event_type: str, event_id: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=cluster.stack.kafka.bootstrap_servers, acks="all")
    await producer.start()
    try:
        headers = {
            "ce_id": event_id,
            "ce_type": event_type,
            "ce_source": "/poison",
            "ce_time": datetime.now(UTC).isoformat(),
            "ce_specversion": "1.0",
        }
        raw = [(name, text.encode()) for name, text in headers.items()]
        await producer.send_and_wait(topic, value, key=b"poison", headers=raw)
    finally:
        await producer.stop()


@pytest.mark.parametrize("topic", READERS)
async def test_a_poison_event_dead_letters_alone_in_every_reader(cluster: Cluster, topic: str) -> None:
    event_type, services = READERS[topic]
    assert BY_TYPE[event_type].topic == topic
    poison = new_id()
    await write(cluster, topic, b'{"team_id": 7}', event_type, poison)
    for service in services:
        (letter,) = await _until_buried(cluster, service, topic)
        assert letter["cause"].startswith("unreadable:")
        assert letter["origin"].startswith(f"{topic}/")
    assert await _drains(cluster), "the readers did not go on after the poison"
    for service in set(SERVICES) - set(services):
        assert dead_letters(cluster, service, topic) == []


async def test_a_signal_about_nothing_readable_does_not_stop_the_next_one(cluster: Cluster) -> None:
    """After all that poison the pipeline still works."""
    headers = {**cluster.bearer("tool@chaos.example", "service"), "Content-Type": "application/cloudevents+json"}
    now = datetime.now(UTC).isoformat()
    data = {"kind": "delivery.failed", "team": "team-0", "severity": 1.0, "summary": "x", "occurred_at": now}
    for number in range(2):
        event = {"specversion": "1.0", "id": f"after-{number}", "source": "/t", "type": "kinetic.signal.report.v1"}
        url = f"{cluster.doors('ingestion')[0]}/events"
        assert httpx.post(url, json={**event, "data": data}, headers=headers, timeout=30).status_code == 202
    admin = cluster.bearer("admin@chaos.example", "admin")
    deadline = time.monotonic() + 30
    while not httpx.get(f"{cluster.doors('skill-gap')[0]}/gaps", headers=admin, timeout=30).json():
        assert time.monotonic() < deadline, "no gap was told"
        await asyncio.sleep(0.2)


async def _until_buried(cluster: Cluster, service: str, topic: str) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 30
    while not (found := dead_letters(cluster, service, topic)):
        assert time.monotonic() < deadline, f"{service} did not bury the poison of {topic}"
        await asyncio.sleep(0.2)
    return found


async def _drains(cluster: Cluster) -> bool:
    for _ in range(50):
        if await lag(cluster.stack.kafka.bootstrap_servers, SERVICES) == 0:
            return True
        await asyncio.sleep(0.2)
    return False
