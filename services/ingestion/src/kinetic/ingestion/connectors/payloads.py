"""Reading JSON of which nothing is certain: every accessor answers for every value.

*There* is what the payload calls `name`, or what that calls `inner`. Accessors take names one by one and not as a path,
because they are most of what reading a payload costs: a path would make each call a third slower. Those that are asked most
call nothing to find what is usual, for the same reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

LONGEST_NAME = 200
"""No tool calls a field by a longer name. Longer ones are passed over where what is made of names is remembered."""

_LONGEST_TEXT = 200
_LONGEST_URL = 2000
_LARGEST_ID = 2**64
_EMPTY: Mapping[str, Any] = {}
_YES = frozenset({"true", "yes", "1"})


def whole(payload: Any) -> Mapping[str, Any]:
    """The payload; an empty object when it is none."""
    return payload if isinstance(payload, dict) else _EMPTY


def part(payload: Any, name: str, inner: str | None = None) -> Mapping[str, Any]:
    """The object there; an empty one when there is none."""
    found = payload.get(name) if isinstance(payload, dict) else None
    if inner is not None:
        found = found.get(inner) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else _EMPTY


def first_part(payload: Any, names: Iterable[str]) -> Mapping[str, Any]:
    """The first object that is called one of `names` and is not empty; an empty one when there is none."""
    for name in names if isinstance(payload, dict) else ():
        found = payload.get(name)
        if found and isinstance(found, dict):
            return found
    return _EMPTY


def parts(payload: Any, name: str) -> list[Mapping[str, Any]]:
    """The objects in the list called `name`."""
    entries = payload.get(name) if isinstance(payload, dict) else None
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def text(payload: Any, name: str, inner: str | None = None) -> str | None:
    """The text there, storable and short; None when there is none or it is empty."""
    found = payload.get(name) if isinstance(payload, dict) else None
    if inner is not None:
        found = found.get(inner) if isinstance(found, dict) else None
    return None if found is None else text_of(found)


def text_of(value: Any) -> str | None:
    """`value` as a text that is storable and short; None when it is none or empty."""
    if not isinstance(value, str):
        return None
    if value.isascii() and "\x00" not in value and len(value) <= _LONGEST_TEXT:
        return value.strip() or None
    short = value.replace("\x00", "")[:_LONGEST_TEXT]
    return (short if short.isascii() else short.encode("utf-8", "replace").decode()).strip() or None


def texts(payload: Any, name: str, inner: str | None = None) -> list[str]:
    """The texts in the list there, or the one text there."""
    value = _at(payload, name, inner)
    return [found for entry in (value if isinstance(value, list) else [value]) if (found := text_of(entry))]


def word(payload: Any, name: str, inner: str | None = None) -> str:
    """The text there in lower case; empty when there is none."""
    found = payload.get(name) if isinstance(payload, dict) else None
    if inner is not None:
        found = found.get(inner) if isinstance(found, dict) else None
    return "" if found is None else (text_of(found) or "").lower()


def identifier(payload: Any, name: str, inner: str | None = None) -> str | None:
    """The text there, or the whole number there as text: tools write ids and ratings either way."""
    found = payload.get(name) if inner is None and isinstance(payload, dict) else _at(payload, name, inner)
    return None if found is None else identifier_of(found)


def identifier_of(value: Any) -> str | None:
    """`value` as text, when it is a text or a whole number."""
    if isinstance(value, str):
        return text_of(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number and abs(value) < _LARGEST_ID else None


def email(payload: Any, name: str, inner: str | None = None) -> str | None:
    """The e-mail address there; None when what stands there is none, such as a name."""
    value = text_of(_at(payload, name, inner))
    return value if value and "@" in value and " " not in value else None


def flag(payload: Any, name: str, inner: str | None = None) -> bool:
    """Whether what stands there says yes, be it as JSON or as text such as ``true`` and ``1``."""
    value = _at(payload, name, inner)
    return value is True or (bool(value) and (identifier_of(value) or "").lower() in _YES)


def number(payload: Any, name: str, inner: str | None = None) -> int | None:
    """The whole number there."""
    value = _at(payload, name, inner)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def link(payload: Any, name: str, inner: str | None = None) -> str | None:
    """The http address there; None when it is none or too long to keep."""
    value = payload.get(name) if inner is None and isinstance(payload, dict) else _at(payload, name, inner)
    if not isinstance(value, str) or not value.startswith(("https://", "http://")) or len(value) > _LONGEST_URL:
        return None
    return value if value.isprintable() and " " not in value else None


def moment(payload: Any, name: str, inner: str | None = None) -> datetime | None:
    """The ISO 8601 time there in UTC; None when it is none, has no zone or lies outside 1970 to 2200."""
    value = payload.get(name) if inner is None and isinstance(payload, dict) else _at(payload, name, inner)
    return moment_of(value) if isinstance(value, str) else None


def moment_of(written: str | None) -> datetime | None:
    """An ISO 8601 time in UTC; None when it is none, has no zone or lies outside 1970 to 2200."""
    try:
        return _plausible(datetime.fromisoformat(written.strip())) if written else None
    except (ValueError, OverflowError):
        return None


def unix_time(payload: Any, name: str, inner: str | None = None, *, per_second: int = 1) -> datetime | None:
    """The Unix time there, a number or its digits, that counts `per_second`: 1000 for milliseconds."""
    value = _at(payload, name, inner)
    if not value or value is True:
        return None
    try:
        given = value if isinstance(value, int | float) else int(text_of(value) or "")
        return _plausible(datetime.fromtimestamp(given / per_second, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def milliseconds(payload: Any, name: str, inner: str | None = None) -> datetime | None:
    """The Unix time in milliseconds there."""
    return unix_time(payload, name, inner, per_second=1000)


def _at(payload: Any, name: str, inner: str | None = None) -> Any:
    """What stands in the payload as `name`, or in that as `inner`; None when nothing does."""
    found = payload.get(name) if isinstance(payload, dict) else None
    if inner is None:
        return found
    return found.get(inner) if isinstance(found, dict) else None


def _plausible(time: datetime) -> datetime | None:
    if time.tzinfo is None or not 1971 <= time.year <= 2199:
        return None
    return time if time.tzinfo is UTC else time.astimezone(UTC)
