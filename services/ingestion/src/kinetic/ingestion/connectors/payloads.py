"""Reading JSON of which nothing is certain: every accessor answers for every value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

_LONGEST_TEXT = 200
_LONGEST_URL = 2000
_LARGEST_ID = 2**64
_EMPTY: Mapping[str, Any] = {}
_YES = frozenset({"true", "yes", "1"})


def part(payload: Any, *path: str) -> Mapping[str, Any]:
    """The object at `path`; an empty one when there is none."""
    found = _at(payload, path)
    return found if isinstance(found, dict) else _EMPTY


def parts(payload: Any, name: str) -> Iterator[Mapping[str, Any]]:
    """The objects in the list called `name`."""
    entries = part(payload).get(name)
    if isinstance(entries, list):
        yield from (entry for entry in entries if isinstance(entry, dict))


def text(payload: Any, *path: str) -> str | None:
    """The text at `path`, storable and short; None when there is none or it is empty."""
    return text_of(_at(payload, path))


def text_of(value: Any) -> str | None:
    """`value` as a text that is storable and short; None when it is none or empty."""
    if not isinstance(value, str):
        return None
    if len(value) <= _LONGEST_TEXT and value.isascii() and "\x00" not in value:
        return value.strip() or None
    short = value.replace("\x00", "")[:_LONGEST_TEXT]
    return (short if short.isascii() else short.encode("utf-8", "replace").decode()).strip() or None


def texts(payload: Any, *path: str) -> list[str]:
    """The texts in the list at `path`, or the one text there."""
    value = _at(payload, path)
    return [found for entry in (value if isinstance(value, list) else [value]) if (found := text_of(entry))]


def word(payload: Any, *path: str) -> str:
    """The text at `path` in lower case; empty when there is none."""
    return (text(payload, *path) or "").lower()


def identifier(payload: Any, *path: str) -> str | None:
    """The text at `path`, or the whole number there as text: tools write ids and ratings either way."""
    value = _at(payload, path)
    if isinstance(value, bool) or not isinstance(value, int):
        return text_of(value)
    return str(value) if abs(value) < _LARGEST_ID else None


def email(payload: Any, *path: str) -> str | None:
    """The e-mail address at `path`; None when what stands there is none, such as a name."""
    value = text(payload, *path) or ""
    return value if "@" in value and " " not in value else None


def flag(payload: Any, *path: str) -> bool:
    """Whether `path` says yes, be it as JSON or as text such as ``true`` and ``1``."""
    value = _at(payload, path)
    return value is True or (identifier(payload, *path) or "").lower() in _YES


def number(payload: Any, *path: str) -> int | None:
    """The whole number at `path`."""
    value = _at(payload, path)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def link(payload: Any, *path: str) -> str | None:
    """The http address at `path`; None when it is none or too long to keep."""
    value = _at(payload, path)
    if not isinstance(value, str) or not value.startswith(("https://", "http://")) or len(value) > _LONGEST_URL:
        return None
    return value if value.isprintable() and " " not in value else None


def moment(payload: Any, *path: str) -> datetime | None:
    """The ISO 8601 time at `path` in UTC; None when it is none, has no zone or lies outside 1970 to 2200."""
    return moment_of(text(payload, *path))


def moment_of(written: str | None) -> datetime | None:
    """An ISO 8601 time in UTC; None when it is none, has no zone or lies outside 1970 to 2200."""
    try:
        return _plausible(datetime.fromisoformat(written)) if written else None
    except (ValueError, OverflowError):
        return None


def unix_time(payload: Any, *path: str, per_second: int = 1) -> datetime | None:
    """The Unix time at `path`, a number or its digits, that counts `per_second`: 1000 for milliseconds."""
    value = _at(payload, path)
    digits = identifier(payload, *path)
    try:
        given = value if isinstance(value, float) else int(digits) if digits else None
        return None if given is None else _plausible(datetime.fromtimestamp(given / per_second, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def milliseconds(payload: Any, *path: str) -> datetime | None:
    """The Unix time in milliseconds at `path`."""
    return unix_time(payload, *path, per_second=1000)


def _at(payload: Any, path: tuple[str, ...]) -> Any:
    """What stands at `path`; None when nothing does."""
    for name in path:
        if not isinstance(payload, dict):
            return None
        payload = payload.get(name)
    return payload


def _plausible(time: datetime) -> datetime | None:
    if time.tzinfo is None or not 1971 <= time.year <= 2199:
        return None
    return time.astimezone(UTC)
