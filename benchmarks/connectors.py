"""What connectors cost: decoding and reading every recorded payload of a tool beside decoding it alone."""

from __future__ import annotations

import csv
import gc
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

import orjson

from benchmarks.measuring import Row, Say, at_least
from kinetic.common.web import parse_json
from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Headers

PAYLOADS: Final = Path(__file__).parents[1] / "services/ingestion/tests/payloads"
LARGEST: Final = "github"
NAMES: Final = ("connectors, all recorded payloads", f"connector {LARGEST}")
TARGET: Final = 0.5
_SPENT_SECONDS = 0.25

Sample = tuple[Headers, bytes]


def measure(folder: Path, rounds: int, say: Say) -> list[Row]:
    """A row for all tools and one for GitHub, payloads per second. Both sides decode once, as the door does."""
    del folder
    found = {tool: _measure_tool(tool, rounds) for tool in sorted(CONNECTORS)}
    for tool, (number, ours, floor) in found.items():
        say(f"  connector {tool}: ours {number / ours:,.0f}, floor {number / floor:,.0f}")
    every = tuple(map(sum, zip(*found.values(), strict=True)))
    return [_row(name, *seconds) for name, seconds in zip(NAMES, (every, found[LARGEST]), strict=True)]


def _row(name: str, number: float, ours_seconds: float, floor_seconds: float) -> Row:
    return at_least(name, number / ours_seconds, number / floor_seconds, "payloads/s", TARGET)


def _measure_tool(tool: str, rounds: int) -> tuple[float, float, float]:
    """How many payloads there are, and the seconds that reading and that decoding all of them takes."""
    samples, read = samples_of(tool), CONNECTORS[tool].read

    def ours() -> None:
        for headers, body in samples:
            read(headers, parse_json(body))

    def floor() -> None:
        for _, body in samples:
            orjson.loads(body)

    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for side, work in zip(taken, (ours, floor), strict=True):
            side.append(_seconds(work))
    return len(samples), median(taken[0]), median(taken[1])


def samples_of(tool: str) -> Sequence[Sample]:
    """Headers and body of every recorded payload of a tool."""
    folder = PAYLOADS / tool
    with (folder / "meanings.csv").open(newline="") as table:
        headers = {row["file"]: row["headers"] for row in csv.DictReader(table)}
    return [
        (dict(pair.split("=", 1) for pair in given.split("; ") if pair), (folder / file).read_bytes())
        for file, given in headers.items()
    ]


def _seconds(work: Callable[[], None]) -> float:
    """How long `work` takes, done again and again for a quarter of a second."""
    gc.collect()
    done, started = 0, perf_counter()
    while (spent := perf_counter() - started) < _SPENT_SECONDS or not done:
        work()
        done += 1
    return spent / done
