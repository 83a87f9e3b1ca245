"""`python -m tests.chaos --events 100000 --kills 200 --seed 7`: the last line is one JSON object."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.chaos.run import Plan, run


def main() -> int:
    """Run; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--rate", type=float, default=150.0, help="events per second, at most")
    parser.add_argument("--folder", type=Path, help="keep data and logs here instead of in a temporary folder")
    arguments = parser.parse_args()
    plan = Plan(arguments.events, arguments.kills, arguments.seed, arguments.rate)
    if arguments.folder:
        return _report(plan, arguments.folder)
    with tempfile.TemporaryDirectory(prefix="kinetic-chaos-") as folder:
        return _report(plan, Path(folder))


def _report(plan: Plan, folder: Path) -> int:
    outcome = run(plan, folder, lambda text: print(text, flush=True))
    print(outcome.line(), flush=True)
    return 0 if outcome.holds else 1


if __name__ == "__main__":
    sys.exit(main())
