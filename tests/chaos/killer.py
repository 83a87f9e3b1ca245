"""kill -9, at random, of replicas, the broker and the database, and their return."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import asyncpg

from tests.support.cluster import Cluster

SHORTEST_DOWN_SECONDS, LONGEST_DOWN_SECONDS = 0.1, 1.5
SERVER_SHARE = 0.3
"""How often the broker or the database is the victim, rather than a replica."""


class Victim(Protocol):
    """Anything that can be killed and started again."""

    def kill(self) -> None: ...
    def start(self) -> None: ...


@dataclass
class Killer:
    """Kills `kills` times in all. `in_flight` counts the kills that hit while acknowledged work was under way."""

    cluster: Cluster
    kills: int
    seed: int
    work_in_flight: Callable[[], Awaitable[int]]
    only: Sequence[str] = ()
    by_victim: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0
    _down: set[str] = field(default_factory=set)

    async def run(self, every_seconds: float, say: Callable[[str], None]) -> None:
        """Kill one victim after the other, about `every_seconds` apart; returns when all of them are back."""
        chance = random.Random(f"{self.seed}/killer")
        returning: list[asyncio.Task[None]] = []
        for number in range(self.kills):
            await asyncio.sleep(chance.uniform(0.5, 1.5) * every_seconds)
            name, victim = self._choose(chance)
            at_hand = await self._at_hand()
            self.in_flight += at_hand > 0
            self.by_victim[name] += 1
            say(f"kill {number + 1}/{self.kills}: {name}, {at_hand} events in flight")
            down_seconds = chance.uniform(SHORTEST_DOWN_SECONDS, LONGEST_DOWN_SECONDS)
            returning.append(asyncio.create_task(self._kill(name, victim, down_seconds)))
        await asyncio.gather(*returning)

    def _choose(self, chance: random.Random) -> tuple[str, Victim]:
        servers: dict[str, Victim] = {"kafka": self.cluster.stack.kafka, "postgres": self.cluster.stack.postgres}
        replicas: dict[str, Victim] = {
            replica.label: replica for replica in self.cluster.replicas if not self.only or replica.name in self.only
        }
        victims = servers if chance.random() < SERVER_SHARE and not self.only else replicas
        names = [name for name in sorted(victims) if name not in self._down]
        if not names:
            victims, names = replicas, [name for name in sorted(replicas) if name not in self._down]
        name = chance.choice(names)
        return name, victims[name]

    async def _at_hand(self) -> int:
        try:
            return await self.work_in_flight()
        except (OSError, asyncpg.PostgresError):
            return 0  # not counted: the database is away, so nobody can say

    async def _kill(self, name: str, victim: Victim, down_seconds: float) -> None:
        self._down.add(name)
        await asyncio.to_thread(victim.kill)
        await asyncio.sleep(down_seconds)
        await asyncio.to_thread(victim.start)
        self._down.discard(name)
