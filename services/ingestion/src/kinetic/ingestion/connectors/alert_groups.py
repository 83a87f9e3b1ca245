"""Groups of alerts, as Alertmanager and Grafana send them: one webhook for all alerts that belong together.

| what happened | signal | severity |
|---|---|---|
| alerts of a rule fire | `service.incident` | the worst label `severity` |
| of a rule about a service level (a label `slo`, `sloth_slo`, `grafana_slo_uuid`, or a burnt error budget) | `service.breached` | the same |

All alerts of one rule in a group are one observation: a rule that fires for forty pods is one incident, since its first alert
started. Severities: critical, page, fatal, emergency, P0, P1 1.0; error, high, major, P2 0.75; warning, ticket, P3 0.5; minor,
info, P4 0.25; debug, P5 0.1. Alerts with the severity none, such as Watchdog, always fire to show that alerting works: they are
ignored. So are those that somebody suppressed, and those that are pending.

Facts are the labels that all firing alerts of the group share, so the tool should group by the labels that rules ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.labels import facts_of
from kinetic.ingestion.connectors.observing import observe, together
from kinetic.ingestion.connectors.payloads import link, moment, part, parts, text, word
from kinetic.ingestion.connectors.protocol import Ignored, Observation, Reading
from kinetic.ingestion.connectors.severities import Scale, Severity, ranks

SEVERITY: Final = Scale(
    "severity",
    {
        **ranks("p", "sev", "sev-", "s"),
        **dict.fromkeys(("p0", "sev0", "sev-0", "s0"), 1.0),
        **dict.fromkeys(("critical", "crit", "page", "fatal", "emergency", "disaster", "blocker", "urgent"), 1.0),
        **dict.fromkeys(("error", "high", "major", "alert"), 0.75),
        **dict.fromkeys(("warning", "warn", "ticket", "medium", "moderate", "average", "normal"), 0.5),
        **dict.fromkeys(("info", "information", "informational", "notice", "minor", "low"), 0.25),
        **dict.fromkeys(("debug", "trivial"), 0.1),
    },
)
_SEVERITY_LABELS: Final = ("severity", "sloth_severity", "grafana_slo_severity", "priority", "level")
_SERVICE_LEVEL_LABELS: Final = ("slo", "sloth_slo", "sloth_id", "grafana_slo_uuid")
_SERVICE_LEVEL_RULE: Final = "errorbudgetburn"
_ALWAYS_FIRING: Final = frozenset({"watchdog", "deadmansswitch", "infoinhibitor"})
_ENDED: Final = frozenset({"resolved", "ok", "normal", "inactive"})
_QUIET: Final = frozenset({"suppressed", "muted", "silenced", "pending"})


class Alert(NamedTuple):
    """One alert of a group. `rule` is the name of the rule that fired."""

    labels: Mapping[str, Any]
    rule: str | None
    status: str
    payload: Mapping[str, Any]

    @property
    def severity(self) -> Severity:
        if self.status not in ("", "firing"):
            return Scale("status", {}).of(self.status)
        return severity_of_labels(self.labels)

    @property
    def is_trouble(self) -> bool:
        shows_that_alerting_works = (
            word(self.labels, "alertname") in _ALWAYS_FIRING or word(self.labels, "severity") == "none"
        )
        return self.status not in _ENDED and self.status not in _QUIET and not shows_that_alerting_works

    @property
    def is_about_a_service_level(self) -> bool:
        return is_about_a_service_level(self.labels, self.rule)


def severity_of_labels(labels: Mapping[str, Any]) -> Severity:
    """How bad the label for it says that an alert is."""
    return SEVERITY.of(next((found for name in _SEVERITY_LABELS if (found := text(labels, name))), None))


def is_about_a_service_level(labels: Mapping[str, Any], rule: str | None) -> bool:
    """Whether labels or name of a rule say that it watches a service level."""
    if rule and _SERVICE_LEVEL_RULE in rule.lower():
        return True
    return not labels.keys().isdisjoint(_SERVICE_LEVEL_LABELS) and any(
        text(labels, name) for name in _SERVICE_LEVEL_LABELS
    )


def read_group(payload: Any, watcher: str, ignored: Callable[[Alert], bool] = lambda alert: False) -> Reading:
    """What a group of alerts means. `watcher` stands for what has no name; alerts that are `ignored` say nothing."""
    alerts = [_alert(payload, alert) for alert in parts(payload, "alerts")]
    rules: dict[str | None, list[Alert]] = {}
    for alert in alerts:
        if alert.is_trouble and not ignored(alert):
            rules.setdefault(alert.rule, []).append(alert)
    if rules:
        return together([_observe(payload, firing, watcher) for firing in rules.values()])
    if not alerts:
        return Ignored("a payload without alerts says nothing")
    return Ignored(_why_no_trouble({alert.status for alert in alerts}))


def _why_no_trouble(statuses: set[str]) -> str:
    if statuses <= _ENDED:
        return "resolved alerts are no trouble any more"
    if statuses <= _ENDED | _QUIET:
        return "alerts that are suppressed or pending are meant to be quiet"
    return "alerts that only show that alerting works are no trouble"


def _alert(payload: Any, alert: Mapping[str, Any]) -> Alert:
    labels = part(alert, "labels")
    # Grafana names its own rules for missing data in the place of the rule that had none
    rule = text(labels, "rulename") or text(labels, "alertname")
    return Alert(labels, rule, word(alert, "status") or word(payload, "status"), alert)


def _observe(payload: Any, firing: Sequence[Alert], watcher: str) -> Observation:
    first, is_breach = firing[0], firing[0].is_about_a_service_level
    facts = _shared([facts_of(alert.labels) for alert in firing])
    started_at = [at for alert in firing if (at := moment(alert.payload, "startsAt"))]
    return observe(
        kinds.SERVICE_BREACHED if is_breach else kinds.SERVICE_INCIDENT,
        _worst([alert.severity for alert in firing]),
        place=facts.get("service") or facts.get("namespace") or facts.get("job") or watcher,
        state="missed" if is_breach else "reported",
        at=min(started_at, default=None),
        url=link(first.payload, "generatorURL") or link(first.payload, "panelURL") or link(payload, "externalURL"),
        facts={**facts, "alert": first.rule, "integration": text(payload, "receiver")},
        attributes={"alert": first.rule, "service": facts.get("service"), "environment": facts.get("environment")},
    )


def _shared(facts: Sequence[Mapping[str, str | None]]) -> dict[str, str | None]:
    first, *others = facts
    if not others:
        return dict(first)
    return {name: value for name, value in first.items() if all(other.get(name) == value for other in others)}


def _worst(severities: Sequence[Severity]) -> Severity:
    unknown = {word for severity in severities for word in severity.unknown}
    return Severity(max(severity.value for severity in severities), tuple(sorted(unknown)))
