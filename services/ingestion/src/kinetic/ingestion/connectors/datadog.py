"""Datadog: monitors that alert, incidents that are declared, security signals.

Datadog signs nothing. The webhook carries the integration's secret: *Integrations*, *Webhooks*, with the custom headers
`{"X-Kinetic-Token": "<secret>"}` and this payload; monitors name it as `@webhook-<name>`, incident notification rules too::

    {"event_type": "$EVENT_TYPE", "alert_transition": "$ALERT_TRANSITION", "alert_type": "$ALERT_TYPE",
     "alert_priority": "$ALERT_PRIORITY", "alert_id": "$ALERT_ID", "alert_scope": "$ALERT_SCOPE", "tags": "$TAGS",
     "date": "$DATE", "link": "$LINK", "org_name": "$ORG_NAME", "title": "$EVENT_TITLE",
     "incident_status": "$INCIDENT_STATUS", "incident_severity": "$INCIDENT_SEVERITY", "incident_url": "$INCIDENT_URL",
     "security_signal_id": "$SECURITY_SIGNAL_ID", "security_signal_severity": "$SECURITY_SIGNAL_SEVERITY"}

A key is a variable's name, in any case and with or without `_`; `ALERT_…` may also stand in an object `alert`. Datadog's
default payload is read too, where only the words in brackets before the title say what happened. Of the title nothing else is
looked at; with `[TEST]` before it, somebody only tries a monitor's notification. A webhook for incidents alone
may add `"incident_fields": $INCIDENT_FIELDS`, of which the first team and the first service become facts.

| what happened | signal | severity |
|---|---|---|
| Triggered, Warn, No Data, the same with Re-, Renotify | `service.incident` | by priority, else Triggered 0.75, others 0.5 |
| … of an SLO monitor | `service.breached` | the same |
| … of a CI monitor | `delivery.failed` | the same |
| … of an error tracking monitor | `quality.defect` | the same |
| an incident is declared, or updated while it is active | `service.incident` | SEV-1 1.0 … SEV-5 0.1 |
| a security signal | `security.finding` | critical 1.0, high 0.75, medium 0.5, low 0.25, info 0.1 |

Priorities: P1 1.0, P2 0.75, P3 0.5, P4 0.25, P5 0.1. Facts are the monitor (`alert`), the organisation and what tags say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.labels import facts_of, labels_of
from kinetic.ingestion.connectors.observing import observe
from kinetic.ingestion.connectors.once import once
from kinetic.ingestion.connectors.payloads import LONGEST_NAME, identifier_of, link, milliseconds, text_of, texts, whole
from kinetic.ingestion.connectors.protocol import Connector, Headers, Ignored, Mapped, Reading
from kinetic.ingestion.connectors.severities import NEUTRAL, Scale, Severity, ranks
from kinetic.ingestion.connectors.signatures import Token

_TRANSITION = Scale(
    "transition",
    {"triggered": 0.75, "alert": 0.75, "renotify": 0.75, "warn": NEUTRAL, "warning": NEUTRAL, "no data": NEUTRAL},
)
_PRIORITY = Scale("priority", {**ranks("p"), "low": 0.25})
_INCIDENT = Scale("incident severity", {**ranks("sev-", "sev"), "sev-0": 1.0, "sev0": 1.0, "unknown": NEUTRAL})
_STATUS = Scale("incident status", {})
_SECURITY = Scale("security severity", {"critical": 1.0, "high": 0.75, "medium": 0.5, "low": 0.25, "info": 0.1})
_ENDED = frozenset({"recovered", "resolved", "ok", "success"})
_OWN_WORDS = {*_TRANSITION.words, *_ENDED}
_OF_ALERT_TYPE = {"error": "triggered", "warning": "warn", "success": "recovered"}
_NO_INCIDENT_ANY_MORE = frozenset({"stable", "resolved", "completed"})
_UNFILLED = frozenset({"", "null", "none", "n/a", "undefined"})
_KINDS = {
    "ci_pipelines_alert": (kinds.DELIVERY_FAILED, "A pipeline", "failed"),
    "ci_tests_alert": (kinds.DELIVERY_FAILED, "A test run", "failed"),
    "error_tracking_alert": (kinds.QUALITY_DEFECT, "Work", "reported"),
    "metric_slo_alert": (kinds.SERVICE_BREACHED, "Work", "missed"),
    "monitor_slo_alert": (kinds.SERVICE_BREACHED, "Work", "missed"),
    "slo_alert": (kinds.SERVICE_BREACHED, "Work", "missed"),
}
_INCIDENT_OF_A_MONITOR = (kinds.SERVICE_INCIDENT, "Work", "reported")
_SEPARATORS = re.compile(r"[^a-z0-9]")
_TITLE = re.compile(r"^(?:\[(?P<priority>p[1-5])\]\s*)?\[(?P<transition>[a-z -]+?)(?: on [^\]]*)?\]")


def _plain(name: str) -> str:
    return _without_separators(name) if len(name) <= LONGEST_NAME else name


@lru_cache(maxsize=1024)
def _without_separators(name: str) -> str:
    """``alerttransition`` for ``alert_transition``; a template has the same names every time."""
    return _SEPARATORS.sub("", name.lower())


@dataclass(frozen=True)
class Variables:
    """What the variables of a payload say, by their names without separators: ``alerttransition``."""

    values: Mapping[str, Any]

    @staticmethod
    def of(payload: Any) -> Variables:
        """The variables of a payload. An object gives its name to what stands in it."""
        values: dict[str, Any] = {}
        for name, value in whole(payload).items():
            if isinstance(value, dict):
                for inner, one in value.items():
                    values.setdefault(_plain(name + inner), one)
            else:
                values.setdefault(_plain(name), value)
        return Variables(values)

    def said(self, *names: str) -> str | None:
        """What the first of `names` that Datadog filled in says, a text or a number."""
        for name in names:
            found = identifier_of(self.values.get(name))
            if found and not found.startswith("$") and found.lower() not in _UNFILLED:
                return found
        return None

    @once
    def transition(self) -> str | None:
        """What the monitor did, without ``Re-``: Datadog tells again what is not over."""
        said = self.said("alerttransition", "transition") or self._bracketed("transition") or self._of_alert_type
        return said.lower().removeprefix("re-") if said else None

    @once
    def priority(self) -> str | None:
        """The monitor's priority. That of the event is normal unless somebody made it low."""
        said = self.said("alertpriority", "priority") or self._bracketed("priority")
        return said if said and said.lower() != "normal" else None

    @once
    def title(self) -> str:
        return (self.said("eventtitle", "title", "alerttitle") or "").lower()

    def _bracketed(self, name: str) -> str | None:
        """What stands in brackets before the title, if it is a word of Datadog's own."""
        title = _TITLE.match(self.title)
        is_own = title is not None and title["transition"].removeprefix("re-") in _OWN_WORDS
        return title[name] if title and is_own else None

    @property
    def _of_alert_type(self) -> str | None:
        return _OF_ALERT_TYPE.get((self.said("alerttype") or "").lower())

    @property
    def at(self) -> datetime | None:
        times = (milliseconds(self.values, name) for name in ("date", "timestamp", "lastupdated"))
        return next((time for time in times if time), None)

    @property
    def url(self) -> str | None:
        links = (link(self.values, name) for name in ("incidenturl", "link", "alerturl", "eventurl", "url"))
        return next((found for found in links if found), None)

    @once
    def facts(self) -> Mapping[str, str | None]:
        facts = facts_of(labels_of([*self._tags("alertscope"), *self._tags("tags")]))
        return {
            **facts,
            "service": facts.get("service") or self._field("services") or self.said("service"),
            "team": facts.get("team") or self._field("teams") or self.said("team"),
            "alert": self.said("alertid", "monitorid"),
            "account": self.said("orgname"),
        }

    def _tags(self, name: str) -> list[str]:
        """Tags such as ``service:checkout``, as a list or between commas."""
        value = self.values.get(name)
        if isinstance(value, str):
            return [tag for one in value.split(",") if (tag := text_of(one))]
        return texts(self.values, name)

    def _field(self, name: str) -> str | None:
        return next(iter(texts(self.values, f"incidentfields{name}")), None)


def read(headers: Headers, payload: Any) -> Reading:
    """What a webhook of Datadog means. The payload alone says everything."""
    del headers
    variables = Variables.of(payload)
    if variables.said("securitysignalid", "securitysignalseverity"):
        severity = _SECURITY.of(variables.said("securitysignalseverity"))
        return _observed(variables, kinds.SECURITY_FINDING, severity)
    if variables.said("incidentstatus", "incidentseverity", "incidentpublicid", "incidenturl"):
        return _read_incident(variables)
    return _read_monitor(variables)


def _read_incident(variables: Variables) -> Reading:
    status = (variables.said("incidentstatus", "incidentfieldsstate") or "active").lower()
    if status in _NO_INCIDENT_ANY_MORE:
        return Ignored("an incident that is not active is no trouble any more")
    is_active = status == "active"
    severity = _INCIDENT.of(variables.said("incidentseverity")) if is_active else _STATUS.of(status)
    return _observed(variables, kinds.SERVICE_INCIDENT, severity)


def _read_monitor(variables: Variables) -> Reading:
    if variables.title.startswith("[test]"):
        return Ignored("somebody tries the notification of a monitor")
    transition = variables.transition
    if transition is None:
        return Ignored("a payload that does not say what a monitor did says nothing")
    if transition in _ENDED:
        return Ignored("what has recovered is no trouble any more")
    severity = _TRANSITION.of(transition)
    if variables.priority and not severity.unknown:
        severity = _PRIORITY.of(variables.priority)
    kind, thing, state = _KINDS.get((variables.said("eventtype") or "").lower(), _INCIDENT_OF_A_MONITOR)
    return _observed(variables, kind, severity, thing, state)


def _observed(
    variables: Variables, kind: str, severity: Severity, thing: str = "Work", state: str = "reported"
) -> Mapped:
    facts = variables.facts
    observation = observe(
        kind,
        severity,
        place=facts.get("service") or facts.get("team") or "what Datadog watches",
        state=state,
        thing=thing,
        at=variables.at,
        url=variables.url,
        facts=facts,
        attributes={
            "service": facts.get("service"),
            "environment": facts.get("environment"),
            "event": variables.said("eventtype"),
            "state": variables.transition,
            "priority": variables.priority,
        },
    )
    return Mapped((observation,))


CONNECTOR = Connector("datadog", Token(), read)
