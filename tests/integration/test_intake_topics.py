"""A tool that speaks Kafka: picked up by running replicas, told once whatever is killed, and harmed by nobody's mistakes."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from tests.chaos.company import Company
from tests.chaos.observe import read_topic
from tests.support.cluster import Cluster, Layout, running_cluster

COMPANY = Company(teams=1)
SIGNAL = "kinetic.signal.report.v1"
KILLS = 4

Header = tuple[str, bytes]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    layout = Layout(services=("ingestion",), replicas=2)
    with running_cluster(tmp_path_factory.mktemp("intake") / "run", layout) as cluster:
        answer = ask(cluster, "PUT", "/directory", COMPANY.directory())
        assert answer.status_code == 200
        yield cluster


def ask(cluster: Cluster, method: str, path: str, body: Any = None) -> httpx.Response:
    headers = cluster.bearer("admin@chaos.example", "admin")
    return httpx.request(method, f"{cluster.doors('ingestion')[0]}{path}", json=body, headers=headers, timeout=60)


def integrate(cluster: Cluster, name: str, types: Sequence[str] = (SIGNAL,)) -> dict[str, Any]:
    answer = ask(cluster, "POST", "/integrations", {"tool": "kafka", "name": name, "types": types})
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()
    return created


def signal(event_id: str) -> tuple[bytes, list[Header]]:
    """In binary mode. Its severity is nothing that anybody counts."""
    now = datetime.now(UTC).isoformat()
    data = {"kind": "delivery.failed", "team": "team-0", "severity": 0.1, "summary": event_id, "occurred_at": now}
    attributes = {"ce_specversion": "1.0", "ce_id": event_id, "ce_source": "/tool", "ce_type": SIGNAL}
    headers = {"content-type": "application/json", **attributes}
    return json.dumps(data).encode(), [(name, text.encode()) for name, text in headers.items()]


async def write(cluster: Cluster, topic: str, records: Sequence[tuple[bytes | None, list[Header]]]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=cluster.stack.kafka.bootstrap_servers, acks="all")
    await producer.start()
    try:
        for value, headers in records:
            await producer.send_and_wait(topic, value, key=b"k", headers=headers)
    finally:
        await producer.stop()


async def told(cluster: Cluster, prefix: str) -> Counter[str]:
    """Of how many events each signal is told whose summary begins with `prefix`. A relay that is killed may repeat one."""
    records = await read_topic(cluster.stack.kafka.bootstrap_servers, "kinetic.signals")
    events = {(record.id, record.data["summary"]) for record in records}
    return Counter(summary for _, summary in events if summary.startswith(prefix))


async def until(check: Callable[[], Awaitable[bool]], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not await check():
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.2)


async def until_told(cluster: Cluster, prefix: str, number: int) -> Counter[str]:
    async def are_told() -> bool:
        return len(await told(cluster, prefix)) == number

    await until(are_told)
    return await told(cluster, prefix)


async def test_new_integration_is_read_by_running_replicas(cluster: Cluster) -> None:
    created = integrate(cluster, "new")
    assert created["topic"] == "kinetic.intake.new"
    assert created["secret"] is None
    assert "--operation Write" in created["acl"]
    assert "kinetic.intake.new" in created["acl"]
    await write(cluster, created["topic"], [signal("new-1"), signal("new-2"), signal("new-1")])
    assert set((await until_told(cluster, "new-", 2)).values()) == {1}


async def test_topic_is_created_with_its_settings(cluster: Cluster) -> None:
    created = integrate(cluster, "settings")
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.stack.kafka.bootstrap_servers)
    await admin.start()
    try:
        assert {created["topic"], f"{created['topic']}.dead"} <= set(await admin.list_topics())
        (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, created["topic"])])
        settings = {entry[0]: entry[1] for entry in answer.resources[0][4]}
        assert (settings["cleanup.policy"], settings["max.message.bytes"]) == ("delete", "1000000")
    finally:
        await admin.close()


async def test_poison_dead_letters_alone(cluster: Cluster) -> None:
    created = integrate(cluster, "poison")
    value, headers = signal("poison-x")
    poison: list[tuple[bytes | None, list[Header]]] = [
        (b"{", headers),
        (value, []),
        (None, headers),
        (value, [(name, b"kinetic.learning.report.v1" if name == "ce_type" else text) for name, text in headers]),
        (b"\xff\x00" * 100_000, [("content-type", b"application/cloudevents+json")]),
    ]
    await write(cluster, created["topic"], [signal("poison-1"), *poison, signal("poison-2")])
    await until_told(cluster, "poison-", 2)

    def letters() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = ask(cluster, "GET", "/dead-letters?limit=500").json()
        return [letter for letter in found if letter["topic"] == created["topic"]]

    async def are_buried() -> bool:
        return len(letters()) == len(poison)

    await until(are_buried)
    assert all(letter["cause"].startswith("refused: ") for letter in letters())

    async def are_shown() -> bool:
        shown = ask(cluster, "GET", f"/integrations/{created['integration_id']}/deliveries").json()
        return Counter(one["outcome"] for one in shown) == {"refused": len(poison), "mapped": 2}

    await until(are_shown)


async def test_paused_integration_waits_in_kafka(cluster: Cluster) -> None:
    created = integrate(cluster, "paused")
    await write(cluster, created["topic"], [signal("paused-1")])
    await until_told(cluster, "paused-", 1)
    path = f"/integrations/{created['integration_id']}"
    assert ask(cluster, "POST", f"{path}/pause").json()["paused"] is True
    await asyncio.sleep(5)  # until every replica has followed
    await write(cluster, created["topic"], [signal("paused-2")])
    await asyncio.sleep(2)
    assert await told(cluster, "paused-") == {"paused-1": 1}
    ask(cluster, "POST", f"{path}/resume")
    await until_told(cluster, "paused-", 2)


async def test_nothing_is_lost_or_doubled_when_replicas_are_killed(cluster: Cluster) -> None:
    created = integrate(cluster, "killed")
    for number in range(KILLS):
        records = [signal(f"killed-{number}-{each}") for each in range(300)]
        writing = asyncio.create_task(write(cluster, created["topic"], records))
        await asyncio.sleep(0.5)
        victim = cluster.replicas[number % 2]
        victim.kill()
        await writing
        victim.start()
        await asyncio.to_thread(victim.wait_ready)
    counts = await until_told(cluster, "killed-", KILLS * 300)
    assert set(counts.values()) == {1}


async def test_name_that_makes_no_topic_is_refused(cluster: Cluster) -> None:
    for name in ("Upper", "dot.ted", "un_der", "-", ""):
        body = {"tool": "kafka", "name": name, "types": [SIGNAL]}
        assert ask(cluster, "POST", "/integrations", body).status_code == 422
    extras: list[dict[str, Any]] = [
        {},
        {"types": []},
        {"types": ["kinetic.gap.opened.v1"]},
        {"types": [SIGNAL], "secret": "x" * 20},
    ]
    for extra in extras:
        body = {"tool": "kafka", "name": "fine", **extra}
        assert ask(cluster, "POST", "/integrations", body).status_code == 422
