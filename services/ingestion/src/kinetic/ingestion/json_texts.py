"""JSON texts as they stand: what is wrong in one, and where the values of an array begin and end.

Fast readers take the last of two equal keys, and refuse a whole text for one lone surrogate. Here the place is found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

from kinetic.common.web import read_json

Path = tuple[str | int, ...]

_SPACE = re.compile(r"[ \t\n\r]*")
_BROKEN = re.compile("[\ud800-\udfff]")
_LONE = "must be valid Unicode, without lone surrogates"


class Malformed(ValueError):
    """A text is no JSON, or is nested too deeply, and what of it is."""


class Faulty(ValueError):
    """A text is JSON but for one place: `path` is where, the message what is wrong there."""

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(detail)
        self.path = path


class _Beyond:
    """Stands for a number that is none, or that a double cannot hold."""


@dataclass(frozen=True, slots=True)
class _Object:
    pairs: list[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class _Place:
    """A value, and the step that leads to it from the one around it."""

    value: Any
    step: str | int = 0
    around: _Place | None = None

    @property
    def path(self) -> Path:
        steps: list[str | int] = []
        place = self
        while place.around is not None:
            steps.append(place.step)
            place = place.around
        return tuple(reversed(steps))


def read_strictly(text: bytes) -> Any:
    """The value in a JSON text in which no key stands twice. Raises Malformed, or Faulty when one place is wrong."""
    try:
        value = read_json(text)
    except json.JSONDecodeError as error:
        _raise_faulty(text)
        raise Malformed(error.msg) from error
    if has_repeated_key(text):
        _raise_faulty(text)
    return value


def _raise_faulty(text: bytes) -> None:
    """Raise Faulty when there is a place to name, and Malformed for what is no JSON."""
    fault = find_fault(text)
    if fault is not None:
        raise Faulty(*fault)


def has_repeated_key(text: bytes) -> bool:
    """Whether a key stands twice in one of the objects of a JSON value. Malformed when it is no single value."""
    repeats: list[bool] = []

    def compare(pairs: list[tuple[str, Any]]) -> None:
        if len(pairs) > 1 and len({key for key, _ in pairs}) < len(pairs):
            repeats.append(True)

    _load(text, compare)
    return bool(repeats)


def find_fault(text: bytes) -> tuple[Path, str] | None:
    """The first key that stands twice, string with a lone surrogate, or number beyond a double. Malformed as above."""
    return _fault_in(_load(text, _Object, _checked_number))


def split_array(text: bytes, limit: int) -> list[bytes]:
    """The texts of the values of a JSON array, at most `limit` and one more. Malformed when it is no array of values."""
    decoded, values = _decode(text), list[bytes]()
    at = _skip(decoded, 0)
    if decoded[at : at + 1] != "[":
        raise Malformed("a batch is an array")
    at = _skip(decoded, at + 1)
    if decoded[at : at + 1] == "]" and _skip(decoded, at + 1) == len(decoded):
        return values
    while len(values) <= limit:
        end = _end_of_value(decoded, at)
        values.append(decoded[at:end].encode())
        at = _skip(decoded, end)
        mark, at = decoded[at : at + 1], _skip(decoded, at + 1)
        if mark == "]" and at >= len(decoded):
            break
        if mark != ",":
            raise Malformed(f"a comma or the end of the array is missing at character {end}")
    return values


def _load(text: bytes, keep: Any, number: Callable[[str], Any] = len) -> Any:
    try:
        return json.loads(
            _decode(text), object_pairs_hook=keep, parse_int=number, parse_float=number, parse_constant=number
        )
    except RecursionError as error:
        raise Malformed("nested too deeply") from error
    except json.JSONDecodeError as error:
        raise Malformed(f"{error.msg} at character {error.pos}") from error


def _checked_number(written: str) -> Any:
    return None if isfinite(float(written)) else _Beyond()


_decoder = json.JSONDecoder(object_pairs_hook=len, parse_int=len, parse_float=len)


def _end_of_value(text: str, at: int) -> int:
    try:
        return _decoder.raw_decode(text, at)[1]
    except RecursionError as error:
        raise Malformed("nested too deeply") from error
    except json.JSONDecodeError as error:
        raise Malformed(f"{error.msg} at character {error.pos}") from error


def _decode(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8 at byte {error.start}") from error


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _fault_in(value: Any) -> tuple[Path, str] | None:
    """The first fault in the order of the text. Values that wait stand on a list: nesting must not end our own stack."""
    waiting = [_Place(value)]
    while waiting:
        place = waiting.pop()
        fault = _fault_at(place)
        if fault is not None:
            return fault
        waiting.extend(reversed(list(_inside(place))))
    return None


def _fault_at(place: _Place) -> tuple[Path, str] | None:
    value = place.value
    if isinstance(place.step, str) and _BROKEN.search(place.step):
        return place.path[:-1], _LONE
    if isinstance(value, _Beyond):
        return place.path, "must be a number that a double can hold"
    if isinstance(value, str) and _BROKEN.search(value):
        return place.path, _LONE
    repeated = _repeated_key(value) if isinstance(value, _Object) else None
    return None if repeated is None else ((*place.path, repeated), "must not stand twice")


def _repeated_key(value: _Object) -> str | None:
    seen: set[str] = set()
    for key, _ in value.pairs:
        if key in seen:
            return key
        seen.add(key)
    return None


def _inside(place: _Place) -> Iterator[_Place]:
    if isinstance(place.value, _Object):
        yield from (_Place(inner, key, place) for key, inner in place.value.pairs)
    elif isinstance(place.value, list):
        yield from (_Place(inner, index, place) for index, inner in enumerate(place.value))
