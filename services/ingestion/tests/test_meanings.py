"""What real payloads mean: `payloads/<tool>/meanings.csv` says what each file becomes, one row per observation."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Ignored, Observation

PAYLOADS = Path(__file__).parent / "payloads"
COLUMNS = ("file", "headers", "kind", "severity", "facts", "occurred_at", "ignored_because")
FILES = [(folder.name, file.name) for folder in sorted(PAYLOADS.iterdir()) for file in sorted(folder.glob("*.json"))]

Row = Mapping[str, str]


@pytest.mark.parametrize(("tool", "file"), FILES)
def test_a_payload_means_what_the_table_says(tool: str, file: str) -> None:
    rows = [row for row in rows_of(tool) if row["file"] == file]
    assert rows, f"{file} has no row in meanings.csv"
    payload = json.loads((PAYLOADS / tool / file).read_text())
    reading = CONNECTORS[tool].read(headers_of(rows[0]), payload)
    found = [(reading.reason,)] if isinstance(reading, Ignored) else [seen(one) for one in reading.observations]
    assert found == [wanted(row) for row in rows]


@pytest.mark.parametrize("tool", sorted(CONNECTORS))
def test_every_row_of_the_table_has_a_payload(tool: str) -> None:
    assert {row["file"] for row in rows_of(tool)} == {file for name, file in FILES if name == tool}


def rows_of(tool: str) -> list[Row]:
    with (PAYLOADS / tool / "meanings.csv").open(newline="") as table:
        rows: list[Row] = list(csv.DictReader(table))
    assert all(tuple(row) == COLUMNS for row in rows)
    return rows


def headers_of(row: Row) -> dict[str, str]:
    """``x-github-event=issues; x-other=…``."""
    return dict(pairs_of(row["headers"]))


def wanted(row: Row) -> tuple[object, ...]:
    if row["ignored_because"]:
        return (row["ignored_because"],)
    return row["kind"], float(row["severity"]), dict(pairs_of(row["facts"])), row["occurred_at"]


def seen(one: Observation) -> tuple[object, ...]:
    return one.kind, one.severity, dict(one.attribution), one.occurred_at.isoformat() if one.occurred_at else ""


def pairs_of(cell: str) -> Iterator[tuple[str, str]]:
    for pair in filter(None, cell.split("; ")):
        name, _, value = pair.partition("=")
        yield name, value
