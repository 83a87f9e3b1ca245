"""New Relic: issues that become active, grow or get a high priority; incidents of the older alerts.

New Relic signs nothing. The webhook carries the integration's secret: in the destination (*Alerts*, *Destinations*, *Webhook*) as
a bearer token, as basic password, or as the custom header `X-Kinetic-Token`. A workflow sends the default template, to which
lines for what rules shall find the team by may be added::

    "team": {{ json accumulations.tag.team.[0] }}, "service": …, "environment": …, "project": …

| what happened | signal | severity |
|---|---|---|
| the issue is created or activated, or an incident is added to it; older: the incident opens | `service.incident` | by priority or severity |
| its priority changes to a high one | `service.incident` | by priority |

What a user does to an issue (`USER_ACTION`), issues that are muted, and tests of the destination are no trouble.

Priorities: CRITICAL 1.0, HIGH 0.75, MEDIUM 0.5, LOW 0.25. Severities of the older form: CRITICAL 1.0, WARNING 0.5, INFO 0.25.
Facts: policy, condition (`alert`), workflow (`integration`), account, and the service, which is the impacted entity if not said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.labels import facts_of
from kinetic.ingestion.connectors.observing import observe
from kinetic.ingestion.connectors.once import once
from kinetic.ingestion.connectors.payloads import flag, link, part, parts, text, texts, unix_time, word
from kinetic.ingestion.connectors.protocol import Connector, Headers, Ignored, Mapped, Reading
from kinetic.ingestion.connectors.severities import NEUTRAL, Scale, Severity
from kinetic.ingestion.connectors.signatures import Token

_PRIORITY = Scale(
    "priority",
    {"critical": 1.0, "high": 0.75, "medium": 0.5, "low": 0.25, "warning": 0.5, "warn": 0.5, "info": 0.25},
)
_STATE = Scale("state", {})
_OPEN = frozenset({"activated", "active", "created", "open", "opened"})
_REASONS = {
    "": "a payload without state says nothing",
    "acknowledged": "somebody is at work on it",
    "closed": "what is closed is no trouble any more",
    "deactivated": "what is deactivated is no trouble any more",
    "resolved": "what is resolved is no trouble any more",
    "test": "a test of the destination is no trouble",
}
_TRIGGERS = {
    "close_inactive": _REASONS["closed"],
    "close_ttl": _REASONS["closed"],
    "incident_closed": "an incident that ends within an issue is no new trouble",
    "merge_request": "issues that are merged are no new trouble",
    "user_action": _REASONS["acknowledged"],
}
_CHANGES = frozenset({"incident_added", "priority_changed"})
_BEGINS = ("createdAt", "activatedAt", "timestamp")
_FACTS = ("team", "service", "environment", "project")
_PER_SECOND = 1000


@dataclass(frozen=True)
class Issue:
    """An issue, or an incident of the older form."""

    payload: Any

    @once
    def state(self) -> str:
        return word(self.payload, "state") or word(self.payload, "current_state")

    @once
    def priority(self) -> str | None:
        return text(self.payload, "priority") or text(self.payload, "severity")

    @once
    def severity(self) -> Severity:
        return _PRIORITY.of(self.priority) if self.state in _OPEN else _STATE.of(self.state)

    @once
    def trigger(self) -> str:
        """Why an issue is told, e.g. ``state_change``; the older form does not say."""
        return word(self.payload, "trigger") or word(self.payload, "triggerEvent")

    @property
    def reason(self) -> str | None:
        """Why this is no new trouble, if it is none."""
        if self.state in _REASONS or self.trigger in _TRIGGERS:
            return _REASONS.get(self.state) or _TRIGGERS[self.trigger]
        if flag(self.payload, "isAcknowledged"):
            return _REASONS["acknowledged"]
        if word(self.payload, "mutingState") in ("muted", "fully_muted"):
            return "a muted issue is meant to be quiet"
        if self.trigger == "priority_changed" and self.severity.value <= NEUTRAL:
            return "a priority that is not high is no new trouble"
        return None

    @property
    def at(self) -> datetime | None:
        names = ("updatedAt", *_BEGINS) if self.trigger in _CHANGES else _BEGINS
        times = (unix_time(self.payload, name, per_second=_PER_SECOND) for name in names)
        return next((time for time in times if time), None)

    @once
    def facts(self) -> Mapping[str, str | None]:
        target = next(iter(parts(self.payload, "targets")), {})
        labelled, said = facts_of(part(target, "labels")), facts_of(self.payload)
        entity = _first(texts(self.payload, "impactedEntities")) or text(target, "name")
        return {
            **labelled,
            **{name: said.get(name) or labelled.get(name) for name in _FACTS},
            "service": said.get("service") or labelled.get("service") or entity,
            "policy": _first(texts(self.payload, "alertPolicyNames")) or text(self.payload, "policy_name"),
            "alert": _first(texts(self.payload, "alertConditionNames")) or text(self.payload, "condition_name"),
            "integration": text(self.payload, "workflowName"),
            "account": text(self.payload, "account_name"),
        }

    @property
    def url(self) -> str | None:
        names = ("issueUrl", "issuePageUrl", "incident_url")
        return next((found for name in names if (found := link(self.payload, name))), None)


def read(headers: Headers, payload: Any) -> Reading:
    """What a notification of New Relic means, of either form. The payload alone says everything."""
    del headers
    issue = Issue(payload)
    reason = issue.reason
    if reason is not None:
        return Ignored(reason)
    facts = issue.facts
    observation = observe(
        kinds.SERVICE_INCIDENT,
        issue.severity,
        place=facts["service"] or facts["policy"] or "what New Relic watches",
        state="reported",
        at=issue.at,
        url=issue.url,
        facts=facts,
        attributes={
            "priority": issue.priority,
            **{name: facts[name] for name in ("service", "policy", "alert", "environment")},
        },
    )
    return Mapped((observation,))


def _first(names: list[str]) -> str | None:
    return names[0] if names else None


CONNECTOR = Connector("newrelic", Token(), read)
