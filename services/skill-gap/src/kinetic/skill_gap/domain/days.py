"""Days, counted."""

from __future__ import annotations

from datetime import UTC, datetime


def day_of(moment: datetime) -> int:
    """The day of a moment in UTC, counted from 0001-01-01."""
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).toordinal()
