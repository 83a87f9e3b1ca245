"""Measurements in bulk: rows of JSON or CSV become deliveries, or problems that name the column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import orjson
from pydantic import ValidationError

from kinetic.common.problems import Fault, Problem, pointer_to
from kinetic.ingestion.csv_rows import CsvTable, integer, read_csv
from kinetic.ingestion.domain.intake import Origin
from kinetic.ingestion.intake import Delivery
from kinetic.ingestion.json_texts import Faulty, Malformed, read_strictly, split_array
from kinetic.ingestion.periods import WrongPeriod, localised
from kinetic.ingestion.reports import MeasurementReport
from kinetic.ingestion.store.receipts import digest_of

MOST_ROWS = 5000
COLUMNS = ("kpi", "team", "value", "n", "period_start", "period_end")
OPTIONAL = ("version", "time_zone")
_SOURCE = "measurements"

T = TypeVar("T")


def read_json_rows(body: bytes, time_zone: str | None, origin: Origin) -> list[Delivery | Problem]:
    """The rows of a JSON array. Problem 400 for no JSON, 413 for too many rows, 422 for no array."""
    try:
        rows = read_strictly(body)
    except Faulty:
        return [_read_text(row, time_zone, origin) for row in _bounded(_split(body))]
    except Malformed as error:
        raise Problem(400, "The body is not JSON", str(error)) from error
    if not isinstance(rows, list):
        raise _no_array()
    return [_read(row, time_zone, origin) for row in _bounded(rows)]


def _read_text(row: bytes, time_zone: str | None, origin: Origin) -> Delivery | Problem:
    """The row in a text of its own: what is wrong with another one does not concern it."""
    try:
        return _read(read_strictly(row), time_zone, origin)
    except Faulty as error:
        return _wrong([_fault(error.path, str(error), "")])
    except Malformed as error:
        return Problem(400, "The row is not JSON", str(error))


def _split(body: bytes) -> list[bytes]:
    try:
        return split_array(body, MOST_ROWS)
    except Malformed as error:
        raise _no_array() from error


def _bounded(rows: list[T]) -> list[T]:
    if len(rows) > MOST_ROWS:
        raise Problem(413, "There are too many rows", f"Send at most {MOST_ROWS} at once.")
    return rows


def _no_array() -> Problem:
    return Problem(422, "The request is not valid", errors=[Fault("#", "must be an array of measurements")])


def read_csv_rows(body: bytes, time_zone: str | None, origin: Origin) -> list[Delivery | Problem]:
    """The rows of a CSV table. Raises what `read_csv` raises."""
    table = read_csv(body, COLUMNS, OPTIONAL, MOST_ROWS)
    entries: list[Delivery | Problem] = []
    for row in table.rows:
        where = f"line {row.line}: "
        if row.fault is not None:
            entries.append(_wrong([Fault("#", where + row.fault)]))
        else:
            entries.append(_read(_typed(row.cells, table), time_zone, origin, where))
    return entries


def _typed(cells: Mapping[str, str], table: CsvTable) -> dict[str, Any]:
    types: dict[str, Callable[[str], Any]] = {"value": table.number, "n": integer, "version": integer}
    return {column: types[column](cell) if column in types else cell for column, cell in cells.items()}


def _read(row: Any, time_zone: str | None, origin: Origin, where: str = "") -> Delivery | Problem:
    if not isinstance(row, dict):
        return _wrong([Fault("#", "must be an object")])
    try:
        report = MeasurementReport.model_validate_json(orjson.dumps(localised(row, time_zone)))
    except WrongPeriod as error:
        return _wrong([Fault(f"#/{error.column}", f"{where}{error}")])
    except ValidationError as error:
        return _wrong([_fault(fault["loc"], fault["msg"], where) for fault in error.errors(include_url=False)])
    return _delivery(report, origin)


def _delivery(report: MeasurementReport, origin: Origin) -> Delivery:
    """A row is told once: it is known again by all that stands in it, and a correction of it by its version."""
    versioned = report.model_copy(update={"version": report.version or 1})
    digest = digest_of(origin.sender, _SOURCE, versioned.model_dump_json())
    return Delivery(digest, (versioned.occurrence(_SOURCE),), origin)


def _fault(place: tuple[int | str, ...], message: str, where: str) -> Fault:
    return Fault(pointer_to(place), where + message.removeprefix("Value error, "))


def _wrong(faults: list[Fault]) -> Problem:
    return Problem(422, "The measurement is not valid", errors=faults)
