"""How long a far side wants to be left alone."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

LONGEST_REST_SECONDS: Final = 86_400.0


def retry_after_seconds(answer: httpx.Response) -> float | None:
    """`Retry-After` of an answer; see `seconds_of`."""
    return seconds_of(answer.headers.get("retry-after"), datetime.now(UTC))


def seconds_of(told: str | None, now: datetime) -> float | None:
    """A `Retry-After` in seconds or as a date (RFC 9110, 10.2.3): a day at most, and None when it cannot be read."""
    told = (told or "").strip()
    if told.isascii() and told.isdigit():
        return min(float(told[:20]), LONGEST_REST_SECONDS)
    try:
        until = parsedate_to_datetime(told)
    except (ValueError, TypeError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((until - now).total_seconds(), 0.0), LONGEST_REST_SECONDS)
