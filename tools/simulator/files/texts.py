"""Reading JSON and JSON Lines so that every mistake is named with its file, line and field."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)

MAX_BYTES = 2**29
"""More than fifty teams write in ten years; a file is read as a whole."""

IN_OUR_WORDS = {"extra_forbidden": "is no field of the format", "missing": "is missing"}


class Mistake(ValueError):
    """Something in the files of a company is wrong: which file, which line, which field, and what."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file; the document as a whole when `line` is None."""

    path: Path
    line: int | None = None

    def mistake(self, field: str, what: str) -> Mistake:
        """What is wrong here."""
        where = f"{self.path}, line {self.line}" if self.line else str(self.path)
        return Mistake(f"{where}, {field}: {what}" if field else f"{where}: {what}")


def read_document(path: Path, shape: type[M]) -> M:
    """A JSON document."""
    return parse(Place(path), _text(path), shape)


def read_lines(path: Path, shape: type[M], is_optional: bool = False) -> Iterator[tuple[Place, M]]:
    """The lines of a JSON Lines file; empty lines are passed over."""
    if is_optional and not path.exists():
        return
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if line.strip():
            place = Place(path, number)
            yield place, parse(place, line, shape)


class _Twice(Exception):
    """The name of a field that an object has twice: JSON allows it, and readers differ in which one they take."""


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Twice(Counter(name for name, _ in pairs).most_common(1)[0][0])
    return found


def parse(place: Place, text: str, shape: type[M]) -> M:
    """One value of a shape; Mistake when it is none."""
    try:
        value: Any = json.loads(text, object_pairs_hook=_each_once)
    except _Twice as twice:
        raise place.mistake(str(twice), "stands twice") from None
    except ValueError as error:
        raise place.mistake("", f"is no JSON: {error}") from None
    except RecursionError:
        raise place.mistake("", "is nested too deeply") from None
    if not isinstance(value, dict):
        raise place.mistake("", "must be a JSON object")
    try:
        return shape.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        what = IN_OUR_WORDS.get(first["type"], first["msg"].removeprefix("Value error, "))
        raise place.mistake(".".join(map(str, first["loc"])), what) from None


def _text(path: Path) -> str:
    """The whole file, without the byte order mark that some programs write before it."""
    try:
        _refuse_unreadable(path)
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        hint = "; leave it empty where there is nothing to tell" if path.suffix == ".jsonl" else ""
        raise Mistake(f"{path}: is missing{hint}") from None
    except OSError as error:
        raise Mistake(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Mistake(f"{path}: is not UTF-8 at byte {error.start}") from None


def _refuse_unreadable(path: Path) -> None:
    """What never ends, or does not fit into memory, is not opened at all."""
    found = path.stat()
    if S_ISDIR(found.st_mode):
        raise Mistake(f"{path}: is a folder, not a file")
    if not S_ISREG(found.st_mode):
        raise Mistake(f"{path}: is a device or a pipe, not a file")
    if found.st_size > MAX_BYTES:
        raise Mistake(f"{path}: has {found.st_size:,} bytes, more than {MAX_BYTES:,}; split the company in two")
