"""Periods as people write them: moments with a zone, or days of a calendar that hang on a wall somewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kinetic.ingestion.domain.documents import refuse_unknown_zone

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class WrongPeriod(ValueError):
    """A day that no calendar has, or without a zone. `column` is where."""

    def __init__(self, column: str, detail: str) -> None:
        super().__init__(detail)
        self.column = column


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins there, in UTC. A midnight that stands twice on the clock is the first of both."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def localised(row: Mapping[str, Any], time_zone: str | None) -> dict[str, Any]:
    """The row with moments for dates, and without its `time_zone`, which goes before the given one.

    A date means the whole day there: a period ends when the day of `period_end` does. Raises WrongPeriod.
    """
    zone = row.get("time_zone", time_zone)
    moments = {name: value for name, value in row.items() if name != "time_zone"}
    for name, days in (("period_start", 0), ("period_end", 1)):
        value = moments.get(name)
        if isinstance(value, str) and _DAY.fullmatch(value):
            moments[name] = _moment(name, value, _zone(name, zone), days)
    return moments


def _moment(name: str, text: str, zone: ZoneInfo, days: int) -> str:
    try:
        return start_of(date.fromisoformat(text) + timedelta(days=days), zone).isoformat()
    except (ValueError, OverflowError):
        raise WrongPeriod(name, "must be a day of the calendar") from None


def _zone(name: str, zone: Any) -> ZoneInfo:
    if zone is None:
        raise WrongPeriod(name, "a date needs a time_zone")
    try:
        return ZoneInfo(refuse_unknown_zone(zone))
    except (TypeError, ValueError) as error:
        raise WrongPeriod("time_zone", "must be an IANA time zone such as Europe/Berlin") from error
