"""A sample of what each tool sends: small, in the tool's own shape, and meaning one thing.

``<now>`` stands for the time in ISO 8601, ``<now seconds>``, ``<now milliseconds>`` and ``<now nanoseconds>`` for Unix
times, and ``<now %Y-%m-%d>`` for the time in any other form of `strftime`. All are in UTC.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

_NOW: Final = re.compile(r"<now(?: (.+))?>")
_PER_SECOND: Final = {"seconds": 1, "milliseconds": 10**3, "nanoseconds": 10**9}


@dataclass(frozen=True, slots=True)
class Sample:
    """A webhook that no tool has sent: the headers that say what it is about, and the payload, a JSON value."""

    headers: Mapping[str, str]
    payload: Any


def sample_of(tool: str, now: datetime) -> Sample:
    """What `tool`, one that a connector or the door for statements reads, would send `now`, in UTC."""
    written = json.loads(_text(tool))
    return Sample(written["headers"], _timed(written["payload"], now))


@cache
def _text(tool: str) -> str:
    return files(__name__).joinpath(f"{tool}.json").read_text()


def _timed(value: Any, now: datetime) -> Any:
    if isinstance(value, dict):
        return {name: _timed(inner, now) for name, inner in value.items()}
    if isinstance(value, list):
        return [_timed(inner, now) for inner in value]
    placeholder = _NOW.fullmatch(value) if isinstance(value, str) else None
    return _time(placeholder[1], now) if placeholder else value


def _time(form: str | None, now: datetime) -> str | int:
    if form in _PER_SECOND:
        return int(now.timestamp()) * _PER_SECOND[form]
    return now.strftime(form or "%Y-%m-%dT%H:%M:%SZ")
