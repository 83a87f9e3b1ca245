"""Statuspage: incidents that are published, come back or get worse, and components that fail.

Statuspage signs nothing and knows no headers: the address that is subscribed to the page ends with `?token=<secret>`, so that a
proxy before Kinetic should not log queries. *Manage subscribers*, *Webhook*, or *Subscribe to updates* on the page itself.

| what happened | signal | severity |
|---|---|---|
| the first update of an incident: it is investigated, or its cause is known | `service.incident` | by impact |
| a later update: it is open again after it was watched or resolved, or a component got worse | `service.incident` | by impact |
| a component gets worse | `service.incident` | by its new status |

Impacts: critical 1.0, major 0.75, minor 0.5, none 0.1. Statuses of components: major outage 1.0, partial outage 0.75, degraded
performance 0.5. Other updates repeat what was told; maintenance is planned. Facts: the page, and as service the component
concerned: of several that got worse, the first of the worst. An incident that changes components is told by both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.observing import observe
from kinetic.ingestion.connectors.payloads import link, moment, part, parts, text, whole, word
from kinetic.ingestion.connectors.protocol import Connector, Headers, Ignored, Mapped, Reading
from kinetic.ingestion.connectors.severities import Scale, Severity
from kinetic.ingestion.connectors.signatures import Token

_IMPACT = Scale("impact", {"critical": 1.0, "major": 0.75, "minor": 0.5, "none": 0.1})
_COMPONENT = Scale("component status", {"major_outage": 1.0, "partial_outage": 0.75, "degraded_performance": 0.5})
_STATUS = Scale("incident status", {})
_OPEN = frozenset({"investigating", "identified"})
_PLANNED = frozenset({"scheduled", "in_progress", "verifying", "completed"})
_OVER = {
    "": "an incident without status says nothing",
    "monitoring": "the incident is mended and watched",
    "postmortem": "a review is no new trouble",
    "resolved": "a resolved incident is no trouble any more",
}
_WELL = frozenset({"operational", "under_maintenance", ""})
_EARLIEST = datetime.min.replace(tzinfo=UTC)

Update = Mapping[str, Any]


def read(headers: Headers, payload: Any) -> Reading:
    """What a notification of Statuspage means. The payload alone says everything."""
    del headers
    if "incident" in whole(payload):
        return _read_incident(payload)
    if "component_update" in whole(payload):
        return _read_component(payload)
    return Ignored("what is neither incident nor component says nothing")


def _read_incident(payload: Any) -> Reading:
    incident = part(payload, "incident")
    status, impact = word(incident, "status"), text(incident, "impact")
    if status in _OVER:
        return Ignored(_OVER[status])
    if status in _PLANNED or (impact or "").lower() == "maintenance" or text(incident, "scheduled_for"):
        return Ignored("maintenance is planned work, not trouble")
    updates = sorted(parts(incident, "incident_updates"), key=_written_at, reverse=True)
    state = _state_of(updates)
    if state is None:
        return Ignored("an update of an incident that was told already is no new trouble")
    begun_at = moment(incident, "started_at") or moment(incident, "created_at")
    return _observed(
        payload,
        _IMPACT.of(impact) if status in _OPEN else _STATUS.of(status),
        component=_component_of(incident, updates),
        state=state,
        at=begun_at if state == "reported" else moment(updates[0], "created_at"),
        attributes={"impact": impact},
    )


def _written_at(update: Update) -> datetime:
    return moment(update, "created_at") or _EARLIEST


def _state_of(updates: Sequence[Update]) -> str | None:
    """What the newest update says that the one before did not; None when that is no new trouble."""
    if len(updates) < 2:
        return "reported"
    newest, before = updates[0], updates[1]
    if word(before, "status") in _OVER:
        return "reopened"
    return "worsened" if any(_got_worse(one) for one in parts(newest, "affected_components")) else None


def _got_worse(change: Mapping[str, Any]) -> bool:
    before, after = word(change, "old_status"), word(change, "new_status")
    return _badness(after) > _badness(before) and after not in _WELL


def _badness(status: str) -> float:
    return 0 if status in _WELL else _COMPONENT.of(status).value


def _component_of(incident: Mapping[str, Any], updates: Sequence[Update]) -> str | None:
    """The component concerned: one that the newest update made worse, else one that is not well, else any."""
    affected = [one for update in updates[:1] for one in parts(update, "affected_components")]
    candidates = (
        [(_badness(word(one, "new_status")), text(one, "name")) for one in affected if _got_worse(one)],
        [(_badness(word(one, "status")), text(one, "name")) for one in parts(incident, "components")],
        [(0.0, text(one, "name")) for one in affected],
    )
    named = next(([(badness, name) for badness, name in some if name] for some in candidates if some), [])
    return max(named, key=lambda one: one[0], default=(0.0, None))[1]


def _read_component(payload: Any) -> Reading:
    update = part(payload, "component_update")
    status = word(update, "new_status") or word(payload, "component", "status")
    if status == "under_maintenance":
        return Ignored("maintenance is planned work, not trouble")
    if not _got_worse({**update, "new_status": status}):
        return Ignored("a component that gets better is no trouble")
    return _observed(
        payload,
        _COMPONENT.of(status),
        component=text(payload, "component", "name"),
        state="reported",
        at=moment(update, "created_at"),
        attributes={"status": status},
    )


def _observed(
    payload: Any,
    severity: Severity,
    *,
    component: str | None,
    state: str,
    at: datetime | None,
    attributes: Mapping[str, str | None],
) -> Mapped:
    observation = observe(
        kinds.SERVICE_INCIDENT,
        severity,
        place=component or "a status page",
        state=state,
        at=at,
        url=link(payload, "incident", "shortlink") or link(payload, "page", "url") or _home(payload),
        facts={"service": component, "page": text(payload, "page", "id")},
        attributes={"service": component, "state": state, **attributes},
    )
    return Mapped((observation,))


def _home(payload: Any) -> str | None:
    """The page itself, of which a notification only tells where one unsubscribes. What follows its host is left out."""
    scheme, _, rest = (link(payload, "meta", "unsubscribe") or "").partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/" if rest else None


CONNECTOR = Connector("statuspage", Token(parameter="token"), read)
