"""`python -m tests.fuzz --seconds 30 --seed 7 [--target csv]`, or `--replay FILE` for what was found. 1 when anything was."""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

from tests.fuzz.running import check, fuzz
from tests.fuzz.samples import from_file
from tests.fuzz.targets import TARGETS


def main() -> int:
    """Run; 1 when a reader does what it must not."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="for all targets together")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--target", choices=sorted(TARGETS), action="append", help="several may be named; else all")
    parser.add_argument("--folder", type=Path, default=Path("fuzz-findings"), help="where findings are written")
    parser.add_argument("--replay", type=Path, help="read the sample in this file, which is named <target>.<anything>")
    arguments = parser.parse_args()
    if arguments.replay:
        return _replay(arguments.replay)
    return _run(arguments.target or sorted(TARGETS), arguments.seconds, arguments.seed, arguments.folder)


def _run(names: list[str], seconds: float, seed: int, folder: Path) -> int:
    is_found = False
    for name in names:
        rounds, finding = fuzz(TARGETS[name], seed, seconds=seconds / len(names))
        print(f"{name}: {rounds} texts with seed {seed}", flush=True)
        if finding is not None:
            is_found = True
            print(
                f"{finding.told}\n{name}: {finding.what}. Again: python -m tests.fuzz --replay {finding.save(folder)}"
            )
    return 1 if is_found else 0


def _replay(path: Path) -> int:
    finding = check(TARGETS[path.name.partition(".")[0]], from_file(path.read_bytes()))
    print(finding.told if finding else "nothing is wrong with it")
    return 1 if finding else 0


if __name__ == "__main__":
    sys.exit(main())
