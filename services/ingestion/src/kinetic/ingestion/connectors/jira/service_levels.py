"""The service levels of Jira Service Management, which stand among the custom fields of an issue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from kinetic.ingestion.connectors.payloads import flag, milliseconds, moment, part, parts, text


class Miss(NamedTuple):
    """A cycle of a service level that took longer than was promised."""

    level: str | None
    missed_at: datetime | None
    goes_on: bool
    ended_at: datetime | None
    is_paused: bool


def misses_of(fields: Iterable[Mapping[str, Any]]) -> Iterator[Miss]:
    """All misses in the fields of an issue: a field with cycles is a service level, whatever its number."""
    for level in fields:
        if "ongoingCycle" not in level and "completedCycles" not in level:
            continue
        going_on = part(level, "ongoingCycle")
        for cycle in (going_on, *parts(level, "completedCycles")):
            if flag(cycle, "breached"):
                yield Miss(
                    level=text(level, "name"),
                    missed_at=_time(cycle, "breachTime"),
                    goes_on=cycle is going_on,
                    ended_at=_time(cycle, "stopTime"),
                    is_paused=flag(cycle, "paused"),
                )


def _time(cycle: Mapping[str, Any], name: str) -> datetime | None:
    return milliseconds(cycle, name, "epochMillis") or moment(cycle, name, "iso8601")
