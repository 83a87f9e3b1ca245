"""The same stage with little history and with much: what was handled before may not slow down what comes."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.company import Company
from benchmarks.consuming import StageRun
from benchmarks.ground import Ground
from benchmarks.measuring import Row, Say, at_least, side_by_side
from benchmarks.stages import Fill, Stage
from kinetic.common.database import Database

TARGET = 0.85
LITTLE, MUCH = 10_000, 1_000_000

_REMEMBER = "INSERT INTO inbox (event_id) SELECT gen_random_uuid() FROM generate_series(1, $1::int)"


def name_of(stage: Stage) -> str:
    """The name of the row."""
    return f"{stage.name} after 1,000,000 events instead of 10,000"


async def measure_history(ground: Ground, stage: Stage, company: Company, count: int, rounds: int, say: Say) -> Row:
    """Ours with much history against ours with little."""
    much, little = (
        StageRun(ground, replace(stage, name=f"{stage.name} after {events}", fill=_after(stage.fill, events)), count)
        for events in (MUCH, LITTLE)
    )
    for run in (much, little):
        await run.prepare(company)
    ours, floor = await side_by_side(name_of(stage), much.ours, little.ours, rounds, say)
    return at_least(name_of(stage), ours, floor, "events/s", TARGET)


def _after(fill: Fill, events: int) -> Fill:
    async def fill_with_history(database: Database, company: Company) -> None:
        await fill(database, company)
        async with database.transaction() as tx:
            await tx.execute(_REMEMBER, events)

    return fill_with_history
