"""From a request to checked statements, or to a problem that names every wrong place. One bad statement refuses all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from pydantic import ValidationError

from kinetic.common.events import new_id
from kinetic.common.problems import MAX_ERRORS, Fault, Problem, pointer_to
from kinetic.ingestion.json_texts import Faulty, Malformed, read_strictly
from kinetic.ingestion.xapi.fingerprints import fingerprint_of
from kinetic.ingestion.xapi.parts import Body, refused
from kinetic.ingestion.xapi.statements import Statement

MOST_STATEMENTS: Final = 1000

Path = tuple[str | int, ...]
Version = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Read:
    """A checked statement with the id that it has, or that it gets, and a digest of what it says."""

    statement_id: str
    fingerprint: str
    statement: Statement


def read_statements(body: Body, version: Version) -> list[Read]:
    """One statement or an array of them. Problem 400 or 413 when any is not valid, or two have one id."""
    value = _json(body.statements)
    if not isinstance(value, list):
        return _checked([value], [()], body, version)
    if len(value) > MOST_STATEMENTS:
        raise Problem(413, "There are too many statements", f"Send at most {MOST_STATEMENTS} at once.")
    return _checked(value, [(index,) for index in range(len(value))], body, version)


def read_statement(body: Body, version: Version, statement_id: str) -> Read:
    """The statement of a PUT, which names its id. Problem 400 when it is not valid or has another."""
    value = _json(body.statements)
    if isinstance(value, dict):
        value = {"id": statement_id, **value}
    (read,) = _checked([value], [()], body, version)
    if read.statement_id != statement_id.lower():
        raise _not_valid([Fault("#/id", "must be the statementId of the request")])
    return read


def _json(text: bytes) -> Any:
    """The value; also each property is used once at most (Data 2.2)."""
    try:
        return read_strictly(text)
    except Faulty as error:
        raise _not_valid([_fault(error.path, str(error))]) from error
    except Malformed as error:
        raise Problem(400, "The body is not JSON", str(error)) from error


def _checked(values: Sequence[Any], paths: Sequence[Path], body: Body, version: Version) -> list[Read]:
    faults: list[Fault] = []
    read: list[Read] = []
    for value, path in zip(values, paths, strict=True):
        try:
            faults += [_fault((*path, *null), "must not be null") for null in _nulls(value)]
            read.append(_read(value, Statement.model_validate(value, context={"version": version})))
        except ValidationError as error:
            faults += _faults(error, path, value)
    if faults:
        raise _not_valid(faults)
    _refuse_repeated_ids(read)
    _refuse_lost_attachments(read, body)
    return read


def _read(value: Any, statement: Statement) -> Read:
    fingerprint = fingerprint_of(value)
    return Read(statement.id or _id_for(statement, fingerprint), fingerprint, statement)


def _id_for(statement: Statement, fingerprint: str) -> str:
    """The id of a statement that came without one. With a time it says what happened once: a repetition gets the same."""
    return str(uuid5(NAMESPACE_URL, f"urn:xapi:{fingerprint}")) if statement.timestamp else new_id()


def _nulls(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where a null stands outside of extensions (Data 2.2)."""
    entries: Iterator[tuple[str | int, Any]] = iter(())
    if isinstance(value, dict):
        entries = ((name, inner) for name, inner in value.items() if name != "extensions" or inner is None)
    elif isinstance(value, list):
        entries = iter(enumerate(value))
    for step, inner in entries:
        if inner is None:
            yield (*path, step)
        else:
            yield from _nulls(inner, (*path, step))


def _refuse_repeated_ids(read: Sequence[Read]) -> None:
    first: dict[str, str] = {}
    for one in read:
        if one.statement.id and one.statement_id in first:
            raise refused("Two statements have the same id.")
        first[one.statement_id] = one.fingerprint


def _refuse_lost_attachments(read: Sequence[Read], body: Body) -> None:
    """What a statement says is attached came along or can be fetched, and nothing else came (Data 2.4.11)."""
    attached = [attachment for one in read for attachment in _attachments_of(one.statement)]
    if any(attachment.fileUrl is None and attachment.sha2 not in body.hashes for attachment in attached):
        raise refused("An attachment has no fileUrl and did not come with the statements.")
    if not body.hashes <= {attachment.sha2 for attachment in attached}:
        raise refused("A part of the request is not an attachment of any statement.")


def _attachments_of(statement: Statement) -> Iterator[Any]:
    yield from statement.attachments
    yield from getattr(statement.object, "attachments", ())


def _faults(error: ValidationError, path: Path, value: Any) -> Iterator[Fault]:
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        where = _sent(value, fault["loc"], is_missing=fault["type"] == "missing")
        yield _fault((*path, *where), fault["msg"].removeprefix("Value error, "))


def _sent(value: Any, steps: Path, *, is_missing: bool) -> Path:
    """`steps` without those that pydantic adds for the members of unions, and that nobody sent."""
    found: list[str | int] = []
    for position, step in enumerate(steps, start=1):
        is_there = step in value if isinstance(value, dict) else isinstance(value, list) and isinstance(step, int)
        if is_there or (is_missing and position == len(steps)):
            found.append(step)
            value = value[step] if is_there else None
    return tuple(found)


def _fault(path: Path, detail: str) -> Fault:
    return Fault(pointer_to(path), detail)


def _not_valid(faults: Sequence[Fault]) -> Problem:
    detail = "One place is wrong." if len(faults) == 1 else f"{len(faults)} places are wrong."
    return Problem(400, "The statements are not valid", detail, errors=faults[:MAX_ERRORS])
