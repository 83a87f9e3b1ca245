"""What connectors cost: decoding and reading every recorded payload of a tool beside decoding it alone."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time
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
_TURNS = 20
_IN_A_ROW = 5

Sample = tuple[Headers, bytes]


def measure(folder: Path, rounds: int, say: Say) -> list[Row]:
    """A row for all tools and one for GitHub, payloads per second. Both sides decode once, as the door does."""
    del folder
    tools = {tool: _Tool(tool) for tool in sorted(CONNECTORS)}
    for _ in range(rounds * _TURNS):
        for one in tools.values():
            one.take_turns()
    found = {tool: one.found() for tool, one in tools.items()}
    for tool, (number, ours, floor) in found.items():
        say(f"  connector {tool}: ours {number / ours:,.0f}, floor {number / floor:,.0f}")
    every = tuple(map(sum, zip(*found.values(), strict=True)))
    return [_row(name, *seconds) for name, seconds in zip(NAMES, (every, found[LARGEST]), strict=True)]


def _row(name: str, number: float, ours_seconds: float, floor_seconds: float) -> Row:
    return at_least(name, number / ours_seconds, number / floor_seconds, "payloads/s", TARGET)


class _Tool:
    """The payloads of one tool, and how long both sides took for all of them, turn by turn."""

    def __init__(self, tool: str) -> None:
        self._samples, self._read = samples_of(tool), CONNECTORS[tool].read
        self._ours: list[float] = []
        self._floor: list[float] = []

    def take_turns(self) -> None:
        """Ours, then the floor."""
        self._ours.append(_seconds(self._read_all))
        self._floor.append(_seconds(self._decode_all))

    def found(self) -> tuple[float, float, float]:
        """How many payloads there are, and the least seconds that reading and that decoding all of them took.

        The least, as `timeit` advises: in a moment of pure computing, whatever else the machine does can only add.
        """
        return len(self._samples), min(self._ours), min(self._floor)

    def _read_all(self) -> None:
        read = self._read
        for headers, body in self._samples:
            read(headers, parse_json(body))

    def _decode_all(self) -> None:
        for _, body in self._samples:
            orjson.loads(body)


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
    """The least processor time that `work` takes when it is done several times in a row."""
    taken = []
    for _ in range(_IN_A_ROW):
        started = process_time()
        work()
        taken.append(process_time() - started)
    return min(taken)
