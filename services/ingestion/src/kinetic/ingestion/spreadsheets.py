"""CSV as people and programs export it: any usual encoding and separator. Cells are text and never evaluated."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

MOST_COLUMNS = 500
_SEPARATORS = ",;\t"
_TOLD = re.compile(r"(?i)sep=[,;\t|]")
"""Excel may tell the separator in a line before the header."""
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class Unreadable(ValueError):
    """The text is no table. Says the line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row by column, without spaces around them, and the line in which it begins."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """The columns in their order, the rows that are not empty, and how many cells those have that do not fit, by line."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    misfits: dict[int, int]


def read_table(body: bytes) -> Table:
    """The table in a CSV text: comma, semicolon or tab, quotes as in RFC 4180, with or without a byte order mark.

    Column names are compared in lower case, up to a dot with `_` for spaces and hyphens. Unreadable when it is no such text.
    """
    lines = _records(_decode(body))
    _, header = next(lines, (1, []))
    columns = tuple(map(_column, header))
    if not any(columns):
        raise Unreadable("line 1: names of columns are expected")
    if len(columns) > MOST_COLUMNS:
        raise Unreadable(f"line 1: there are more than {MOST_COLUMNS} columns")
    repeated = [name for name, times in Counter(columns).items() if times > 1]
    if repeated:
        raise Unreadable(f"line 1: the column {min(repeated) or 'without a name'} stands twice")
    rows, misfits = [], {}
    for line, record in lines:
        if len(record) == len(columns):
            rows.append(Row(line, {name: cell.strip() for name, cell in zip(columns, record, strict=True)}))
        else:
            misfits[line] = len(record)
    return Table(columns, tuple(rows), misfits)


def _column(name: str) -> str:
    words, dot, rest = name.strip().lower().partition(".")
    return re.sub(r"[ \-]", "_", words) + dot + rest


def _decode(body: bytes) -> str:
    encoding = next((name for mark, name in _BOMS if body.startswith(mark)), "utf-8")
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"line {line}: not UTF-8; save the file as CSV UTF-8") from error


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Every record that is not empty, and the line in which it begins."""
    first, _, rest = text.partition("\n")
    skipped = 0
    if _TOLD.fullmatch(first.rstrip("\r")):
        text, skipped = rest, 1
        separator = first[4]
    else:
        separator = max(_SEPARATORS, key=re.sub(r'"[^"]*"', "", first).count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    begun = skipped + 1
    try:
        for record in reader:
            if any(cell.strip() for cell in record):
                yield begun, record
            begun = skipped + reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(f"line {begun}: {error}") from error
