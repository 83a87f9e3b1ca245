"""How findings are told: a table for people, JSON for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from rich.markup import escape
from rich.table import Table

from kinetic.cli.doctor.finding import Finding, State

_STYLE: Final = {State.OK: "green", State.SKIPPED: "dim", State.WARNING: "yellow", State.WRONG: "bold red"}


def as_table(findings: Sequence[Finding]) -> Table:
    """One line for each finding, and what to do below it."""
    table = Table("", "checked", "found", box=None, header_style="bold")
    for finding in findings:
        remedy = f"\n→ {escape(finding.remedy)}" if finding.remedy else ""
        state = f"[{_STYLE[finding.state]}]{finding.state}[/]"
        table.add_row(state, escape(finding.name), escape(finding.detail) + remedy)
    return table


def as_json(findings: Sequence[Finding]) -> str:
    """A JSON array of objects with `name`, `state`, `detail` and `remedy`."""
    return json.dumps([asdict(finding) for finding in findings], indent=2, ensure_ascii=False)


def summary(findings: Sequence[Finding]) -> str:
    """How many findings there are of each state, the worst first."""
    numbers = Counter(finding.state for finding in findings)
    return ", ".join(f"{numbers[state]} {state}" for state in reversed(State) if numbers[state])
