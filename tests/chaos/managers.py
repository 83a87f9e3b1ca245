"""The managers: each looks into the inbox now and then, and clicks assign several times at once, at any replica."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

CLICKS = 3
LOOK_EVERY_SECONDS = 4.0


@dataclass
class Managers:
    """`tokens` by team. `accepted` collects the nudges whose click was answered as accepted."""

    doors: Sequence[str]
    tokens: Mapping[str, str]
    seed: int
    accepted: set[str] = field(default_factory=set)

    async def run(self) -> None:
        """Look and click until cancelled."""
        # nobody waits for a connection that somebody else holds, as people with browsers of their own do not
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        async with httpx.AsyncClient(timeout=15.0, trust_env=False, limits=limits) as http:
            await asyncio.gather(*(self._be(http, team) for team in self.tokens))

    async def _be(self, http: httpx.AsyncClient, team: str) -> None:
        chance = random.Random(f"{self.seed}/manager/{team}")
        while True:
            await asyncio.sleep(chance.uniform(0.5, 1.5) * LOOK_EVERY_SECONDS)
            try:
                await self._look(http, self.tokens[team], chance)
            except httpx.TransportError:
                continue

    async def _look(self, http: httpx.AsyncClient, token: str, chance: random.Random) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        answer = await http.get(f"{chance.choice(self.doors)}/inbox", headers=headers)
        if answer.status_code != 200:
            return
        for card in _cards(answer.json()):
            clicks = [self._click(http, headers, card, chance.choice(self.doors)) for _ in range(CLICKS)]
            for result in await asyncio.gather(*clicks, return_exceptions=True):
                if isinstance(result, AssertionError):
                    raise result

    async def _click(self, http: httpx.AsyncClient, headers: dict[str, str], card: dict[str, Any], door: str) -> None:
        url = f"{door}/nudges/{card['nudge_id']}/assign"
        answer = await http.post(url, headers=headers, json={"version": card["version"]})
        if answer.status_code == 200:
            self.accepted.add(card["nudge_id"])
        elif answer.status_code >= 500 and answer.status_code != 503:
            raise AssertionError(f"a click was answered {answer.status_code}: {answer.text}")


def _cards(inbox: Any) -> list[dict[str, Any]]:
    cards = inbox["nudges"] if isinstance(inbox, dict) else inbox
    return [card for card in cards if card["state"] in ("composed", "seen")]
