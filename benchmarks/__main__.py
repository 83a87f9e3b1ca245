"""`python -m benchmarks [--only NAME] [--runs 5] [--events 20000]`: measure, and write the table."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from benchmarks import table
from benchmarks.company import Company
from benchmarks.consuming import measure_stage
from benchmarks.ground import Ground
from benchmarks.measuring import RUNS, Row
from benchmarks.stages import STAGES
from kinetic.common.main import spare_the_collector
from kinetic.common.telemetry import configure_tracing
from tests.support.stack import backends


def main() -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", default="", help="the beginning of a name in the table")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--dry", action="store_true", help="write nothing")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    configure_tracing("benchmarks", None, 1.0)
    with TemporaryDirectory(prefix="kinetic-bench-") as folder, backends(Path(folder)) as stack:
        rows = uvloop.run(_measure(Ground(stack), arguments))
    if not arguments.dry:
        table.keep(rows, [stage.name for stage in STAGES])
    for row in rows:
        print(row)
    return 0


async def _measure(ground: Ground, arguments: argparse.Namespace) -> list[Row]:
    await ground.create_topics()
    company = Company.of(teams=400)
    spare_the_collector()
    rows = []
    for stage in STAGES:
        if stage.name.startswith(arguments.only):
            rows.append(await measure_stage(ground, stage, company, arguments.events, arguments.runs, _say))
    return rows


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
