"""Waiting events are taken up by the timer of the machinery; tests let it fire when they want."""

from __future__ import annotations

from collections.abc import Iterable

from kinetic.common.batches import BatchLoop
from kinetic.common.database import Database
from kinetic.common.doors import Door
from kinetic.common.housekeeping import offer_again


def loops_of(database: Database, doors: Iterable[Door]) -> dict[str, BatchLoop]:
    """The loops of a process that has just started, by topic."""
    return {door.topic: BatchLoop(door, database) for door in doors}


async def offer(database: Database, loops: dict[str, BatchLoop]) -> int:
    """Fire once: one key's events are offered; how many."""
    async with database.transaction() as tx:
        return await offer_again(loops, tx)


async def offer_all(database: Database, doors: Iterable[Door]) -> int:
    """Fire until nothing is due; how many events were offered."""
    loops, total = loops_of(database, doors), 0
    while offered := await offer(database, loops):
        total += offered
    return total
