"""How the cause of the next event stands in a row."""

from __future__ import annotations

from typing import Any

from kinetic.common.events import Cause


def cause_column(cause: Cause) -> list[str | None]:
    """The cause as JSON."""
    return [cause.event_id, cause.correlation_id, cause.traceparent]


def cause_of(column: list[Any]) -> Cause:
    """The cause that was kept."""
    return Cause(*column)
