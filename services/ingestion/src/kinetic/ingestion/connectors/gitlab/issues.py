"""Issues, incidents and other work items of GitLab."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.gitlab.project import person_of, place_of, project_facts, time_in
from kinetic.ingestion.connectors.marks import kind_of
from kinetic.ingestion.connectors.payloads import link, part, parts, text, word
from kinetic.ingestion.connectors.protocol import Ignored, Observation, Reading
from kinetic.ingestion.connectors.severities import NEUTRAL, Scale, Severity, ranks, severity_of
from kinetic.ingestion.connectors.work_items import (
    WorkItem,
    change_priority,
    day_in,
    day_of,
    end,
    label_fact,
    move_date,
    reopen,
    report,
    told,
)

_SEVERITY = Scale("severity", {"critical": 1.0, "high": 0.75, "medium": 0.5, "low": 0.25})
_UNSET = ("", "unknown")
_RANKS = ranks("severity::", "priority::")
_HEALTH = {"needs_attention": (Severity(0.3), "needs attention"), "at_risk": (Severity(0.5), "is at risk")}


def read_issue(payload: Any) -> Reading:
    """An issue or another work item."""
    action, item = word(payload, "object_attributes", "action"), _item(payload)
    if action == "open":
        return told(report(item), "nothing marks the issue as a defect, an incident or a security matter")
    if action == "reopen":
        comes_from_outside = item.trouble == kinds.CUSTOMER_DISSATISFIED
        again = reopen(item) if item.kind or comes_from_outside else ()
        return told(again, "nothing marks the issue that comes back as trouble")
    if action == "close":
        due = day_in(text(payload, "object_attributes", "due_date"))
        return told(end(item, due, day_of(item.at)), "an issue that is closed in time, or has no date, is no trouble")
    if action == "update":
        return told(_observe_changes(payload, item), "what was changed of the issue is no sign of trouble")
    return Ignored(f"an issue with the action {action or 'none'} is no trouble")


def _observe_changes(payload: Any, item: WorkItem) -> Iterator[Observation]:
    changes = part(payload, "changes")
    yield from _observe_marks(payload, item)
    before, after = word(changes, "severity", "previous"), word(changes, "severity", "current")
    if after not in _UNSET:
        known = None if before in _UNSET else _SEVERITY.of(before).value
        yield from change_priority(item, known, _SEVERITY.of(after))
    dates = part(changes, "due_date")
    yield from move_date(item, day_in(text(dates, "previous")), day_in(text(dates, "current")))
    health = word(changes, "health_status", "current")
    if health in _HEALTH:
        severity, state = _HEALTH[health]
        yield item.delays(severity, state, "Work")


def _observe_marks(payload: Any, item: WorkItem) -> Iterator[Observation]:
    """A type or label that marks the issue and was not there before, or a label that raises its priority."""
    labels = part(payload, "changes", "labels")
    before = {text(label, "title") for label in parts(labels, "previous")}
    added = [name for label in parts(labels, "current") if (name := text(label, "title")) and name not in before]
    new_type = text(payload, "changes", "type", "current")
    mark = kind_of([*added, *([new_type] if new_type else [])])
    if mark:
        yield from report(replace(item, kind=mark))
    elif added and (severity := _worst(added)) is not None:
        yield from change_priority(item, _worst(name for name in before if name), Severity(severity))


def _item(payload: Any) -> WorkItem:
    issue, action = part(payload, "object_attributes"), word(payload, "object_attributes", "action")
    labels = [name for label in parts(payload, "labels") if (name := text(label, "title"))]
    issue_type = text(issue, "type")
    at = {"open": time_in(issue, "created_at"), "close": time_in(issue, "closed_at")}.get(action)
    comes_from_outside = issue_type == "Ticket" or bool(text(issue, "external_author"))
    return WorkItem(
        place=place_of(payload),
        kind=kind_of([issue_type or "", *labels]),
        severity=_severity(word(issue, "severity"), labels),
        at=at or time_in(issue, "updated_at"),
        url=link(issue, "url"),
        facts={
            **project_facts(payload),
            "issue_type": issue_type,
            "label": label_fact(labels),
            "person": person_of(payload),
        },
        attributes={"repository": project_facts(payload)["repository"]},
        trouble=kinds.CUSTOMER_DISSATISFIED if comes_from_outside else kinds.QUALITY_DEFECT,
    )


def _severity(named: str, labels: list[str]) -> Severity:
    if named not in _UNSET:
        return _SEVERITY.of(named)
    worst = _worst(labels)
    return Severity(NEUTRAL if worst is None else worst)


def _worst(labels: Iterator[str] | list[str]) -> float | None:
    found = (_RANKS.get(label.lower(), severity_of(label)) for label in labels)
    return max((one for one in found if one is not None), default=None)
