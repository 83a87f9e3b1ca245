"""JSON texts as they stand: what is wrong in one, and where the values of an array begin and end.

Fast readers take the last of two equal keys, and refuse a whole text for one lone surrogate. Here the place is found.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]

_SPACE = re.compile(r"[ \t\n\r]*")
_MOST_DIGITS = 4300
"""What readers of JSON take; of numbers, only their length is read here."""
_BROKEN = re.compile("[\ud800-\udfff]")


class Malformed(ValueError):
    """A text is no JSON, or is nested too deeply, and what of it is."""


@dataclass(frozen=True, slots=True)
class _Object:
    pairs: list[tuple[str, Any]]


def has_repeated_key(text: bytes) -> bool:
    """Whether a key stands twice in one of the objects of a JSON value. Malformed when it is no single value."""
    repeats: list[bool] = []

    def compare(pairs: list[tuple[str, Any]]) -> None:
        if len(pairs) > 1 and len({key for key, _ in pairs}) < len(pairs):
            repeats.append(True)

    _load(text, compare)
    return bool(repeats)


def find_fault(text: bytes) -> tuple[Path, str] | None:
    """The first key that stands twice, string with a lone surrogate, or endless number, and what is wrong. Malformed as above."""
    return _fault_in(_load(text, _Object), ())


def split_array(text: bytes, limit: int) -> list[bytes]:
    """The texts of the values of a JSON array, at most `limit` and one more. Malformed when it is no array of values."""
    decoded, at, values = _decode(text), _skip(_decode(text), 0), list[bytes]()
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


def _load(text: bytes, keep: Any) -> Any:
    try:
        return json.loads(_decode(text), object_pairs_hook=keep, parse_int=len, parse_float=len)
    except RecursionError as error:
        raise Malformed("nested too deeply") from error
    except json.JSONDecodeError as error:
        raise Malformed(f"{error.msg} at character {error.pos}") from error


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


def _fault_in(value: Any, path: Path) -> tuple[Path, str] | None:
    if type(value) is int and value > _MOST_DIGITS:
        return path, "must be a number of fewer digits"
    if isinstance(value, str):
        return (path, "must be valid Unicode, without lone surrogates") if _BROKEN.search(value) else None
    inner: list[tuple[str | int, Any]] = []
    if isinstance(value, _Object):
        inner = list(value.pairs)
        seen: set[str | int] = set()
        for key, _ in inner:
            if key in seen:
                return (*path, key), "must not stand twice"
            seen.add(key)
    elif isinstance(value, list):
        inner = list(enumerate(value))
    faults = (_fault_in(key, path) or _fault_in(child, (*path, key)) for key, child in inner)
    return next((fault for fault in faults if fault), None)
