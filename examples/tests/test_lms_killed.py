"""The whole platform as a process, on a real Kafka, killed again and again: no report is lost, none is told under two ids."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from examples.issuer import client_secret_file
from examples.lms.intake import consume
from examples.lms.requests import Request
from examples.tests.doors import Received, RecordingDoor
from kinetic.common.topic_admin import ensure_topics
from kinetic.contracts import topics
from kinetic.embedded import Stack

ROOT = Path(__file__).parent.parent.parent
ASSIGNMENTS = [f"a-{number}" for number in range(40)]
VERBS = ["enrolled", "started", "completed"]
KILLS = 6
SEED = 7


@dataclass(frozen=True)
class Surroundings:
    """Where the platform's far sides are, and its own folder."""

    kafka: str
    ingestion: str
    issuer: str
    secret_file: Path
    folder: Path


@pytest.fixture
async def surroundings(
    tmp_path: Path, door: RecordingDoor, issuer_url: str, issuer_folder: Path
) -> AsyncIterator[Surroundings]:
    stack = await asyncio.to_thread(Stack.start, tmp_path / "stack")
    try:
        kafka = stack.kafka.bootstrap_servers
        await ensure_topics(kafka, topics.ALL, 1, 1)
        secret_file = client_secret_file(issuer_folder, "example-lms")
        yield Surroundings(kafka, door.url, issuer_url, secret_file, tmp_path / "lms")
    finally:
        await asyncio.to_thread(stack.stop)


@asynccontextmanager
async def platform(around: Surroundings) -> AsyncIterator[asyncio.subprocess.Process]:
    """The platform, running; killed at the end."""
    where = ["--kafka", around.kafka, "--ingestion", around.ingestion, "--issuer", around.issuer]
    own = ["--secret-file", str(around.secret_file), "--folder", str(around.folder), "--port", "0", "--pace", "1"]
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "examples.lms", *where, *own, cwd=ROOT)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def request(kafka: str, assignments: Sequence[str]) -> None:
    """Ask for enrolments as the assignment service does; each twice under one event id, as after a relay's restart."""
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        for name in assignments:
            headers = [("ce_type", b"kinetic.assignment.requested.v1"), ("ce_id", f"e-{name}".encode())]
            content = {"assignment_id": name, "lms": "example-lms", "lms_person_id": "L-1103"}
            value = json.dumps({**content, "lms_content_id": "NW-REL-201"}).encode()
            for _ in range(2):
                await producer.send_and_wait(topics.ASSIGNMENTS, value, key=name.encode(), headers=headers)


async def test_a_kill_at_any_moment_loses_and_doubles_nothing(surroundings: Surroundings, door: RecordingDoor) -> None:
    door.answers.extend(islice(cycle([202, 202, 503, 202, 500]), 60))
    chance = random.Random(SEED)
    share = len(ASSIGNMENTS) // KILLS + 1
    for turn in range(KILLS):
        async with platform(surroundings):
            await request(surroundings.kafka, ASSIGNMENTS[turn * share : (turn + 1) * share])
            await asyncio.sleep(chance.uniform(1.0, 5.0))
    async with platform(surroundings):
        await door.has_accepted({f"{name}/{verb}" for name in ASSIGNMENTS for verb in VERBS}, patience_seconds=120)
    assert told_in_order(door.received) == dict.fromkeys(ASSIGNMENTS, VERBS)
    assert every_repetition_is_the_same(door.received)


class DiskFull(Exception):
    pass


async def test_a_batch_that_could_not_be_kept_comes_again(surroundings: Surroundings) -> None:
    taken: list[Request] = []

    def fail(requests: Sequence[Request], now: float) -> None:
        raise DiskFull

    def keep(requests: Sequence[Request], now: float) -> None:
        taken.extend(requests)
        if len(taken) >= 4:
            raise DiskFull

    await request(surroundings.kafka, ["a-1", "a-2"])
    async with asyncio.timeout(60):
        for take in (fail, keep):
            with pytest.raises(DiskFull):
                await consume(surroundings.kafka, take)
    assert sorted(taken_request.assignment_id for taken_request in taken) == ["a-1", "a-1", "a-2", "a-2"]


def told_in_order(received: Sequence[Received]) -> dict[str, list[str]]:
    """The verbs by assignment, in the order in which each was first accepted."""
    told: dict[str, list[str]] = defaultdict(list)
    for report in received:
        name, verb = report.headers["ce-id"].split("/")
        if report.status == 202 and verb not in told[name]:
            told[name].append(verb)
    return told


def every_repetition_is_the_same(received: Sequence[Received]) -> bool:
    """Whether all requests under one id carried one content."""
    contents = {(report.headers["ce-id"], report.body) for report in received}
    return len(contents) == len({report.headers["ce-id"] for report in received})
