"""PagerDuty: incidents that are triggered, come back, or are left to wait.

Signature: `X-PagerDuty-Signature: v1=…`, an HMAC-SHA256 of the raw body, several between commas while a secret is changed. The
webhook and its secret are made in PagerDuty under *Integrations*, *Generic Webhooks (v3)*. PagerDuty signs no time: a replay is
told by the body. Messages of the older versions 1 and 2, which PagerDuty does not sign, are read in the same way.

| event (v3; v1 and v2) | signal | severity |
|---|---|---|
| `incident.triggered`; `incident.trigger` | `service.incident` | by priority, else by urgency |
| `incident.reopened` | `service.incident` | the same |
| `incident.escalated`; `incident.escalate`: nobody took it | `service.incident` | the same |
| `incident.unacknowledged`; `incident.unacknowledge`: nobody is at work on it any more | `service.incident` | the same |
| `incident.priority_updated` to a high priority | `service.incident` | by priority |
| any of these of an incident type named as a security matter | `security.finding` | the same |
| `incident.incident_type.changed` to such a type | `security.finding` | the same |

Priorities: P0, P1 or SEV-1 1.0, P2 0.75, P3 0.5, P4 0.25, P5 0.1, whatever follows, as in *P1 - Outage* and *Severity 2*; words such
as *Critical* as everywhere. Urgencies: high 0.75, low 0.25. Facts: the incident's service, its first team, its escalation policy and, in version 1, whom it is assigned to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.observing import observe, together
from kinetic.ingestion.connectors.once import once
from kinetic.ingestion.connectors.payloads import email, link, moment, part, parts, text, word
from kinetic.ingestion.connectors.protocol import Connector, Headers, Ignored, Observation, Reading
from kinetic.ingestion.connectors.severities import NEUTRAL, Scale, Severity, judge, ranks, says
from kinetic.ingestion.connectors.signatures import Hmac, hexadecimal

_PRIORITY = Scale("priority", {"0": 1.0, **ranks("")})
_RANK = re.compile(r"(?:p|s|sev|severity|priority)[\s-]*([0-5])\b", re.IGNORECASE)
_URGENCY = Scale("urgency", {"high": 0.75, "low": 0.25})
_SECURITY = frozenset({"security"})
_STATES = {
    "trigger": "reported",
    "triggered": "reported",
    "reopen": "reopened",
    "reopened": "reopened",
    "escalate": "escalated",
    "escalated": "escalated",
    "unacknowledge": "unacknowledged",
    "unacknowledged": "unacknowledged",
    "priority_updated": "given a high priority",
    "incident_type.changed": "reported",
}
_REASONS = {
    "acknowledge": "somebody is at work on the incident",
    "acknowledged": "somebody is at work on the incident",
    "resolve": "a resolved incident is no trouble any more",
    "resolved": "a resolved incident is no trouble any more",
    "priority_updated": "a priority that is not high is no new trouble",
    "incident_type.changed": "an incident of another type was told already, if it is no security matter",
}


@dataclass(frozen=True)
class Message:
    """One event about an incident: of version 3 the whole webhook, of the older ones a part of it."""

    event: str
    at: datetime | None
    incident: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The event without ``incident.``; the whole name when it is about something else."""
        return self.event.removeprefix("incident.")

    @once
    def priority(self) -> str | None:
        return text(self.incident, "priority", "summary") or text(self.incident, "priority", "name")

    @once
    def severity(self) -> Severity:
        if self.priority is None:
            return _URGENCY.of(text(self.incident, "urgency"))
        rank = _RANK.match(self.priority)
        return _PRIORITY.of(rank[1]) if rank else judge("priority", self.priority)

    @property
    def state(self) -> str | None:
        """What to say of the incident; None when the event is no sign of new trouble."""
        if self.name == "priority_updated" and (self.priority is None or self.severity.value <= NEUTRAL):
            return None
        if self.name == "incident_type.changed" and self.kind != kinds.SECURITY_FINDING:
            return None
        return _STATES.get(self.name)

    @property
    def kind(self) -> str:
        incident_type = text(self.incident, "incident_type", "name") or ""
        return kinds.SECURITY_FINDING if says(incident_type, _SECURITY) else kinds.SERVICE_INCIDENT

    @property
    def reason(self) -> str:
        return _REASONS.get(self.name, f"{self.event or 'a message without event'} is no new trouble")

    def observe(self, state: str) -> Observation:
        service = _name_of(self.incident, "service")
        return observe(
            self.kind,
            self.severity,
            place=service or "a PagerDuty service",
            state=state,
            at=self.at,
            url=link(self.incident, "html_url"),
            facts={
                "service": service,
                "team": next((name for one in parts(self.incident, "teams") if (name := text(one, "summary"))), None),
                "escalation_policy": _name_of(self.incident, "escalation_policy"),
                "person": email(self.incident, "assigned_to_user", "email"),
            },
            attributes={
                "service": service,
                "priority": self.priority,
                "urgency": text(self.incident, "urgency"),
                "state": state,
            },
        )


def read(headers: Headers, payload: Any) -> Reading:
    """What a webhook of PagerDuty means, of any version. The payload alone says everything."""
    del headers
    messages = list(_messages(payload))
    if not messages:
        return Ignored("a payload with neither event nor messages says nothing")
    observations = [message.observe(state) for message in messages if (state := message.state)]
    return together(observations) if observations else Ignored(messages[-1].reason)


def _messages(payload: Any) -> Iterator[Message]:
    event = part(payload, "event")
    if event:
        yield Message(word(event, "event_type"), moment(event, "occurred_at"), part(event, "data"))
    for message in parts(payload, "messages"):
        incident = part(message, "incident") or part(message, "data", "incident")
        at = moment(message, "created_on") or moment(incident, "last_status_change_at")
        yield Message(word(message, "event") or word(message, "type"), at, incident)


def _name_of(incident: Mapping[str, Any], name: str) -> str | None:
    """Version 3 gives references with a summary, the older ones names."""
    return text(incident, name, "summary") or text(incident, name, "name")


CONNECTOR = Connector("pagerduty", Hmac("x-pagerduty-signature", hexadecimal("v1=")), read)
