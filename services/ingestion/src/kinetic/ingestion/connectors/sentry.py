"""Sentry: issues that are new or come back, alerts about them, and metric alerts.

Signature: `Sentry-Hook-Signature`, an HMAC-SHA256 of the raw body. The secret is the integration's *Client Secret*: *Settings*,
*Developer Settings*, an internal integration, where *issue* is chosen under *Webhooks*, and *Alert Rule Action* for alerts.
Sentry sends the time of a webhook, but does not sign it: a replay is told by the body. The older *WebHooks* plugin of a project
signs nothing and knows no headers: its address ends with `?token=<secret>`.

| resource | signal | severity |
|---|---|---|
| `issue` created | `quality.defect` | by level |
| `issue` unresolved: it regressed or escalates, or somebody opened it again | `quality.defect` | by level |
| the same about a cron job, an outage, a downtime or a metric | `service.incident` | by level |
| the same about what a user wrote (feedback) | `customer.dissatisfied` | by level |
| `event_alert` triggered, `error` created, any event of the plugin; not Sentry's sample event | `quality.defect` | by level |
| `metric_alert` critical, warning | `service.incident` | 1.0, 0.5 |

Levels: fatal 1.0, error 0.75, warning 0.5, info 0.25, debug 0.1. Issues and alerts about issues tell the same twice: take the
one or the other; `error` tells every single event. Facts: the project, the team or person assigned, and what tags say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.labels import facts_of
from kinetic.ingestion.connectors.observing import observe
from kinetic.ingestion.connectors.payloads import (
    email,
    identifier,
    link,
    moment,
    part,
    text,
    texts,
    unix_time,
    whole,
    word,
)
from kinetic.ingestion.connectors.protocol import Connector, Headers, Ignored, Mapped, Reading
from kinetic.ingestion.connectors.severities import Scale, Severity
from kinetic.ingestion.connectors.signatures import Choice, Hmac, Token

_LEVEL = Scale(
    "level", {"fatal": 1.0, "critical": 1.0, "error": 0.75, "warning": 0.5, "info": 0.25, "log": 0.25, "debug": 0.1}
)
_ALERT = Scale("metric alert", {"critical": 1.0, "warning": 0.5})
_ABOUT_SERVICE = frozenset({"cron", "downtime", "metric", "metric_alert", "monitor", "outage", "uptime"})
_FEEDBACK = "feedback"
_REASONS = {
    "archived": "an archived issue is not to be looked at",
    "assigned": "an assignment is no new trouble",
    "ignored": "an ignored issue is not to be looked at",
    "resolved": "what is resolved is no trouble any more",
}
_SLUG_IN_API_URL = re.compile(r"/projects/[^/]+/([^/?#]+)")

Facts = Mapping[str, str | None]


def read(headers: Headers, payload: Any) -> Reading:
    """What a webhook of Sentry means, of an integration or of the plugin. The payload alone says everything."""
    del headers
    about = part(payload, "data")
    if "issue" in about:
        return _read_issue(payload)
    if "metric_alert" in about:
        return _read_metric_alert(payload)
    if "event" in about or "error" in about:
        return _read_event(part(about, "event") or part(about, "error"))
    if "event" in whole(payload):
        return _read_plugin(payload)
    return Ignored("what is neither issue, error nor alert says nothing about a team's work")


def _read_issue(payload: Any) -> Reading:
    issue, action = part(payload, "data", "issue"), word(payload, "action")
    if action not in ("created", "unresolved"):
        return Ignored(_REASONS.get(action, f"an issue that is {action or 'without action'} is no new trouble"))
    assigned = part(issue, "assignedTo")
    by_type = word(assigned, "type")
    kind, state = _kind_of(issue), _state_of(issue, action)
    return _observed(
        kind,
        _LEVEL.of(text(issue, "level")),
        state=f"was {state}" if kind == kinds.CUSTOMER_DISSATISFIED else state,
        at=_time_of(issue, action),
        url=link(issue, "web_url") or link(issue, "permalink"),
        facts={
            "project": text(issue, "project", "slug") or text(issue, "project", "name"),
            "team": text(assigned, "name") if by_type == "team" else None,
            "person": email(assigned, "email") if by_type == "user" else None,
        },
        attributes={"level": text(issue, "level")},
    )


def _kind_of(issue: Mapping[str, Any]) -> str:
    category = word(issue, "issueCategory") or word(issue, "issueType").partition("_")[0]
    if category == _FEEDBACK:
        return kinds.CUSTOMER_DISSATISFIED
    return kinds.SERVICE_INCIDENT if category in _ABOUT_SERVICE else kinds.QUALITY_DEFECT


def _state_of(issue: Mapping[str, Any], action: str) -> str:
    if action == "created":
        return "reported"
    return "escalated" if word(issue, "substatus") == "escalating" else "reopened"


def _time_of(issue: Mapping[str, Any], action: str) -> datetime | None:
    """Sentry does not say when somebody opened an issue again, only when it was seen."""
    if action == "created":
        return moment(issue, "firstSeen")
    return moment(issue, "lastSeen") if word(issue, "substatus") in ("regressed", "escalating") else None


def _read_metric_alert(payload: Any) -> Reading:
    alert, action = part(payload, "data", "metric_alert"), word(payload, "action")
    if action in ("resolved", ""):
        return Ignored(_REASONS["resolved"] if action else "a metric alert without action says nothing")
    projects = texts(alert, "projects") or texts(alert, "alert_rule", "projects")
    return _observed(
        kinds.SERVICE_INCIDENT,
        _ALERT.of(action),
        state="reported",
        at=moment(alert, "date_started") or moment(alert, "date_detected") or moment(alert, "date_created"),
        url=link(payload, "data", "web_url"),
        facts={
            "project": projects[0] if len(projects) == 1 else None,
            "environment": text(alert, "alert_rule", "environment"),
            "alert": text(alert, "alert_rule", "name"),
        },
        attributes={"level": action},
    )


def _read_event(event: Mapping[str, Any]) -> Reading:
    """An event of which an alert or an error tells."""
    slug = _SLUG_IN_API_URL.search(link(event, "url") or "")
    project = slug.group(1) if slug else identifier(event, "project")
    return _read_any_event(event, event, project, link(event, "web_url"))


def _read_plugin(payload: Any) -> Reading:
    project = text(payload, "project_slug") or text(payload, "project") or text(payload, "project_name")
    return _read_any_event(part(payload, "event"), payload, project, link(payload, "url"))


def _read_any_event(event: Mapping[str, Any], issue: Any, project: str | None, url: str | None) -> Reading:
    tags = _tags(event)
    if word(tags, "sample_event") == "yes":
        return Ignored("a sample event of Sentry's is no defect")
    level = text(issue, "level") or text(event, "level") or text(tags, "level")
    facts = facts_of(tags)
    return _observed(
        kinds.QUALITY_DEFECT,
        _LEVEL.of(level),
        state="reported",
        at=moment(event, "datetime") or unix_time(event, "timestamp") or unix_time(event, "received"),
        url=url,
        facts={**facts, "project": project, "environment": text(event, "environment") or facts.get("environment")},
        attributes={"level": level},
    )


def _tags(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Sentry writes tags as pairs."""
    tags = event.get("tags")
    pairs = tags if isinstance(tags, list) else []
    return {tag[0]: tag[1] for tag in pairs if isinstance(tag, list) and len(tag) == 2 and isinstance(tag[0], str)}


def _observed(
    kind: str, severity: Severity, *, state: str, at: datetime | None, url: str | None, facts: Facts, attributes: Facts
) -> Mapped:
    project = facts.get("project")
    observation = observe(
        kind,
        severity,
        place=project or "a Sentry project",
        state=state,
        thing="What a user wrote",
        at=at,
        url=url,
        facts=facts,
        attributes={
            "project": project,
            "state": state.removeprefix("was "),
            "environment": facts.get("environment"),
            **attributes,
        },
    )
    return Mapped((observation,))


CONNECTOR = Connector(
    "sentry",
    Choice("sentry-hook-signature", signed=Hmac("sentry-hook-signature"), otherwise=Token(parameter="token")),
    read,
)
