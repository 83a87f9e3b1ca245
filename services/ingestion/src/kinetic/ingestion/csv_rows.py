"""CSV as spreadsheets write it: with or without a BOM, separated by commas or semicolons. Cells are data, formulas too.

The first line names the columns. Which character separates them decides that line too: semicolons come from countries
that write a decimal comma, so numbers may have one then, and only then.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from kinetic.common.problems import MAX_ERRORS, Fault, Problem

T = TypeVar("T")

MOST_ROWS = 200_000
MOST_COLUMNS = 100
_NUMBER = re.compile(r"[+-]?\d{1,30}([.,]\d{1,30})?([eE][+-]?\d{1,3})?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row: the line on which it ends, its cells by column, without empty ones, and what is wrong with it as a whole."""

    line: int
    cells: Mapping[str, str]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class CsvTable:
    """The rows under the line that names the columns."""

    rows: tuple[CsvRow, ...]
    has_decimal_commas: bool

    def number(self, cell: str) -> float | str:
        """The number in a cell; the cell when it holds none."""
        if not _NUMBER.fullmatch(cell) or ("," in cell and not self.has_decimal_commas):
            return cell
        return float(cell.replace(",", "."))


def read_csv(body: bytes, required: Collection[str], optional: Collection[str] = (), most: int = MOST_ROWS) -> CsvTable:
    """The table in `body`. Problem 400 when it is no CSV in UTF-8, 413 for too many rows, 422 for wrong columns."""
    text = _decode(body)
    delimiter = ";" if ";" in re.split("[\r\n]", text, maxsplit=1)[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = _columns(next(reader, []), required, optional)
        numbered = ((reader.line_num, [cell.strip() for cell in cells]) for cells in reader)
        rows = tuple(_row(line, columns, cells) for line, cells in _bounded(numbered, most) if any(cells))
    except csv.Error as error:
        raise Problem(400, "The body is not CSV", f"line {reader.line_num}: {error}") from error
    return CsvTable(rows, delimiter == ";")


def integer(cell: str) -> int | str:
    """The whole number in a cell; the cell when it holds none."""
    return int(cell) if _INTEGER.fullmatch(cell) else cell


def truth(cell: str) -> bool | str:
    """The truth value in a cell; the cell when it holds none."""
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(cell.lower(), cell)


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise Problem(400, "The body is not UTF-8", f"line {line}: save it as CSV in UTF-8.") from error


def _columns(names: Sequence[str], required: Collection[str], optional: Collection[str]) -> list[str]:
    """The columns in their order."""
    if len(names) > MOST_COLUMNS:
        fault = Fault("#/0", f"line 1: there are more than {MOST_COLUMNS} columns")
        raise Problem(422, "The columns are wrong", errors=[fault])
    columns = [name.strip().lower() for name in names]
    taken = {*required, *optional}
    faults = [
        *(f"there is no column {name!r}" for name in required if name not in columns),
        *(
            f"column {number} is none of {', '.join(sorted(taken))}"
            for number, c in enumerate(columns, 1)
            if c not in taken
        ),
        *(f"the column {name!r} stands twice" for name in sorted(taken) if columns.count(name) > 1),
    ]
    if faults:
        raise Problem(
            422, "The columns are wrong", errors=[Fault("#/0", f"line 1: {fault}") for fault in faults[:MAX_ERRORS]]
        )
    return columns


def _bounded(rows: Iterable[T], most: int) -> Iterator[T]:
    for number, row in enumerate(rows):
        if number == most:
            raise Problem(413, "The table is too long", f"Send at most {most} rows at once.")
        yield row


def _row(line: int, columns: Sequence[str], cells: Sequence[str]) -> CsvRow:
    if len(cells) != len(columns):
        return CsvRow(line, {}, f"has {len(cells)} cells and not {len(columns)}")
    return CsvRow(line, {column: cell for column, cell in zip(columns, cells, strict=True) if cell})
