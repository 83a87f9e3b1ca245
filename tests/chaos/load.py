"""The senders: one event after the other per team, at a steady pace, each repeated until it is acknowledged."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

RETRY_SECONDS = 0.1
SEVERITY = 0.02


@dataclass
class Load:
    """What was sent and what was acknowledged. `acknowledged` maps the event ids of Kinetic to (team, number)."""

    doors: Sequence[str]
    token: str
    events: int
    teams: Sequence[str]
    rate: float
    seed: int
    acknowledged: dict[str, tuple[str, int]] = field(default_factory=dict)
    outstanding: int = 0
    retries: int = 0
    is_done: bool = False

    async def run(self) -> None:
        """Send everything; returns when all of it is acknowledged."""
        async with httpx.AsyncClient(timeout=20.0, trust_env=False, limits=httpx.Limits(max_connections=500)) as http:
            await asyncio.gather(*(self._send_for(http, index) for index in range(len(self.teams))))
        self.is_done = True

    async def _send_for(self, http: httpx.AsyncClient, index: int) -> None:
        chance = random.Random(f"{self.seed}/{index}")
        clock = asyncio.get_running_loop().time
        pause = len(self.teams) / self.rate
        due = clock() + chance.uniform(0, pause)
        for number in range(index, self.events, len(self.teams)):
            await asyncio.sleep(max(0.0, due - clock()))
            due += pause
            self.outstanding += 1
            event_id = await self._until_acknowledged(http, self._event(self.teams[index], number), chance)
            self.outstanding -= 1
            self.acknowledged[event_id] = (self.teams[index], number)

    async def _until_acknowledged(self, http: httpx.AsyncClient, event: dict[str, Any], chance: random.Random) -> str:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/cloudevents+json"}
        while True:
            try:
                answer = await http.post(f"{chance.choice(self.doors)}/events", json=event, headers=headers)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 202:
                (event_id,) = answer.json()["event_ids"]
                return str(event_id)
            if answer is not None and answer.status_code != 503:
                raise AssertionError(f"a valid event was answered {answer.status_code}: {answer.text}")
            self.retries += 1
            await asyncio.sleep(RETRY_SECONDS)

    def _event(self, team: str, number: int) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat()
        return {
            "specversion": "1.0",
            "id": f"{self.seed}-{number}",
            "source": "/chaos",
            "type": "kinetic.signal.report.v1",
            "time": now,
            "data": {
                "kind": "delivery.failed",
                "team": team,
                "severity": SEVERITY,
                "summary": f"Deployment {number} failed",
                "occurred_at": now,
            },
        }
