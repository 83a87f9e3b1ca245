"""YAML as people write documents: objects, arrays, texts and nothing. What a text stands for, its field says.

So `no` is Norwegian, `0123` keeps its zero and `12:30` is no number of seconds. Tags, aliases, keys that stand twice and deep
nesting are refused with their line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import yaml

MAX_NESTING: Final = 20
_NOTHING: Final = frozenset({"", "~", "null", "Null", "NULL"})


class NotTaken(ValueError):
    """A text is no YAML, or more of it than is taken here: what is wrong, and in which line, counted from 1, if one can say."""

    def __init__(self, detail: str, mark: Any = None) -> None:
        self.detail = detail
        self.line: int | None = mark.line + 1 if mark else None
        super().__init__(f"line {self.line}: {detail}" if self.line else detail)


def read_yaml(body: bytes) -> Any:
    """The value in a YAML text; None when it is empty. Raises NotTaken."""
    events = yaml.parse(body, Loader=yaml.CSafeLoader)
    try:
        documents = [_value(events, next(events), 0) for event in events if isinstance(event, yaml.DocumentStartEvent)]
    except yaml.MarkedYAMLError as error:
        raise NotTaken(str(error.problem), error.problem_mark) from error
    except yaml.YAMLError as error:
        raise NotTaken("it cannot be read as UTF-8 or UTF-16") from error
    if len(documents) > 1:
        raise NotTaken("it is more than one document")
    return documents[0] if documents else None


def _value(events: Iterator[yaml.Event], event: yaml.Event, depth: int) -> Any:
    """The value that begins with `event`."""
    _refuse_tricks(event, depth)
    if isinstance(event, yaml.ScalarEvent):
        is_plain = event.implicit[0]
        return None if is_plain and event.value in _NOTHING else event.value
    if isinstance(event, yaml.SequenceStartEvent):
        return [_value(events, entry, depth + 1) for entry in _until(events, yaml.SequenceEndEvent)]
    found: dict[str, Any] = {}
    for key in _until(events, yaml.MappingEndEvent):
        found[_new_key(key, found)] = _value(events, next(events), depth + 1)
    return found


def _until(events: Iterator[yaml.Event], end: type[yaml.Event]) -> Iterator[yaml.Event]:
    for event in events:
        if isinstance(event, end):
            return
        yield event


def _new_key(event: yaml.Event, found: dict[str, Any]) -> str:
    _refuse_tricks(event, 0)
    if not isinstance(event, yaml.ScalarEvent):
        raise NotTaken("a key must be a text", event.start_mark)
    if event.value in found:
        raise NotTaken("the key stands twice", event.start_mark)
    return str(event.value)


def _refuse_tricks(event: yaml.Event, depth: int) -> None:
    """Aliases grow without bound, nesting too, and tags make something else of what is written."""
    if isinstance(event, yaml.AliasEvent):
        raise NotTaken("aliases are not allowed here", event.start_mark)
    if getattr(event, "tag", None) is not None:
        raise NotTaken("tags are not allowed here", event.start_mark)
    if depth > MAX_NESTING:
        raise NotTaken("nested too deeply", event.start_mark)
