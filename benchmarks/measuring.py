"""Side by side: ours and the floor take turns, and the medians are compared."""

from __future__ import annotations

import gc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median

RUNS = 5

Measure = Callable[[], Awaitable[float]]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Row:
    """One line of the table. `floor` is what ours is compared with: by hand, with little history, or the limit itself."""

    name: str
    ours: float
    floor: float
    unit: str
    ratio: float
    target: float
    met: bool


def at_least(name: str, ours: float, floor: float, unit: str, share: float) -> Row:
    """Ours is to reach `share` of the floor."""
    ratio = ours / floor
    return Row(name, round(ours, 1), round(floor, 1), unit, round(ratio, 3), share, ratio >= share)


def at_most(name: str, ours: float, limit: float, unit: str) -> Row:
    """Ours is to stay below a limit, which stands in the place of the floor."""
    return Row(name, round(ours, 1), limit, unit, round(ours / limit, 3), 1.0, ours <= limit)


async def side_by_side(name: str, ours: Measure, floor: Measure, runs: int, say: Say) -> tuple[float, float]:
    """The medians of `runs` measurements each, taken in turns so that a noisy machine disturbs both alike."""
    results: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for measure, taken in zip((ours, floor), results, strict=True):
            gc.collect()
            taken.append(await measure())
        say(f"  {name}: ours {results[0][-1]:,.0f}, floor {results[1][-1]:,.0f}")
    return median(results[0]), median(results[1])
