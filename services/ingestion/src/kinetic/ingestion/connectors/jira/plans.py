"""Sprints and versions that take longer than planned. Their names are left out: people write what they like into them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kinetic.ingestion.connectors.payloads import identifier, milliseconds, moment, part, text, word
from kinetic.ingestion.connectors.protocol import Reading
from kinetic.ingestion.connectors.severities import NEUTRAL, Severity
from kinetic.ingestion.connectors.work_items import WorkItem, day_in, day_of, end, lie_overdue, move_date, told


def read_sprint_closed(payload: Any) -> Reading:
    """A sprint that was closed, on its last day or later."""
    sprint = part(payload, "sprint")
    closed_at = moment(sprint, "completeDate") or milliseconds(payload, "timestamp")
    late = end(_sprint(payload, closed_at), day_of(moment(sprint, "endDate")), day_of(closed_at), "A sprint")
    return told(late, "a sprint that is closed in time is everyday work")


def read_sprint_updated(payload: Any) -> Reading:
    """A sprint that was changed while it runs: before, everything is planning."""
    sprint = part(payload, "sprint")
    if word(sprint, "state") != "active":
        return told((), "a sprint that does not run is planning")
    before, after = moment(payload, "oldValue", "endDate"), moment(sprint, "endDate")
    longer = move_date(
        _sprint(payload, milliseconds(payload, "timestamp")), day_of(before), day_of(after), "The end of a sprint"
    )
    return told(longer, "a sprint that is not prolonged is everyday work")


def read_version_released(payload: Any) -> Reading:
    """A version that was released, on its date or later."""
    at = milliseconds(payload, "timestamp")
    late = end(_version(payload, at), day_in(text(payload, "version", "releaseDate")), day_of(at), "A version")
    return told(late, "a version that is released in time is everyday work")


def read_version_updated(payload: Any) -> Reading:
    """A version that was changed: Jira says along whether it is overdue."""
    version, at = part(payload, "version"), milliseconds(payload, "timestamp")
    is_overdue = version.get("overdue") is True and version.get("released") is not True
    due = day_in(text(version, "releaseDate")) if is_overdue else None
    return told(
        lie_overdue(_version(payload, at), due, day_of(at), "A version"),
        "a version that is not overdue is everyday work",
    )


def _sprint(payload: Any, at: datetime | None) -> WorkItem:
    board = identifier(payload, "sprint", "originBoardId")
    return _plan({"board": board}, f"board {board}" if board else "a Jira board", at)


def _version(payload: Any, at: datetime | None) -> WorkItem:
    project = identifier(payload, "version", "projectId")
    return _plan({"project": project}, f"project {project}" if project else "a Jira project", at)


def _plan(facts: dict[str, str | None], place: str, at: datetime | None) -> WorkItem:
    return WorkItem(place=place, kind=None, severity=Severity(NEUTRAL), at=at, url=None, facts=facts, attributes=facts)
