"""`python -m tools.simulation --companies 200 --seed 7 [--family mixed]`: policies judged in companies with a known truth."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.simulation.companies import judge_all
from tools.simulation.judging import Task
from tools.simulation.policies import POLICIES
from tools.simulation.report import last_line, report, table
from tools.simulator.families import FAMILIES
from tools.simulator.files.texts import Mistake
from tools.simulator.files.writing import write_company
from tools.simulator.run import Run
from tools.simulator.world import make_world


def main() -> int:
    """Judge, and print a table and one JSON object; or write companies down."""
    arguments = _parser().parse_args()
    try:
        if arguments.write:
            return _write(arguments)
        tasks = _tasks(arguments)
        result = judge_all(tasks, arguments.processes)
    except Mistake as mistake:
        print(f"simulation: {mistake}", file=sys.stderr)
        return 2
    reported = report(result, _about(arguments, len(tasks)))
    print(table(reported))
    print(last_line(reported))
    return 0


def _tasks(arguments: argparse.Namespace) -> list[Task]:
    policies = tuple(arguments.policy or POLICIES)
    if arguments.read:
        return [Task("", 0, 0, policies, folder=folder) for folder in _folders(arguments.read)]
    return [
        Task(arguments.family, arguments.seed, number, policies, not arguments.silent)
        for number in range(arguments.companies)
    ]


def _folders(folder: Path) -> list[Path]:
    """The folder of one company, or those of all companies in a folder."""
    if (folder / "company.json").exists():
        return [folder]
    found = sorted(path.parent for path in folder.glob("*/company.json"))
    if not found:
        raise Mistake(f"{folder}: neither this folder nor one in it has a company.json")
    return found


def _about(arguments: argparse.Namespace, companies: int) -> dict[str, Any]:
    if arguments.read:
        return {"read": str(arguments.read), "companies": companies}
    return {"family": arguments.family, "seed": arguments.seed, "companies": companies}


def _write(arguments: argparse.Namespace) -> int:
    for number in range(arguments.companies):
        world = make_world(arguments.family, arguments.seed, number)
        folder = arguments.write / world.company.name
        try:
            write_company(Run(world), folder)
        except OSError as error:
            raise Mistake(f"{folder}: cannot be written: {error.strerror}") from None
    print(f"{arguments.companies} companies are in {arguments.write}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulation", description=__doc__)
    parser.add_argument("--companies", type=_whole(1, 100_000), default=200)
    parser.add_argument("--seed", type=_whole(), default=7, help="any whole number")
    parser.add_argument("--family", choices=sorted(FAMILIES), default="mixed", help="the kind of company")
    parser.add_argument("--policy", choices=sorted(POLICIES), action="append", help="several may be named; else all")
    parser.add_argument("--processes", type=_whole(1, 256), default=min(os.cpu_count() or 1, 8))
    parser.add_argument(
        "--silent", action="store_true", help="no manager answers, so that nothing changes what happens"
    )
    files = parser.add_mutually_exclusive_group()
    files.add_argument("--write", type=Path, metavar="FOLDER", help="write the companies down instead of judging")
    files.add_argument("--read", type=Path, metavar="FOLDER", help="judge the company, or all companies, in a folder")
    return parser


def _whole(least: int | None = None, most: int | None = None) -> Callable[[str], int]:
    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
        if least is not None and most is not None and not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{value} is not from {least} to {most}")
        return value

    return number


if __name__ == "__main__":
    sys.exit(main())
