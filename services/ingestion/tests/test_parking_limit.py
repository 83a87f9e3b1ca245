"""Nobody fills the parking: who has too much in it is told to come back later, and for the rest goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from kinetic.ingestion import committer
from kinetic.ingestion.settings import Settings

LIMIT = 3


@pytest.fixture
def settings() -> Settings:
    return Settings(secret_keys=SecretStr(Fernet.generate_key().decode()), parked_limit=LIMIT)


@pytest.fixture(autouse=True)
def counting_often() -> Iterator[None]:
    with patch.object(committer, "BACKLOG_CHECK_SECONDS", 0.02):
        yield


def signal(event_id: str, team: str) -> dict[str, Any]:
    data = {"kind": "a.b", "team": team, "severity": 0, "summary": "x", "occurred_at": "2026-01-01T00:00:00Z"}
    kind = "kinetic.signal.report.v1"
    return {"specversion": "1.0", "id": event_id, "source": "/x", "type": kind, "data": data}


async def send(sender: httpx.AsyncClient, body: Any, caller: str = "somebody") -> httpx.Response:
    media_type = f"application/cloudevents{'-batch' if isinstance(body, list) else ''}+json"
    headers = {"content-type": media_type, "authorization": f"Bearer service/{caller}"}
    return await sender.post("/events", content=json.dumps(body), headers=headers)


@pytest.fixture
async def full(sender: httpx.AsyncClient, company: Any, settings: Settings) -> httpx.AsyncClient:
    """A sender whose parking is full, and known to be."""
    assert (await send(sender, [signal(f"first-{n}", "new") for n in range(LIMIT)])).status_code == 202
    await until(sender, signal("probe", "new"), 429)
    return sender


async def until(sender: httpx.AsyncClient, event: dict[str, Any], status: int) -> httpx.Response:
    """Send until the answer is as wanted: what is full is counted now and then."""
    for number in range(200):
        answer = await send(sender, {**event, "id": f"{event['id']}-{number}"})
        if answer.status_code == status:
            return answer
        await asyncio.sleep(0.02)
    raise AssertionError(f"never answered {status}")


async def test_what_would_have_to_be_parked_too_is_refused_until_later(full: Any, ledger: Any) -> None:
    parked, signed = await ledger.count("parked"), await ledger.count("receipt")

    answer = await send(full, signal("1", "new"))

    assert answer.status_code == 429
    assert answer.headers["retry-after"].isdigit()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await ledger.count("parked"), await ledger.count("receipt")) == (parked, signed)


async def test_events_of_known_teams_and_of_other_senders_are_taken(full: Any) -> None:
    assert (await send(full, signal("1", "payments"))).json()["status"] == "accepted"
    assert (await send(full, signal("1", "new"), "other")).json()["status"] == "parked"


async def test_batch_is_answered_event_by_event(full: Any) -> None:
    mixed = await send(full, [signal("1", "new"), signal("2", "payments")])
    refused = await send(full, [signal("1", "new")])

    assert (mixed.status_code, [result["status"] for result in mixed.json()["results"]]) == (207, [429, 202])
    assert (refused.status_code, refused.headers["retry-after"].isdigit()) == (429, True)


async def test_refused_event_is_taken_when_there_is_room(full: Any, ledger: Any) -> None:
    event = signal("1", "new")
    assert (await send(full, event)).status_code == 429
    await ledger.run("DELETE FROM parked")
    await until(full, signal("probe again", "new"), 202)

    assert (await send(full, event)).json()["status"] == "parked"
