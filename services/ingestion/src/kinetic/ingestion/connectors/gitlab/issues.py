"""Issues, incidents and other work items of GitLab."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.gitlab.project import person_of, place_of, project_facts, time_in
from kinetic.ingestion.connectors.marks import kind_of
from kinetic.ingestion.connectors.once import once
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


@dataclass(frozen=True)
class Issue:
    """The issue that a webhook is about."""

    payload: Any

    @once
    def attributes(self) -> Mapping[str, Any]:
        return part(self.payload, "object_attributes")

    @once
    def changes(self) -> Mapping[str, Any]:
        return part(self.payload, "changes")

    @once
    def labels(self) -> list[str]:
        return [name for label in parts(self.payload, "labels") if (name := text(label, "title"))]

    @once
    def kind(self) -> str | None:
        """The signal that the issue is by its type and labels."""
        return kind_of([text(self.attributes, "type") or "", *self.labels])

    @once
    def comes_from_outside(self) -> bool:
        """Whether a customer wrote it to the service desk."""
        return text(self.attributes, "type") == "Ticket" or bool(text(self.attributes, "external_author"))

    @once
    def severity(self) -> Severity:
        named = word(self.attributes, "severity")
        if named not in _UNSET:
            return _SEVERITY.of(named)
        worst = _worst(self.labels)
        return Severity(NEUTRAL if worst is None else worst)

    @once
    def at(self) -> datetime | None:
        """When happened what the webhook tells."""
        name = {"open": "created_at", "close": "closed_at"}.get(word(self.attributes, "action"), "updated_at")
        return time_in(self.attributes, name) or time_in(self.attributes, "updated_at")

    @once
    def item(self) -> WorkItem:
        facts = project_facts(self.payload)
        return WorkItem(
            place=place_of(self.payload),
            kind=self.kind,
            severity=self.severity,
            at=self.at,
            url=link(self.attributes, "url"),
            facts={
                **facts,
                "issue_type": text(self.attributes, "type"),
                "label": label_fact(self.labels),
                "person": person_of(self.payload),
            },
            attributes={"repository": facts["repository"]},
            trouble=kinds.CUSTOMER_DISSATISFIED if self.comes_from_outside else kinds.QUALITY_DEFECT,
        )


def read_issue(payload: Any) -> Reading:
    """An issue or another work item."""
    issue = Issue(payload)
    action = word(issue.attributes, "action")
    reader = _READERS.get(action)
    if reader is None:
        return Ignored(f"an issue with the action {action or 'none'} is no trouble")
    observe, otherwise = reader
    return told(observe(issue), otherwise)


def _observe_opening(issue: Issue) -> Iterator[Observation]:
    if issue.kind:
        yield from report(issue.item)


def _observe_reopening(issue: Issue) -> Iterator[Observation]:
    if issue.kind or issue.comes_from_outside:
        yield from reopen(issue.item)


def _observe_closing(issue: Issue) -> Iterator[Observation]:
    attributes = issue.attributes
    is_elsewhere = attributes.get("duplicated_to_id") or attributes.get("moved_to_id")
    if not is_elsewhere and (due := day_in(text(attributes, "due_date"))):
        yield from end(issue.item, due, day_of(issue.at))


def _observe_changes(issue: Issue) -> Iterator[Observation]:
    yield from _observe_marks(issue)
    before, after = word(issue.changes, "severity", "previous"), word(issue.changes, "severity", "current")
    if after not in _UNSET:
        known = None if before in _UNSET else _SEVERITY.of(before).value
        yield from change_priority(issue.item, known, _SEVERITY.of(after))
    if dates := part(issue.changes, "due_date"):
        yield from move_date(issue.item, day_in(text(dates, "previous")), day_in(text(dates, "current")))
    health = _HEALTH.get(word(issue.changes, "health_status", "current"))
    if health:
        yield issue.item.delays(*health, "Work")


def _observe_marks(issue: Issue) -> Iterator[Observation]:
    """A type or label that marks the issue and was not there before, or a label that raises its priority."""
    labels = part(issue.changes, "labels")
    before = [name for label in parts(labels, "previous") if (name := text(label, "title"))]
    added = [name for label in parts(labels, "current") if (name := text(label, "title")) and name not in before]
    new_type = text(issue.changes, "type", "current")
    mark = kind_of([*added, *([new_type] if new_type else [])])
    if mark:
        yield from report(issue.item._replace(kind=mark))
    elif added and (severity := _worst(added)) is not None:
        yield from change_priority(issue.item, _worst(before), Severity(severity))


_READERS: Mapping[str, tuple[Callable[[Issue], Iterator[Observation]], str]] = {
    "open": (_observe_opening, "nothing marks the issue as a defect, an incident or a security matter"),
    "reopen": (_observe_reopening, "nothing marks the issue that comes back as trouble"),
    "close": (_observe_closing, "an issue that is closed in time, or has no date, is no trouble"),
    "update": (_observe_changes, "what was changed of the issue is no sign of trouble"),
}


def _worst(labels: list[str]) -> float | None:
    found = (_RANKS.get(label.lower(), severity_of(label)) for label in labels)
    return max((one for one in found if one is not None), default=None)
