"""Issues that are trouble, work that comes late, and a product that nobody pays for any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.github.builds import read_dequeued
from kinetic.ingestion.connectors.github.repository import place_of, repository_facts, repository_of
from kinetic.ingestion.connectors.marks import kind_of
from kinetic.ingestion.connectors.observing import observe
from kinetic.ingestion.connectors.payloads import link, moment, part, parts, text, word
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Observation, Reading
from kinetic.ingestion.connectors.severities import NEUTRAL, Severity, severity_of, worst_of
from kinetic.ingestion.connectors.work_items import (
    WorkItem,
    change_priority,
    day_of,
    end,
    label_fact,
    move_date,
    reopen,
    report,
    take_long,
    told,
)

_SAYING = frozenset({"opened", "labeled", "typed", "reopened"})
_SAME_MOMENT = timedelta(seconds=10)


def read_issue(payload: Any) -> Reading:
    """An issue that is a defect, an incident or a security matter by its labels or type."""
    issue, action = part(payload, "issue"), word(payload, "action")
    if action not in _SAYING:
        return Ignored(f"an issue that is {action or 'without action'} is not new trouble")
    if "pull_request" in issue:
        return Ignored("a pull request is told by its own event")
    if action in ("labeled", "typed") and _is_being_opened(issue):
        return Ignored("labels set while an issue is opened are told by its opening")
    return told(_observe(payload, action), "nothing marks the issue as a defect, an incident or a security matter")


def _observe(payload: Any, action: str) -> Iterator[Observation]:
    issue = part(payload, "issue")
    labels = [name for label in parts(issue, "labels") if (name := text(label, "name"))]
    issue_type, label = text(issue, "type", "name") or "", text(payload, "label", "name") or ""
    if action == "labeled":
        # a second label on a known bug does not report the bug again
        severity = severity_of(label)
        yield from report(_item(payload, [label], labels))
        if kind_of([label]) is None and severity is not None:
            yield from change_priority(_item(payload, [issue_type, *labels], labels), None, Severity(severity))
        return
    item = _item(payload, [issue_type] if action == "typed" else [issue_type, *labels], labels)
    if action != "reopened":
        yield from report(item)
    elif item.kind:
        yield from reopen(item)


def _item(payload: Any, marks: list[str], labels: list[str]) -> WorkItem:
    issue = part(payload, "issue")
    return WorkItem(
        place=place_of(payload),
        kind=kind_of(marks),
        severity=Severity(worst_of(labels)),
        at=moment(issue, "created_at") if word(payload, "action") == "opened" else moment(issue, "updated_at"),
        url=link(issue, "html_url"),
        facts={**repository_facts(payload), "label": label_fact(labels)},
        attributes={"repository": repository_of(payload), "event": "issues"},
    )


def _is_being_opened(issue: Any) -> bool:
    created_at, updated_at = moment(issue, "created_at"), moment(issue, "updated_at")
    return created_at is not None and updated_at is not None and updated_at - created_at < _SAME_MOMENT


def read_pull_request(payload: Any) -> Reading:
    """A change that was merged a week or more after it was proposed, or that the merge queue threw out."""
    pull, action = part(payload, "pull_request"), word(payload, "action")
    if action == "dequeued":
        return read_dequeued(payload)
    if action != "closed":
        return Ignored("a pull request says something about the team's pace when it is merged")
    merged_at = moment(pull, "merged_at")
    item = _plan(payload, merged_at, link(pull, "html_url"), "pull_request")
    return take_long(item, moment(pull, "created_at"), merged_at, "A pull request")


def read_milestone(payload: Any) -> Reading:
    """A milestone that was put off, or reached after its date."""
    milestone, action = part(payload, "milestone"), word(payload, "action")
    due_at, closed_at = moment(milestone, "due_on"), moment(milestone, "closed_at")
    at = closed_at if action == "closed" else moment(milestone, "updated_at")
    item = _plan(payload, at, link(milestone, "html_url"), "milestone")
    if action == "closed":
        late = end(item, day_of(due_at), day_of(closed_at), "A milestone")
        return told(late, "a milestone without date, or reached in time, is not late")
    before = moment(part(payload, "changes", "due_on"), "from")
    put_off = move_date(item, day_of(before), day_of(due_at), "A milestone") if action == "edited" else ()
    return told(put_off, f"a milestone that is {action or 'without action'} is not late")


def _plan(payload: Any, at: datetime | None, url: str | None, event: str) -> WorkItem:
    return WorkItem(
        place=place_of(payload),
        kind=None,
        severity=Severity(NEUTRAL),
        at=at,
        url=url,
        facts=repository_facts(payload),
        attributes={"repository": repository_of(payload), "event": event},
    )


def read_marketplace_purchase(payload: Any) -> Reading:
    """A customer of the Marketplace who leaves. Who it is does not get in."""
    action, plan = word(payload, "action"), text(part(payload, "marketplace_purchase", "plan"), "name")
    if action != "cancelled":
        return Ignored(f"a purchase that is {action or 'without action'} is no loss")
    lost = observe(
        kinds.SALES_LOST,
        Severity(NEUTRAL),
        place="the GitHub Marketplace",
        state="cancelled",
        at=moment(payload, "effective_date"),
        url=None,
        facts={"product": plan},
        attributes={"product": plan, "state": "cancelled"},
    )
    return Mapped((lost,))
