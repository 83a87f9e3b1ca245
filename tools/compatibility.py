"""Whether a changed event schema still keeps the promise of its version: only optional fields are added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

_SAME = ("type", "format", "const", "pattern")
_NO_STRICTER = {"minimum": 1, "exclusiveMinimum": 1, "minLength": 1, "minItems": 1, "maximum": -1, "maxLength": -1}


def breaks(old: Schema, new: Schema) -> list[str]:
    """What a reader of the old schema, or a writer of it, could not cope with; empty when compatible."""
    return list(_breaks(old, new, old.get("$defs", {}), new.get("$defs", {}), "data"))


def _breaks(old: Schema, new: Schema, old_defs: Schema, new_defs: Schema, place: str) -> Iterator[str]:
    old, new = _resolve(old, old_defs), _resolve(new, new_defs)
    for word in _SAME:
        if old.get(word) != new.get(word):
            yield f"{place}: {word} was {old.get(word)!r}, is {new.get(word)!r}"
    yield from _stricter(old, new, place)
    yield from _enum_breaks(old, new, place)
    yield from _property_breaks(old, new, place)
    for name, schema in old.get("properties", {}).items():
        if name in new.get("properties", {}):
            yield from _breaks(schema, new["properties"][name], old_defs, new_defs, f"{place}.{name}")
    for word in ("items", "additionalProperties"):
        if isinstance(old.get(word), Mapping) and isinstance(new.get(word), Mapping):
            yield from _breaks(old[word], new[word], old_defs, new_defs, f"{place}[]")
    yield from _choice_breaks(old, new, old_defs, new_defs, place)


def _stricter(old: Schema, new: Schema, place: str) -> Iterator[str]:
    for word, sign in _NO_STRICTER.items():
        if word in new and (word not in old or sign * (new[word] - old[word]) > 0):
            yield f"{place}: {word} became stricter ({old.get(word)} → {new[word]})"


def _enum_breaks(old: Schema, new: Schema, place: str) -> Iterator[str]:
    was, now = set(old.get("enum", ())), set(new.get("enum", ()))
    if was != now:
        yield f"{place}: the allowed values changed: {sorted(was ^ now)}"


def _property_breaks(old: Schema, new: Schema, place: str) -> Iterator[str]:
    for name in old.get("properties", {}):
        if name not in new.get("properties", {}):
            yield f"{place}.{name} was removed"
    for name in set(new.get("required", ())) - set(old.get("required", ())):
        yield f"{place}.{name} became required"
    for name in set(old.get("required", ())) - set(new.get("required", ())):
        yield f"{place}.{name} is no longer always there"


def _choice_breaks(old: Schema, new: Schema, old_defs: Schema, new_defs: Schema, place: str) -> Iterator[str]:
    was, now = old.get("anyOf", ()), new.get("anyOf", ())
    if len(was) != len(now):
        yield f"{place}: had {len(was)} alternatives, has {len(now)}"
        return
    for old_choice, new_choice in zip(was, now, strict=True):
        yield from _breaks(old_choice, new_choice, old_defs, new_defs, place)


def _resolve(schema: Schema, definitions: Schema) -> Schema:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    resolved: Schema = definitions[reference.rpartition("/")[2]]
    return resolved
