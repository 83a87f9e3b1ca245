"""Field types shared by events and doors: bounded, storable text, shares and levels."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints


def refuse_unstorable(text: str) -> str:
    """Return `text`; ValueError when Postgres or UTF-8 could not hold it."""
    if "\x00" in text:
        raise ValueError("must not contain the NUL character")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValueError("must be valid Unicode, without lone surrogates") from None
    return text


def storable(text: str, longest: int) -> str:
    """What Postgres and UTF-8 can hold of a text that a stranger wrote, `longest` characters at most."""
    return text[:longest].replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def refuse_distant_time(time: datetime) -> datetime:
    """Return `time` in UTC; ValueError outside the years 1970 to 2200, where clocks and databases disagree."""
    if not 1970 <= time.year <= 2200:
        raise ValueError("must lie between the years 1970 and 2200")
    return time.astimezone(UTC)


Text = Annotated[str, StringConstraints(max_length=2000), AfterValidator(refuse_unstorable)]
"""Free text of at most 2,000 characters."""

ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(refuse_unstorable)]

SLUG_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,99}$"
Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN)]
"""A name that people choose and programs compare, e.g. ``incident-response``."""

Url = Annotated[
    str, StringConstraints(max_length=2000, pattern=r"^https?://[^\s\x00]+$"), AfterValidator(refuse_unstorable)
]

Time = Annotated[AwareDatetime, AfterValidator(refuse_distant_time)]
"""A point in time with its zone, kept in UTC."""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
"""A fraction from 0 to 1."""

Level = Annotated[int, Field(ge=1, le=5)]
"""Proficiency from 1 (aware) to 5 (teaches others)."""

Minutes = Annotated[int, Field(ge=1, le=100_000)]

Days = Annotated[int, Field(ge=1, le=36_500)]
