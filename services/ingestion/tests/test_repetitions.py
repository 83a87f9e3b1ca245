"""The same once more, fifty times at once, at the doors that do not stand in tests of their own: one effect, clear answers."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest

from kinetic.common.batches import BatchLoop
from kinetic.common.database import Database
from kinetic.contracts import topics
from kinetic.ingestion.intake_door import IntakeDoor
from services.ingestion.tests.doors import NUMBER, Visitor, good
from services.ingestion.tests.intake_records import Consumer, binary
from services.ingestion.tests.test_events_door import measurement

TIMES = 50
EFFECTS = {
    "webhook": ({202: TIMES}, topics.SIGNALS),
    "event": ({202: TIMES}, topics.SIGNALS),
    "binary event": ({202: TIMES}, topics.SIGNALS),
    "statement": ({200: TIMES}, topics.LEARNING),
    "directory": ({200: TIMES}, topics.DIRECTORY),
    "directory document": ({200: TIMES}, topics.DIRECTORY),
    "catalogue": ({200: TIMES}, topics.CATALOGUE),
    "catalogue table": ({200: TIMES}, topics.CATALOGUE),
    "people table": ({200: TIMES}, topics.DIRECTORY),
    "user": ({201: 1, 409: TIMES - 1}, topics.DIRECTORY),
    "integration": ({201: 1, 409: TIMES - 1}, None),
}
"""What is answered how often, and which topic is told."""

NEW = {"directory": 2, "directory document": 2}
"""How many events it makes, if not one."""


@pytest.mark.parametrize("name", EFFECTS)
async def test_fifty_at_once_have_one_effect(
    admin: httpx.AsyncClient, sender: httpx.AsyncClient, company: Any, ledger: Any, name: str
) -> None:
    visitor = Visitor(admin, sender)
    await visitor.arrive()
    body = good(name).replace(b"HERE", b"L-1" if name == "statement" else b"Testing")
    body = body.replace(str(NUMBER).encode(), b"0.5" if "event" in name else b"20")
    statuses, topic = EFFECTS[name]
    before = len(await ledger.told_ids(topic))

    answers = await asyncio.gather(*(visitor.knock(name, body) for _ in range(TIMES)))

    assert Counter(answer.status_code for answer in answers) == statuses, answers[-1].text
    if topic is None:
        assert await ledger.count("integration") == 3
    elif name == "statement":
        assert await ledger.count("parked") + len(await ledger.told_ids(topic)) == 1
    else:
        assert len(await ledger.told_ids(topic)) - before == NEW.get(name, 1)
    if name in ("webhook", "event", "binary event"):
        assert len({tuple(answer.json()["event_ids"]) for answer in answers}) == 1


async def test_records_that_two_replicas_read_at_once_have_one_effect(
    door: IntakeDoor,
    database: Database,
    company: Any,
    ledger: Any,
) -> None:
    batches = [[binary(measurement(str(number))) for number in range(10)] for _ in range(5)]

    await asyncio.gather(*(BatchLoop(door, database).take(batch, Consumer()) for batch in batches))

    assert len(await ledger.told_ids(topics.MEASUREMENTS)) == 10
