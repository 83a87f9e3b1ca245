"""Jira: defects and incidents, work that comes back, work that is late.

Signature: `X-Hub-Signature: sha256=…`, an HMAC of the raw body.

| what happened | signal | severity |
|---|---|---|
| a Bug, Defect, Incident or Vulnerability is created | `quality.defect`, `service.incident`, `security.finding` | by priority |
| its priority is raised | the same | by the new priority |
| done work is opened again | of its type, else `quality.defect` | by priority |
| the due date moves back | `delivery.delayed` | by days |
| work is done after its due date | `delivery.delayed` | by days |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlsplit

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.observing import observe
from kinetic.ingestion.connectors.payloads import milliseconds, moment, part, parts, text, word
from kinetic.ingestion.connectors.protocol import Connector, Headers, Ignored, Mapped, Observation, Reading
from kinetic.ingestion.connectors.severities import NEUTRAL, Severity, judge, says, severity_of, severity_of_delay
from kinetic.ingestion.connectors.signatures import Hmac, hexadecimal

_KINDS = {
    kinds.SERVICE_INCIDENT: frozenset({"incident", "outage"}),
    kinds.SECURITY_FINDING: frozenset({"security", "vulnerability"}),
    kinds.QUALITY_DEFECT: frozenset({"bug", "defect", "regression"}),
}
_DONE = frozenset({"done", "closed", "resolved"})


def read(headers: Headers, payload: Any) -> Reading:
    """What a webhook of Jira Cloud or Data Center means. The payload alone says everything."""
    del headers
    event = text(payload, "webhookEvent")
    if event == "jira:issue_created":
        return _read_created(Issue(payload))
    if event == "jira:issue_updated":
        return _read_updated(Issue(payload))
    return Ignored(f"{event or 'a payload without webhookEvent'} says nothing about a team's work")


@dataclass(frozen=True)
class Issue:
    """The issue that a webhook is about."""

    payload: Any

    @cached_property
    def fields(self) -> Mapping[str, Any]:
        return part(self.payload, "issue", "fields")

    @cached_property
    def project(self) -> str | None:
        return text(self.fields, "project", "key")

    @cached_property
    def type(self) -> str:
        return text(self.fields, "issuetype", "name") or "issue"

    @cached_property
    def kind(self) -> str | None:
        """The signal that an issue of this type is, if it is one at all."""
        return next((kind for kind, words in _KINDS.items() if says([self.type], words)), None)

    @cached_property
    def severity(self) -> Severity:
        return judge("priority", text(self.fields, "priority", "name"))

    @cached_property
    def is_done(self) -> bool:
        category = word(self.fields, "status", "statusCategory", "key")
        return category == "done" if category else word(self.fields, "status", "name") in _DONE

    @cached_property
    def url(self) -> str | None:
        """The page of the issue: a webhook only carries the address of its REST resource."""
        key, address = text(self.payload, "issue", "key"), text(self.payload, "issue", "self")
        try:
            parsed = urlsplit(address or "")
        except ValueError:
            return None
        if not key or parsed.scheme not in ("http", "https") or not parsed.netloc.isprintable():
            return None
        return f"{parsed.scheme}://{parsed.netloc}/browse/{quote(key)}" if " " not in parsed.netloc else None

    def observe(
        self, kind: str, severity: Severity, state: str, at: datetime | None, thing: str = "Work"
    ) -> Observation:
        """An observation about this issue."""
        person = text(self.fields, "assignee", "emailAddress")
        return observe(
            kind,
            severity,
            place=self.project or "a Jira project",
            state=state,
            thing=thing,
            at=at,
            url=self.url,
            facts={"project": self.project, "issue_type": self.type, "person": person},
            attributes={"project": self.project, "priority": text(self.fields, "priority", "name"), "state": state},
        )


def _read_created(issue: Issue) -> Reading:
    if issue.kind is None:
        return Ignored(f"a new {issue.type} is planned work, not trouble")
    created_at = moment(issue.fields, "created") or milliseconds(issue.payload, "timestamp")
    return Mapped((issue.observe(issue.kind, issue.severity, "reported", created_at),))


def _read_updated(issue: Issue) -> Reading:
    at = milliseconds(issue.payload, "timestamp") or moment(issue.fields, "updated")
    changes = {word(item, "field"): item for item in parts(part(issue.payload, "changelog"), "items")}
    observations = (
        *_observe_reopening(issue, changes, at),
        *_observe_priority(issue, changes, at),
        *_observe_postponement(issue, changes, at),
        *_observe_late_end(issue, changes, at),
    )
    if observations:
        return Mapped(observations)
    return Ignored(f"a change of {', '.join(sorted(changes)) or 'comments'} is no sign of trouble")


Changes = Mapping[str, Mapping[str, Any]]


def _observe_reopening(issue: Issue, changes: Changes, at: datetime | None) -> Iterator[Observation]:
    status, resolution = part(changes, "status"), part(changes, "resolution")
    was_done = word(status, "fromString") in _DONE
    lost_resolution = bool(text(resolution, "fromString")) and not text(resolution, "toString")
    if (was_done or lost_resolution) and not issue.is_done:
        yield issue.observe(issue.kind or kinds.QUALITY_DEFECT, issue.severity, "reopened", at)


def _observe_priority(issue: Issue, changes: Changes, at: datetime | None) -> Iterator[Observation]:
    before = severity_of(text(part(changes, "priority"), "fromString"))
    after = severity_of(text(part(changes, "priority"), "toString"))
    if issue.kind and after is not None and after > (NEUTRAL if before is None else before):
        yield issue.observe(issue.kind, Severity(after), "raised in priority", at)


def _observe_postponement(issue: Issue, changes: Changes, at: datetime | None) -> Iterator[Observation]:
    before, after = _day(part(changes, "duedate"), "from"), _day(part(changes, "duedate"), "to")
    if before and after and after > before:
        days = (after - before).days
        yield issue.observe(kinds.DELIVERY_DELAYED, severity_of_delay(days), f"was put off by {_days(days)}", at)


def _observe_late_end(issue: Issue, changes: Changes, at: datetime | None) -> Iterator[Observation]:
    due = _day(issue.fields, "duedate")
    if "status" not in changes or not issue.is_done or due is None or at is None or at.date() <= due:
        return
    days = (at.date() - due).days
    yield issue.observe(kinds.DELIVERY_DELAYED, severity_of_delay(days), f"was done {_days(days)} late", at)


def _day(payload: Mapping[str, Any], name: str) -> date | None:
    try:
        return date.fromisoformat((text(payload, name) or "")[:10])
    except ValueError:
        return None


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


CONNECTOR = Connector("jira", Hmac("x-hub-signature", hexadecimal("sha256=")), read)
