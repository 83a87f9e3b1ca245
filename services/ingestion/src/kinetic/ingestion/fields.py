"""Field types of ingestion's doors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from kinetic.contracts.fields import Time, refuse_unstorable

_CLOCK_ERROR = timedelta(days=1)


def refuse_future(time: datetime) -> datetime:
    """Return `time`; ValueError when it lies further ahead than clocks and zones go wrong: its weight would only grow."""
    if time > datetime.now(UTC) + _CLOCK_ERROR:
        raise ValueError("must not lie more than a day ahead")
    return time


PastTime = Annotated[Time, AfterValidator(refuse_future)]
"""When something happened."""

Email = Annotated[
    str,
    StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254, to_lower=True),
    AfterValidator(refuse_unstorable),
]
"""An e-mail address in lower case: two that differ in case are one."""
