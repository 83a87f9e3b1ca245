"""Merge requests and milestones that come late, and vulnerabilities."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.gitlab.project import person_of, place_of, project_facts, time_in
from kinetic.ingestion.connectors.payloads import link, part, text, word
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Reading
from kinetic.ingestion.connectors.severities import NEUTRAL, Scale, Severity
from kinetic.ingestion.connectors.work_items import WorkItem, day_in, day_of, end, take_long, told

_SEVERITY = Scale("severity", {"critical": 1.0, "high": 0.75, "medium": 0.5, "unknown": 0.5, "low": 0.25, "info": 0.1})
_STATES = {"detected": "reported", "confirmed": "confirmed"}


def read_merge_request(payload: Any) -> Reading:
    """A change that was merged a week or more after it was proposed."""
    change = part(payload, "object_attributes")
    if word(change, "action") != "merge":
        return Ignored("a merge request says something about the team's pace when it is merged")
    merged_at = time_in(change, "merged_at") or time_in(change, "updated_at")
    item = _item(payload, merged_at)
    return take_long(item, time_in(change, "created_at"), merged_at, "A merge request")


def read_milestone(payload: Any) -> Reading:
    """A milestone that was reached after its date."""
    milestone, action = part(payload, "object_attributes"), word(payload, "action")
    if (action or word(milestone, "action")) != "close":
        return Ignored("a milestone says something about the team's pace when it is closed")
    closed_at = time_in(milestone, "updated_at")
    late = end(_item(payload, closed_at), day_in(text(milestone, "due_date")), day_of(closed_at), "A milestone")
    return told(late, "a milestone without date, or reached in time, is not late")


def read_vulnerability(payload: Any) -> Reading:
    """A weakness that a scanner found, or that a person confirmed."""
    found = part(payload, "object_attributes")
    state = _STATES.get(word(found, "state"))
    if state is None:
        return Ignored(f"a vulnerability that is {word(found, 'state') or 'without state'} needs no more attention")
    confirmed_at = time_in(found, "confirmed_at") or time_in(found, "updated_at")
    item = _item(payload, confirmed_at if state == "confirmed" else time_in(found, "created_at"))
    severity = _SEVERITY.of(text(found, "severity"))
    return Mapped((item.becomes(kinds.SECURITY_FINDING, severity, state),))


def _item(payload: Any, at: datetime | None) -> WorkItem:
    facts = project_facts(payload)
    return WorkItem(
        place=place_of(payload),
        kind=None,
        severity=Severity(NEUTRAL),
        at=at,
        url=link(payload, "object_attributes", "url"),
        facts={**facts, "person": person_of(payload)},
        attributes={"repository": facts["repository"]},
    )
