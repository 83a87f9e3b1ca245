"""Issues of Jira and requests of its service desks: what they are, and what a change of them means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlsplit

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.jira.service_levels import Miss, misses_of
from kinetic.ingestion.connectors.marks import kind_of
from kinetic.ingestion.connectors.once import once
from kinetic.ingestion.connectors.payloads import (
    email,
    milliseconds,
    moment,
    part,
    parts,
    text,
    text_of,
    texts,
    whole,
    word,
)
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Observation, Reading
from kinetic.ingestion.connectors.severities import Scale, Severity, judge, says, severity_of
from kinetic.ingestion.connectors.work_items import (
    DONE,
    DROPPED,
    WorkItem,
    change_priority,
    day_in,
    day_of,
    end,
    escalate,
    label_fact,
    lie_overdue,
    move_date,
    reopen,
    report,
    told,
)

_ENDED = DONE | {"canceled", "cancelled", "declined", "rejected", "won't do"}
_DATES = ("duedate", "due date", "target end")
_BAD_RATINGS = Scale("rating", {"1": 1.0, "2": 0.75})
_FLAGGED = Severity(0.3)
_ESCALATED = frozenset({"escalated"})
_WITHOUT_CHANGES = frozenset({"", "issue_updated", "issue_generic"})
_SAME_MOMENT = timedelta(minutes=1)

Changes = Mapping[str, Mapping[str, Any]]
"""What changed, by the name of the field in lower case."""


@dataclass(frozen=True)
class Issue:
    """The issue that a webhook is about. Rules of automation send it bare."""

    payload: Any

    @once
    def issue(self) -> Mapping[str, Any]:
        return part(self.payload, "issue") or whole(self.payload)

    @once
    def fields(self) -> Mapping[str, Any]:
        return part(self.issue, "fields")

    @once
    def objects(self) -> Sequence[Mapping[str, Any]]:
        """The fields that are objects: some are known by what stands in them, whatever their number."""
        return [value for value in self.fields.values() if isinstance(value, dict)]

    @once
    def type(self) -> str:
        return text(self.fields, "issuetype", "name") or "issue"

    @once
    def is_done(self) -> bool:
        category = word(part(self.fields, "status", "statusCategory"), "key")
        return category == "done" if category else word(self.fields, "status", "name") in _ENDED

    @property
    def is_dropped(self) -> bool:
        """Whether the issue has ended without anybody having done it: as a duplicate, or given up."""
        ends = (word(self.fields, "resolution", "name"), word(self.fields, "status", "name"))
        return not DROPPED.isdisjoint((*ends, word(part(self.changes, "resolution"), "toString")))

    @once
    def changes(self) -> Changes:
        return {word(item, "field"): item for item in parts(part(self.payload, "changelog"), "items")}

    @once
    def changed_at(self) -> datetime | None:
        return milliseconds(self.payload, "timestamp") or moment(self.fields, "updated")

    @once
    def url(self) -> str | None:
        """The page of the issue: a webhook only carries the address of its REST resource."""
        key = text(self.issue, "key")
        try:
            parsed = urlsplit(text(self.issue, "self") or "")
        except ValueError:
            return None
        place, rest, _ = f"{parsed.netloc}{parsed.path}".partition("/rest/")
        if not key or not rest or parsed.scheme not in ("http", "https") or place.startswith("api.atlassian.com"):
            return None
        return f"{parsed.scheme}://{place}/browse/{quote(key)}" if place.isprintable() and " " not in place else None

    @once
    def kind(self) -> str | None:
        """The signal that an issue of this type is by itself."""
        return kind_of([self.type])

    @once
    def changed(self) -> WorkItem:
        """The issue as an item that was changed."""
        return self.item(self.changed_at)

    def item(self, at: datetime | None) -> WorkItem:
        """The issue as an item to which something happened at `at`."""
        project = text(self.fields, "project", "key")
        is_request = word(self.fields, "project", "projectTypeKey") == "service_desk"
        priority = text(self.fields, "priority", "name")
        return WorkItem(
            place=project or "a Jira project",
            kind=self.kind,
            severity=judge("priority", priority),
            at=at,
            url=self.url,
            facts={
                "project": project,
                "issue_type": self.type,
                "component": text_of(", ".join(_names(self.fields, "components"))),
                "label": label_fact(texts(self.fields, "labels")),
                "team": self._team(),
                "person": email(self.fields, "assignee", "emailAddress"),
            },
            attributes={"project": project, "priority": priority},
            trouble=kinds.CUSTOMER_DISSATISFIED if is_request else kinds.QUALITY_DEFECT,
        )

    def _team(self) -> str | None:
        """Atlassian's team, whatever the number of its custom field is: the only field with a mark whether it is shared."""
        return next((text(one, "name") for one in self.objects if "isShared" in one), None)


def read_created(issue: Issue) -> Reading:
    """A new issue."""
    if issue.kind is None:
        return Ignored(f"a new {issue.type} is planned work, not trouble")
    created_at = moment(issue.fields, "created") or milliseconds(issue.payload, "timestamp")
    return Mapped(tuple(report(issue.item(created_at))))


def read_updated(issue: Issue) -> Reading:
    """An issue that was changed: one change may mean several things."""
    changes = issue.changes.keys() | {word(issue.payload, "issue_event_type_name")}
    observations = (
        *(one for names, observe in _OBSERVERS if not names.isdisjoint(changes) for one in observe(issue)),
        *(_missed(issue, miss) for miss in misses_of(issue.objects) if _is_news(issue, miss)),
    )
    changed = ", ".join(sorted(issue.changes)) or "comments"
    return told(observations, f"a change of {changed} is no sign of trouble")


def read_rule(issue: Issue) -> Reading:
    """An issue that a rule of automation sent, for a reason that only the rule knows."""
    created_at = moment(issue.fields, "created")
    updated_at = moment(issue.fields, "updated")
    is_new = created_at is not None and updated_at is not None and updated_at - created_at < _SAME_MOMENT
    due = None if issue.is_done else day_in(text(issue.fields, "duedate"))
    observations = (
        *(_missed(issue, miss) for miss in misses_of(issue.objects) if miss.goes_on),
        *lie_overdue(issue.changed, due, day_of(issue.changed_at)),
        *(report(issue.item(created_at)) if is_new else ()),
    )
    return told(observations, "the issue is not new, not overdue, and misses no service level")


def _observe_type(issue: Issue) -> Iterator[Observation]:
    before = text(part(issue.changes, "issuetype"), "fromString")
    if before and kind_of([before]) != issue.kind:
        yield from report(issue.changed)


def _observe_status(issue: Issue) -> Iterator[Observation]:
    status, resolution = part(issue.changes, "status"), part(issue.changes, "resolution")
    lost_resolution = bool(text(resolution, "fromString")) and not text(resolution, "toString")
    was_done = word(status, "fromString") in _ENDED or lost_resolution
    was_dropped = not DROPPED.isdisjoint((word(status, "fromString"), word(resolution, "fromString")))
    is_back = was_done or word(issue.payload, "issue_event_type_name") == "issue_reopened"
    if is_back and not issue.is_done and (issue.kind or not was_dropped):
        yield from reopen(issue.changed)
    if says(word(status, "toString"), _ESCALATED):
        yield from escalate(issue.changed)
    if status and issue.is_done and not was_done and not issue.is_dropped:
        yield from end(issue.changed, day_in(text(issue.fields, "duedate")), day_of(issue.changed_at))


def _observe_priority(issue: Issue) -> Iterator[Observation]:
    change = part(issue.changes, "priority")
    after = severity_of(text(change, "toString"))
    if after is not None:
        yield from change_priority(issue.changed, severity_of(text(change, "fromString")), Severity(after))


def _observe_dates(issue: Issue) -> Iterator[Observation]:
    for name in _DATES:
        if change := part(issue.changes, name):
            yield from move_date(issue.changed, day_in(text(change, "from")), day_in(text(change, "to")))


def _observe_flag(issue: Issue) -> Iterator[Observation]:
    if text(part(issue.changes, "flagged"), "toString"):
        yield issue.changed.becomes(kinds.DELIVERY_DELAYED, _FLAGGED, "flagged as an impediment")


def _observe_rating(issue: Issue) -> Iterator[Observation]:
    rating = text(part(issue.changes, "satisfaction"), "toString")
    if rating and rating not in ("3", "4", "5"):
        yield issue.changed.becomes(kinds.CUSTOMER_DISSATISFIED, _BAD_RATINGS.of(rating), "rated badly")


_OBSERVERS: Final[Sequence[tuple[frozenset[str], Callable[[Issue], Iterator[Observation]]]]] = (
    (frozenset({"issuetype"}), _observe_type),
    (frozenset({"status", "resolution", "issue_reopened"}), _observe_status),
    (frozenset({"priority"}), _observe_priority),
    (frozenset(_DATES), _observe_dates),
    (frozenset({"flagged"}), _observe_flag),
    (frozenset({"satisfaction"}), _observe_rating),
)
"""What may have happened, by the fields that change with it and by what Jira calls the change."""


def _is_news(issue: Issue, miss: Miss) -> bool:
    """Whether this change is the one to tell a miss by: Jira sends the miss along with every change from then on."""
    if not miss.goes_on:
        changed_at, ended_at = issue.changed_at, miss.ended_at
        return bool(changed_at and ended_at and abs(changed_at - ended_at) < _SAME_MOMENT)
    if not issue.changes:
        is_comment = "comment" in whole(issue.payload)
        return not is_comment and word(issue.payload, "issue_event_type_name") in _WITHOUT_CHANGES
    return (miss.level or "").lower() in issue.changes or ("status" in issue.changes and not miss.is_paused)


def _missed(issue: Issue, miss: Miss) -> Observation:
    item = issue.item(miss.missed_at or issue.changed_at)
    more = {"service_level": miss.level} if miss.level else {}
    return item.becomes(kinds.SERVICE_BREACHED, item.severity, "missed", **more)


def _names(fields: Mapping[str, Any], name: str) -> Iterator[str]:
    return (found for entry in parts(fields, name) if (found := text(entry, "name")))
