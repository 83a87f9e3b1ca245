"""Content as learning platforms export it: one row or object per item, named by its id there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from json import JSONDecodeError
from typing import Any

from pydantic import ValidationError

from kinetic.common.problems import MAX_ERRORS, Fault, Problem, pointer_to
from kinetic.common.web import read_json
from kinetic.ingestion.csv_rows import CsvRow, integer, read_csv, truth
from kinetic.ingestion.domain.documents import CatalogueDocument, ContentEntry, Mistake

COLUMNS = ("id", "title", "url", "effort_minutes", "language")
OPTIONAL = ("teaches", "valid_for_days", "retired", "format", "system")
TITLE = "The catalogue has mistakes; nothing was applied"
_TAUGHT = re.compile(r"([^\s:|]+):(\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Items:
    """Content that was read, and how the place of each item is called where it came from."""

    document: CatalogueDocument
    places: tuple[str, ...]

    def refused(self, mistakes: Sequence[Mistake]) -> Problem:
        """The problem that names the mistakes by their places."""
        faults = [
            _fault(int(m.path[1]), self.places[int(m.path[1])], m.path[2:], m.detail) for m in mistakes[:MAX_ERRORS]
        ]
        return Problem(422, TITLE, _count(mistakes), errors=faults)


def read_csv_items(body: bytes, system: str | None) -> Items:
    """The items of a table; those whose row names no system are of `system`. Problem 400, 413 or 422."""
    table = read_csv(body, COLUMNS, OPTIONAL)
    return _items([(f"line {row.line}: ", _entry_of_row(row, system)) for row in table.rows])


def read_json_items(body: bytes, system: str) -> Items:
    """The items of an array, or of `content`, which are of `system`. Problem 400 or 422."""
    try:
        value = read_json(body)
    except JSONDecodeError as error:
        raise Problem(400, "The feed is not JSON", error.msg) from error
    found = value.get("content") if isinstance(value, dict) else value
    if not isinstance(found, list):
        raise Problem(422, TITLE, errors=[Fault("#", "must be an array of items")])
    return _items([("", _entry_of_object(item, system)) for item in found])


def _entry_of_row(row: CsvRow, system: str | None) -> dict[str, Any] | str:
    if row.fault is not None:
        return row.fault
    cells: dict[str, Any] = dict(row.cells)
    owner = cells.pop("system", system)
    if owner is None:
        return "names no system, and the request neither"
    external_ids = {owner: cells.pop("id", "")}
    typed = {name: _TYPES[name](cell) if name in _TYPES else cell for name, cell in cells.items()}
    return {**typed, "external_ids": external_ids}


def _taught(cell: str) -> list[dict[str, Any]] | str:
    found = [_TAUGHT.fullmatch(part) for part in re.split(r"[\s|]+", cell) if part]
    matches = [match for match in found if match]
    if len(matches) < len(found):
        return cell
    return [{"competency": match[1], "level": int(match[2])} for match in matches]


_TYPES: Mapping[str, Callable[[str], Any]] = {
    "effort_minutes": integer,
    "valid_for_days": integer,
    "retired": truth,
    "teaches": _taught,
}


def _entry_of_object(item: Any, system: str) -> dict[str, Any] | str:
    if not isinstance(item, dict):
        return "must be an object"
    entry = {name: value for name, value in item.items() if name != "id"}
    if "id" in item:
        entry.setdefault("external_ids", {system: item["id"]})
    ids = entry.get("external_ids")
    return entry if isinstance(ids, dict) and system in ids else f"has no id in {system}"


def _items(found: Iterable[tuple[str, dict[str, Any] | str]]) -> Items:
    entries: list[ContentEntry] = []
    places: list[str] = []
    faults: list[Fault] = []
    for index, (place, entry) in enumerate(found):
        places.append(place)
        if isinstance(entry, str):
            faults.append(_fault(index, place, (), entry))
            continue
        try:
            entries.append(ContentEntry.model_validate(entry))
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_input=False, include_context=False)
            faults += [_fault(index, place, fault["loc"], fault["msg"]) for fault in wrong]
    if faults:
        raise Problem(422, TITLE, _count(faults), errors=faults[:MAX_ERRORS])
    return Items(CatalogueDocument.model_construct(content=tuple(entries)), tuple(places))


_MEANT: Mapping[str, str] = {"external_ids": "id"}
_WRITTEN = "write competency:level, several with a blank between them, e.g. testing:2 security:3"


def _fault(index: int, place: str, path: Sequence[str | int], detail: str) -> Fault:
    steps = [_MEANT.get(str(step), str(step)) for step in path[:1]] if place else [str(step) for step in path]
    said = _WRITTEN if place and steps == ["teaches"] and len(path) == 1 else detail.removeprefix("Value error, ")
    return Fault(pointer_to([index, *steps]), place + said)


def _count(found: Sequence[object]) -> str:
    return "One place is wrong." if len(found) == 1 else f"{len(found)} places are wrong."
