"""The table in benchmarks/README.md and the same as JSON. Rows that were not measured this time stay."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measuring import Row

FOLDER = Path(__file__).parent
README, RESULTS = FOLDER / "README.md", FOLDER / "results.json"
LESS_IS_BETTER = frozenset({"ms", "MB", "bytes"})
BEGIN, END = "<!-- table: written by `make bench` -->", "<!-- end of table -->"


def keep(rows: Sequence[Row], order: Sequence[str]) -> list[Row]:
    """Write `rows` in the place of earlier ones of the same name; all rows, sorted by the benchmarks in `order`."""
    known = {row.name: row for row in _read()} | {row.name: row for row in rows}
    every = sorted(known.values(), key=lambda row: (_place(row.name, order), row.name))
    RESULTS.write_text(json.dumps([asdict(row) for row in every], indent=2) + "\n")
    before, _, rest = README.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n{_table(every)}\n{END}{after}")
    return every


def _read() -> list[Row]:
    if not RESULTS.exists():
        return []
    return [Row(**row) for row in json.loads(RESULTS.read_text())]


def _place(name: str, order: Sequence[str]) -> int:
    return next((place for place, prefix in enumerate(order) if name.startswith(prefix)), len(order))


def _table(rows: Sequence[Row]) -> str:
    lines = ["| what | ours | floor or limit | unit | ratio | target | met |", "|---|---:|---:|---|---:|---|---|"]
    lines += [_line(row) for row in rows]
    taken = f"Last written {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores, Python {platform.python_version()}."
    return "\n".join(("", *lines, "", taken, ""))


def _line(row: Row) -> str:
    limit = f"{'≤' if row.unit in LESS_IS_BETTER else '≥'} {row.floor:,g} {row.unit}"
    target = limit if row.target == 1.0 else f"≥ {row.target:g}"
    met = "yes" if row.met else "**no**"
    return f"| {row.name} | {row.ours:,.0f} | {row.floor:,.0f} | {row.unit} | {row.ratio:.2f} | {target} | {met} |"
