"""A table of people, as an HR system exports it, as a directory document. What has no column stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from kinetic.contracts.ingestion import PersonChanged
from kinetic.ingestion.domain.directory import Directory
from kinetic.ingestion.domain.directory_rules import address_before
from kinetic.ingestion.domain.documents import DirectoryDocument, Mistake, Path, PersonEntry, refuse_unknown_zone
from kinetic.ingestion.domain.hris_teams import NamedTeams, WrongCell
from kinetic.ingestion.domain.restating import Surroundings, restated
from kinetic.ingestion.domain.slugs import slug_of
from kinetic.ingestion.spreadsheets import Row, Table

EXTERNAL_ID = "external_id."
PLAIN = ("name", "time_zone", "language", "former_email")
COLUMNS = frozenset({*PLAIN, "email", "role", "team", "unit", "manager", "effective_from", "active"})
"""Besides them, ``external_id.<system>`` for any system."""
_TRUTHS = {"": True, "true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_TEAM_COLUMNS = {"slug": "team", "name": "team"}


@dataclass(frozen=True, slots=True)
class CellError:
    """What is wrong in a cell. `line` is that of the file in which the row begins; the header is line 1."""

    line: int
    column: str
    detail: str


@dataclass(frozen=True, slots=True)
class Import:
    """The document that a table makes, and from which lines its people and teams come. None with errors."""

    document: DirectoryDocument = field(default_factory=DirectoryDocument)
    person_lines: tuple[int, ...] = ()
    team_lines: tuple[int, ...] = ()
    errors: tuple[CellError, ...] = ()

    def error_of(self, mistake: Mistake) -> CellError:
        """The mistake, in the words of the table."""
        kind, index, *steps = mistake.path
        name = str(steps[0]) if steps else "email"
        if name == "external_ids":
            name = f"{EXTERNAL_ID}{steps[-1]}"
        column = _TEAM_COLUMNS.get(name, name) if kind == "teams" else name
        return CellError(self._line((kind, index)), column, mistake.sentence(lambda path: f"line {self._line(path)}"))

    def _line(self, path: Path) -> int:
        lines = self.team_lines if path[0] == "teams" else self.person_lines
        return lines[int(path[1])]


def read_people(table: Table, current: Directory, now: datetime, *, is_complete: bool) -> Import:
    """What the table says of people. When it is complete, whoever works here and is not in it has left."""
    if errors := tuple(_header_errors(table)):
        return Import(errors=errors)
    around = Surroundings.of(current.teams.values(), current.people.values(), now)
    teams = NamedTeams(current.teams.values())
    people: list[PersonEntry] = []
    wrong = list(_misfits(table))
    for row in table.rows:
        try:
            people.append(_person(row, current, around, teams))
        except WrongCell as error:
            wrong.append(CellError(row.line, error.column, error.detail))
        except ValidationError as error:
            wrong.extend(_cell_errors(row, error))
    if wrong:
        return Import(errors=tuple(sorted(wrong, key=lambda error: error.line)))
    left = list(_leavers(people, current, around)) if is_complete else []
    document = DirectoryDocument.model_construct(teams=teams.added(people), people=(*people, *left))
    return Import(document, (*(row.line for row in table.rows), *(1 for _ in left)), teams.lines())


def _header_errors(table: Table) -> Iterator[CellError]:
    for name in table.columns:
        if name not in COLUMNS and not name.startswith(EXTERNAL_ID):
            yield CellError(1, name, "is no column of this import; leave it out or rename it")
    if "email" not in table.columns:
        yield CellError(1, "email", "this column is needed")
    if not table.rows and not table.misfits:
        yield CellError(1, "email", "there are no rows")


def _misfits(table: Table) -> Iterator[CellError]:
    for line, cells in table.misfits.items():
        column = table.columns[min(cells, len(table.columns) - 1)]
        yield CellError(line, column, f"{cells} cells stand under {len(table.columns)} columns")


def _person(row: Row, current: Directory, around: Surroundings, teams: NamedTeams) -> PersonEntry:
    cells = row.cells
    email, former = cells["email"].lower(), cells.get("former_email", "").lower()
    known = current.people.get(former) or current.people.get(email)
    fields: dict[str, Any] = restated(known, around) if known else {"external_ids": {}}
    fields |= {column: cells[column] for column in PLAIN if cells.get(column)} | {"email": email}
    if cells.get("role"):
        fields["role"] = slug_of(cells["role"])
    if "manager" in cells:
        fields["manager"] = cells["manager"].lower() or None
    if "team" in cells:
        fields["team"] = teams.slug_of(row)
    if "active" in cells:
        fields["active"] = _read_truth(cells["active"])
    if cells.get("effective_from"):
        fields["effective_from"] = _read_date(cells["effective_from"], str(fields.get("time_zone", "UTC")))
    return PersonEntry(**fields | {"external_ids": _external_ids(cells, fields["external_ids"])})


def _external_ids(cells: dict[str, str], known: dict[str, str]) -> dict[str, str]:
    said = {name.removeprefix(EXTERNAL_ID): cell for name, cell in cells.items() if name.startswith(EXTERNAL_ID)}
    return {system: external_id for system, external_id in {**known, **said}.items() if external_id}


def _read_truth(cell: str) -> bool:
    if cell.lower() not in _TRUTHS:
        raise WrongCell("active", "must be true or false")
    return _TRUTHS[cell.lower()]


def _read_date(cell: str, time_zone: str) -> datetime:
    """A date begins when the person's day begins."""
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        raise WrongCell("effective_from", "must be a date such as 2026-01-31") from None
    try:
        return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(refuse_unknown_zone(time_zone)))
    except ValueError as error:
        raise WrongCell("time_zone", str(error)) from error


def _cell_errors(row: Row, error: ValidationError) -> Iterator[CellError]:
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        name, *rest = fault["loc"]
        column = f"{EXTERNAL_ID}{rest[0]}" if name == "external_ids" and rest else str(name)
        is_missing = fault["type"] == "missing"
        detail = "is needed for somebody new" if is_missing else fault["msg"].removeprefix("Value error, ")
        yield CellError(row.line, column, detail)


def _leavers(people: Sequence[PersonEntry], current: Directory, around: Surroundings) -> Iterator[PersonEntry]:
    stated = {address_before(person, current.people) for person in people}
    left: list[PersonChanged] = [p for email, p in current.people.items() if p.active and email not in stated]
    for person in left:
        yield PersonEntry(**restated(person, around) | {"active": False})
