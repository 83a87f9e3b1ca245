"""Integrations are kept for some seconds, and read once however many requests find them too old."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kinetic.ingestion.senders import Senders

ID = "0199f000-0000-7000-8000-000000000001"


async def test_requests_that_come_at_once_read_an_integration_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[str] = []

    async def load(self: Senders, database: Any, integration_id: str) -> str:
        loads.append(integration_id)
        await asyncio.sleep(0.01)
        return "sender"

    monkeypatch.setattr(Senders, "_load", load)
    senders: Any = Senders(None)  # type: ignore[arg-type]
    found = await asyncio.gather(*(senders.find(None, ID) for _ in range(50)))
    assert (set(found), loads) == ({"sender"}, [ID])


async def test_when_reading_fails_all_who_wait_are_told_and_the_next_reads_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outcomes = iter((OSError("Postgres is down"), "sender"))

    async def load(self: Senders, database: Any, integration_id: str) -> str:
        await asyncio.sleep(0.01)
        outcome = next(outcomes)
        if isinstance(outcome, OSError):
            raise outcome
        return str(outcome)

    monkeypatch.setattr(Senders, "_load", load)
    senders: Any = Senders(None)  # type: ignore[arg-type]
    failed = await asyncio.gather(*(senders.find(None, ID) for _ in range(5)), return_exceptions=True)
    assert {type(one) for one in failed} == {OSError}
    assert await senders.find(None, ID) == "sender"


async def test_who_stops_waiting_stops_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    async def load(self: Senders, database: Any, integration_id: str) -> str:
        await asyncio.sleep(0.02)
        return "sender"

    monkeypatch.setattr(Senders, "_load", load)
    senders: Any = Senders(None)  # type: ignore[arg-type]
    first, second = (asyncio.create_task(senders.find(None, ID)) for _ in range(2))
    await asyncio.sleep(0.005)
    first.cancel()
    assert await second == "sender"
