"""Linear: defects and incidents, missed service levels, work that comes back or is late, projects that are at risk.

Signature: `Linear-Signature`, an HMAC-SHA256 of the raw body, which holds the time as `webhookTimestamp`. The secret is
Linear's: *Settings, API, Webhooks* shows it when the webhook is created.

| type | signal | severity |
|---|---|---|
| `Issue` created with, or given a label such as Bug, Incident, Security or Complaint | by label | by priority |
| its priority raised | the same | by the new priority |
| completed `Issue` opened again | by label, else `quality.defect` | by priority |
| due date of an `Issue` put off, or passed when it is completed | `delivery.delayed` | by days |
| `IssueSLA` breached | `service.breached` | by priority |
| target date of a `Project` put off, or passed when it is completed | `delivery.delayed` | by days |
| `ProjectUpdate`, `InitiativeUpdate` at risk, off track, or edited to be | `delivery.delayed` | 0.5, 0.75 |

Priorities: Urgent 1.0, High 0.75, Medium and none 0.5, Low 0.25.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.marks import kind_of
from kinetic.ingestion.connectors.payloads import (
    email,
    identifier,
    link,
    milliseconds,
    moment,
    part,
    parts,
    text,
    text_of,
    texts,
    word,
)
from kinetic.ingestion.connectors.protocol import Connector, Headers, Ignored, Mapped, Observation, Reading, Webhook
from kinetic.ingestion.connectors.severities import NEUTRAL, Scale, Severity
from kinetic.ingestion.connectors.signatures import Hmac, in_milliseconds, without_counters
from kinetic.ingestion.connectors.work_items import (
    WorkItem,
    change_priority,
    day_in,
    end,
    label_fact,
    move_date,
    reopen,
    report,
    told,
)

_PRIORITY = Scale("priority", {"0": NEUTRAL, "1": 1.0, "2": 0.75, "3": 0.5, "4": 0.25})
_HEALTH = {"atrisk": "is at risk", "offtrack": "is off track"}
_SEVERITY_OF_HEALTH = Scale("health", {"atrisk": 0.5, "offtrack": 0.75})
_ENDED = frozenset({"completed", "canceled", "duplicate"})
_TELLING = frozenset({"labelIds", "priority", "completedAt", "dueDate"})
_NO_SIGN = "what was changed of the issue is no sign of trouble"
_TIME = re.compile(rb'"webhookTimestamp"\s*:\s*(\d{12,14})\b')


def read(headers: Headers, payload: Any) -> Reading:
    """What a webhook of Linear means. The payload alone says everything."""
    del headers
    kind, action = word(payload, "type"), word(payload, "action")
    reader = _READERS.get((kind, action))
    return reader(payload) if reader else Ignored(f"{kind or 'something without type'} {action} is no sign of trouble")


def _read_issue_created(payload: Any) -> Reading:
    issue = part(payload, "data")
    if kind_of(_labels(issue)) is None:
        return Ignored("nothing marks the issue as a defect, an incident or a security matter")
    return told(report(_issue(payload, issue)), "")


def _read_issue_updated(payload: Any) -> Reading:
    before = part(payload, "updatedFrom")
    if _TELLING.isdisjoint(before):
        return Ignored(_NO_SIGN)
    issue = part(payload, "data")
    item = _issue(payload, issue)
    observations = (
        *_observe_labels(issue, before, item),
        *_observe_priority(issue, before, item),
        *_observe_state(issue, before, item),
        *_observe_date(issue, before, "dueDate", item),
    )
    return told(observations, _NO_SIGN)


def _observe_labels(issue: Any, before: Mapping[str, Any], item: WorkItem) -> Iterator[Observation]:
    if "labelIds" not in before:
        return
    known = set(texts(before, "labelIds"))
    added = [
        name for label in parts(issue, "labels") if text(label, "id") not in known and (name := text(label, "name"))
    ]
    if kind_of(added):
        yield from report(item)


def _observe_priority(issue: Any, before: Mapping[str, Any], item: WorkItem) -> Iterator[Observation]:
    former = identifier(before, "priority")
    if former is not None:
        yield from change_priority(item, _PRIORITY.of(former).value, _PRIORITY.of(identifier(issue, "priority")))


def _observe_state(issue: Any, before: Mapping[str, Any], item: WorkItem) -> Iterator[Observation]:
    if text(before, "completedAt") and word(issue, "state", "type") not in _ENDED:
        yield from reopen(item)
    if "completedAt" in before and not text(before, "completedAt"):
        yield from end(item, day_in(text(issue, "dueDate")), day_in(text(issue, "completedAt")))


def _observe_date(
    thing: Any, before: Mapping[str, Any], name: str, item: WorkItem, called: str = "Work"
) -> Iterator[Observation]:
    yield from move_date(item, day_in(text(before, name)), day_in(text(thing, name)), called)


def _read_service_level(payload: Any) -> Reading:
    issue = part(payload, "issueData") or part(payload, "data", "issue") or part(payload, "data")
    item = _issue(payload, issue)
    return Mapped((item.becomes(kinds.SERVICE_BREACHED, item.severity, "missed"),))


def _read_project_updated(payload: Any) -> Reading:
    project, before = part(payload, "data"), part(payload, "updatedFrom")
    item, completed = _project(payload, project), day_in(text(project, "completedAt"))
    has_ended = "completedAt" in before and not text(before, "completedAt")
    observations = (
        *_observe_date(project, before, "targetDate", item, "A project"),
        *end(item, day_in(text(project, "targetDate")), completed if has_ended else None, "A project"),
    )
    return told(observations, "a project that is not put off or late is no sign of trouble")


def _read_health(payload: Any) -> Reading:
    update = part(payload, "data")
    thing = "An initiative" if word(payload, "type") == "initiativeupdate" else "A project"
    health = word(update, "health")
    if health in ("", "ontrack"):
        return Ignored(f"{thing.lower()} that is {'on track' if health else 'without health'} is no sign of trouble")
    severity, state = _SEVERITY_OF_HEALTH.of(health), _HEALTH.get(health, "may be at risk")
    return Mapped(
        (_project(payload, part(update, "project") or part(update, "initiative")).delays(severity, state, thing),)
    )


def _read_health_updated(payload: Any) -> Reading:
    if "health" not in part(payload, "updatedFrom"):
        return Ignored("an update that is worded anew is no sign of trouble")
    return _read_health(payload)


_READERS: Mapping[tuple[str, str], Callable[[Any], Reading]] = {
    ("initiativeupdate", "create"): _read_health,
    ("initiativeupdate", "update"): _read_health_updated,
    ("issue", "create"): _read_issue_created,
    ("issue", "update"): _read_issue_updated,
    ("issuesla", "breached"): _read_service_level,
    ("project", "update"): _read_project_updated,
    ("projectupdate", "create"): _read_health,
    ("projectupdate", "update"): _read_health_updated,
}


def _issue(payload: Any, issue: Mapping[str, Any]) -> WorkItem:
    labels = _labels(issue)
    team = text(issue, "team", "name")
    return WorkItem(
        place=team or "Linear",
        kind=kind_of(labels),
        severity=_PRIORITY.of(identifier(issue, "priority")),
        at=moment(payload, "createdAt"),
        url=_page(payload, issue),
        facts={
            "team": team,
            "project": text(issue, "project", "name"),
            "label": label_fact(labels),
            "person": email(issue, "assignee", "email"),
        },
        attributes={"team": team, "priority": text(issue, "priorityLabel")},
    )


def _labels(issue: Mapping[str, Any]) -> list[str]:
    return [name for label in parts(issue, "labels") if (name := text(label, "name"))]


def _project(payload: Any, project: Mapping[str, Any]) -> WorkItem:
    """A project belongs to teams; payloads name them, or only give their ids."""
    teams = [name for team in parts(project, "teams") if (name := text(team, "name"))] or texts(project, "teamIds")
    return WorkItem(
        place="Linear",
        kind=None,
        severity=Severity(NEUTRAL),
        at=moment(payload, "createdAt"),
        url=_page(payload, project),
        facts={
            "project": text(project, "name"),
            "team": text_of(", ".join(teams)),
            "person": email(project, "lead", "email"),
        },
        attributes={},
    )


def _page(payload: Any, thing: Mapping[str, Any]) -> str | None:
    """The page without the title, which Linear writes into its addresses and can do without."""
    address = link(payload, "url") or link(thing, "url") or ""
    for kind in ("issue", "project", "initiative"):
        home, found, rest = address.partition(f"/{kind}/")
        if found:
            key = rest.partition("/")[0].partition("#")[0]
            return f"{home}{found}{key if kind == 'issue' else quote(text(thing, 'slugId') or key.rpartition('-')[2])}"
    return None


def _sent_at(webhook: Webhook) -> datetime | None:
    # the last one, because what people write comes before it, and cannot look like it: quotes in texts are escaped
    found = _TIME.findall(webhook.body)
    return milliseconds({"at": int(found[-1])}, "at") if found else None


def _stamp(webhook: Webhook, now: datetime) -> Webhook:
    time = f'"webhookTimestamp":{in_milliseconds(now)}'.encode()
    return replace(webhook, body=_TIME.sub(time, webhook.body))


CONNECTOR = Connector(
    "linear",
    Hmac("linear-signature", sent_at=_sent_at, stamp=_stamp, repeated=without_counters("webhookTimestamp")),
    read,
)
