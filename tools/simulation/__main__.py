"""`python -m tools.simulation --companies 200 --seed 7 [--family mixed]`: policies judged in companies with a known truth."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable

from tools.simulation.companies import judge_all
from tools.simulation.judging import Task
from tools.simulation.policies import POLICIES
from tools.simulation.report import last_line, report, table
from tools.simulator.families import FAMILIES


def main() -> int:
    """Judge, and print a table and one JSON object."""
    arguments = _parser().parse_args()
    policies = tuple(arguments.policy or POLICIES)
    tasks = [
        Task(arguments.family, arguments.seed, number, policies, not arguments.silent)
        for number in range(arguments.companies)
    ]
    result = judge_all(tasks, arguments.processes)
    about = {"family": arguments.family, "seed": arguments.seed, "companies": arguments.companies}
    reported = report(result, about)
    print(table(reported))
    print(last_line(reported))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulation", description=__doc__)
    parser.add_argument("--companies", type=_whole(1, 100_000), default=200)
    parser.add_argument("--seed", type=_whole(0, 2**63 - 1), default=7)
    parser.add_argument("--family", choices=sorted(FAMILIES), default="mixed")
    parser.add_argument("--policy", choices=sorted(POLICIES), action="append", help="several may be named; else all")
    parser.add_argument("--processes", type=_whole(1, 256), default=min(os.cpu_count() or 1, 8))
    parser.add_argument(
        "--silent", action="store_true", help="no manager answers, so nothing that a policy does matters"
    )
    return parser


def _whole(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{value} is not from {least} to {most}")
        return value

    return number


if __name__ == "__main__":
    sys.exit(main())
