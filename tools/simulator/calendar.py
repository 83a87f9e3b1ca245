"""Days of a company, counted from its first day, which is a Monday."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache

WEEK = 7
WORKING = 5
OBSERVED_AT = time(16)
"""The time of day, in UTC, up to which a day's events are told."""


def is_working(day: int) -> bool:
    """Monday to Friday."""
    return day % WEEK < WORKING


def working_days_before(day: int) -> int:
    """How many working days lie before a day; also the index of a working day among them."""
    weeks, rest = divmod(day, WEEK)
    return weeks * WORKING + min(rest, WORKING)


def working_day(index: int) -> int:
    """The day of the working day with this index."""
    weeks, rest = divmod(index, WORKING)
    return weeks * WEEK + rest


def next_working(day: int) -> int:
    """The day itself, or the Monday after it."""
    return day if is_working(day) else day + WEEK - day % WEEK


@cache
def midnight(start: date, day: int) -> datetime:
    """The first moment of a day, in UTC."""
    return datetime.combine(start + timedelta(days=day), time(0), UTC)


def observed_at(start: date, day: int) -> datetime:
    """The moment up to which a day's events are told."""
    return datetime.combine(start + timedelta(days=day), OBSERVED_AT, UTC)
