"""Opsgenie, and the operations of Jira Service Management that follow it: alerts that are created, escalated or left to wait.

Opsgenie signs nothing. The webhook carries the integration's secret: in the webhook integration (*Settings*, *Integrations*,
*Webhook*) under *Custom headers*, `X-Kinetic-Token` with the secret. *Add alert details to payload* gives rules more to find
the team by.

| action | signal | severity |
|---|---|---|
| `Create` | `service.incident` | by priority |
| `Escalate`, `EscalateToNext`, `EscalateNext`: nobody took it | `service.incident` | by priority |
| `UnAcknowledge`: nobody is at work on it any more | `service.incident` | by priority |
| `UpdatePriority` from a lower priority | `service.incident` | by the new priority |

An incident that comes instead of an alert is read in the same way. Priorities: P1 1.0, P2 0.75, P3 0.5, P4 0.25, P5 0.1, as words or as numbers. Facts: the integration, the team that responds
(its name, else its id), the person to whom an alert is escalated or assigned, and what details and tags such as
`service:checkout` say. Without a service the alert's entity is the service. Opsgenie gives no address of the alert's page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.labels import facts_of, labels_of
from kinetic.ingestion.connectors.observing import observe
from kinetic.ingestion.connectors.once import once
from kinetic.ingestion.connectors.payloads import (
    email,
    first_part,
    identifier,
    part,
    parts,
    text,
    texts,
    unix_time,
    word,
)
from kinetic.ingestion.connectors.protocol import Connector, Headers, Ignored, Mapped, Reading
from kinetic.ingestion.connectors.severities import Scale, Severity, ranks
from kinetic.ingestion.connectors.signatures import Token

_PRIORITY = Scale("priority", ranks("p", ""))
_STATES = {
    "create": "reported",
    "escalate": "escalated",
    "escalatenext": "escalated",
    "escalatetonext": "escalated",
    "unacknowledge": "unacknowledged",
    "updatepriority": "raised in priority",
}
_REASONS = {
    "acknowledge": "somebody is at work on the alert",
    "close": "a closed alert is no trouble any more",
    "delete": "a deleted alert is no trouble any more",
    "updatepriority": "a priority that is not raised is no new trouble",
}
_MILLISECONDS, _NANOSECONDS = 10**3, 10**9


@dataclass(frozen=True)
class Action:
    """What somebody or something did to an alert."""

    payload: Any

    @once
    def alert(self) -> Mapping[str, Any]:
        return first_part(self.payload, ("alert", "incident"))

    @once
    def name(self) -> str:
        return word(self.payload, "action")

    @once
    def priority(self) -> str | None:
        return identifier(self.alert, "priority")

    @once
    def severity(self) -> Severity:
        return _PRIORITY.of(self.priority)

    @property
    def state(self) -> str | None:
        """What to say of the alert; None when the action is no sign of new trouble."""
        if self.name == "updatepriority" and not self._is_raised:
            return None
        return _STATES.get(self.name)

    @property
    def _is_raised(self) -> bool:
        before = _PRIORITY.of(identifier(self.alert, "oldPriority") or identifier(self.payload, "oldPriority"))
        return bool(self.priority) and not self.severity.unknown and self.severity.value > before.value

    @property
    def at(self) -> datetime | None:
        """When it was created or changed: Opsgenie writes the one in milliseconds, the other in nanoseconds."""
        created_at = unix_time(self.alert, "createdAt", per_second=_MILLISECONDS)
        changed_at = unix_time(self.alert, "updatedAt", per_second=_NANOSECONDS)
        return created_at if self.name == "create" else changed_at

    @once
    def facts(self) -> Mapping[str, str | None]:
        details = part(self.alert, "details") or part(self.payload, "details")
        labelled = facts_of({**labels_of(texts(self.alert, "tags")), **details})
        return {
            **labelled,
            "service": labelled.get("service") or text(self.alert, "entity"),
            "team": labelled.get("team") or next(self._teams(), None),
            "integration": text(self.payload, "integrationName"),
            "person": self._person or labelled.get("person"),
        }

    def _teams(self) -> Iterator[str]:
        """The teams that respond, names before ids."""
        notified = part(self.payload, "escalationNotify")
        for one in (notified, *parts(self.alert, "responders"), *parts(self.alert, "teams")):
            if word(one, "type") == "team" or word(one, "entity") == "team" or "type" not in one:
                yield from filter(None, (text(one, "name"), identifier(one, "id")))
        yield from (*texts(self.alert, "team"), *texts(self.alert, "teams"))

    @property
    def _person(self) -> str | None:
        notified = part(self.payload, "escalationNotify")
        escalated_to = email(notified, "name") if word(notified, "entity") == "user" else None
        return escalated_to or email(self.alert, "owner")


def read(headers: Headers, payload: Any) -> Reading:
    """What a webhook of Opsgenie means. The payload alone says everything."""
    del headers
    action = Action(payload)
    state = action.state
    if state is None:
        name = text(payload, "action") or "a payload without action"
        return Ignored(_REASONS.get(action.name, f"{name} is no new trouble"))
    observation = observe(
        kinds.SERVICE_INCIDENT,
        action.severity,
        place=action.facts["service"] or action.facts["integration"] or "an Opsgenie integration",
        state=state,
        at=action.at,
        url=None,
        facts=action.facts,
        attributes={
            "service": action.facts["service"],
            "integration": action.facts["integration"],
            "priority": action.priority,
            "state": state,
        },
    )
    return Mapped((observation,))


CONNECTOR = Connector("opsgenie", Token(), read)
