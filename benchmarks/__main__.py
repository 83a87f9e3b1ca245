"""`python -m benchmarks [--only NAME] [--rounds 5] [--events 20000]`: measure, and write the table."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from benchmarks import connectors, deciding, doors, pipeline, receipts, relaying, table, webhooks, weighing
from benchmarks.company import Company
from benchmarks.consuming import measure_stage
from benchmarks.downstream import DOWNSTREAM
from benchmarks.ground import Ground
from benchmarks.history import HISTORIES, measure_history, name_of
from benchmarks.measuring import RUNS, Row
from benchmarks.stages import STAGES, Stage
from kinetic.common.main import spare_the_collector
from kinetic.common.telemetry import configure_tracing
from tests.support.stack import backends

EVERY_STAGE = (*STAGES, *DOWNSTREAM)

WITH_PROCESSES = (
    (doors.NAMES, doors.measure),
    (receipts.NAMES, receipts.measure),
    (connectors.NAMES, connectors.measure),
    (webhooks.NAMES, webhooks.measure),
    (pipeline.NAMES, pipeline.measure),
)
"""What needs services as processes: names of rows, and a folder, rounds, a way to say → those rows."""

PURE = ((deciding.NAMES, deciding.measure), (weighing.NAMES, weighing.measure))
"""What needs neither Kafka nor Postgres."""

LONG = ((webhooks.LONG_NAMES, webhooks.measure_growth),)
"""The same, but taking so long that they are measured only when `--only` names them whole."""

Apart = Callable[[Path, int, Callable[[str], None]], list[Row]]
Part = Callable[[Ground, Company, int, int], Awaitable[Row]]


def in_one_process() -> Mapping[str, Part]:
    """What needs no service process, by name: ground, company, events, rounds → a row."""
    parts: dict[str, Part] = {stage.name: partial(_stage, stage) for stage in EVERY_STAGE}
    parts[relaying.NAME] = lambda ground, company, events, rounds: relaying.measure_relay(
        ground, company, events, rounds, _say
    )
    parts |= {name_of(stage.name): partial(_history, stage) for stage in EVERY_STAGE if stage.name in HISTORIES}
    return parts


async def _stage(stage: Stage, ground: Ground, company: Company, events: int, rounds: int) -> Row:
    return await measure_stage(ground, stage, company, events, rounds, _say)


async def _history(stage: Stage, ground: Ground, company: Company, events: int, rounds: int) -> Row:
    return await measure_history(ground, stage, company, events, rounds, _say)


def main() -> int:
    """Measure what was asked for; each row is kept as soon as it is known."""
    arguments = _arguments()
    logging.disable(logging.CRITICAL)
    configure_tracing("benchmarks", None, 1.0)
    chosen = {name: part for name, part in in_one_process().items() if arguments.only in name}
    if chosen:
        with TemporaryDirectory(prefix="kinetic-bench-") as folder, backends(Path(folder)) as stack:
            uvloop.run(_measure(Ground(stack), chosen, arguments))
    for names, measure in (*PURE, *WITH_PROCESSES):
        if any(arguments.only in name for name in names):
            _measure_apart(measure, arguments.rounds)
    for names, measure in LONG:
        if arguments.only in names:
            _measure_apart(measure, arguments.rounds)
    return 0


def _measure_apart(measure: Apart, rounds: int) -> None:
    with TemporaryDirectory(prefix="kinetic-bench-") as folder:
        _keep(measure(Path(folder), rounds, _say))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", default="", help="a part of a name in the table")
    parser.add_argument("--rounds", type=int, default=RUNS)
    parser.add_argument("--events", type=int, default=20_000)
    return parser.parse_args()


async def _measure(ground: Ground, chosen: Mapping[str, Part], arguments: argparse.Namespace) -> None:
    await ground.create_topics()
    company = Company.of(teams=400)
    spare_the_collector()
    for part in chosen.values():
        _keep([await part(ground, company, arguments.events, arguments.rounds)])


def _keep(rows: list[Row]) -> None:
    order = [*in_one_process(), *(name for names, _ in (*PURE, *WITH_PROCESSES, *LONG) for name in names)]
    table.keep(rows, order)
    for row in rows:
        print(row, flush=True)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
