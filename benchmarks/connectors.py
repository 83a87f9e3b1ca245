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
from kinetic.common.web import read_json
from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Headers

PAYLOADS: Final = Path(__file__).parents[1] / "services/ingestion/tests/payloads"
NAMES: Final = tuple(f"connector {tool}" for tool in sorted(CONNECTORS))
TARGET: Final = 0.5
_SECONDS = 0.25

Sample = tuple[Headers, bytes]


def measure(folder: Path, rounds: int, say: Say) -> list[Row]:
    """A row for each tool, payloads per second. Both sides decode once, as the door does."""
    del folder
    return [_measure_tool(tool, rounds, say) for tool in sorted(CONNECTORS)]


def _measure_tool(tool: str, rounds: int, say: Say) -> Row:
    samples, read = samples_of(tool), CONNECTORS[tool].read

    def ours() -> None:
        for headers, body in samples:
            read(headers, read_json(body))

    def floor() -> None:
        for _, body in samples:
            orjson.loads(body)

    name = f"connector {tool}"
    rates: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for side, work in enumerate((ours, floor)):
            rates[side].append(_rate(work) * len(samples))
    say(f"  {name}: ours {median(rates[0]):,.0f}, floor {median(rates[1]):,.0f}")
    return at_least(name, median(rates[0]), median(rates[1]), "payloads/s", TARGET)


def samples_of(tool: str) -> Sequence[Sample]:
    """Headers and body of every recorded payload of a tool."""
    folder = PAYLOADS / tool
    with (folder / "meanings.csv").open(newline="") as table:
        headers = {row["file"]: row["headers"] for row in csv.DictReader(table)}
    return [
        (dict(pair.split("=", 1) for pair in given.split("; ") if pair), (folder / file).read_bytes())
        for file, given in headers.items()
    ]


def _rate(work: Callable[[], None]) -> float:
    """How often `work` is done in a second, measured over a quarter of one."""
    gc.collect()
    done, started = 0, perf_counter()
    while (spent := perf_counter() - started) < _SECONDS or not done:
        work()
        done += 1
    return done / spent
