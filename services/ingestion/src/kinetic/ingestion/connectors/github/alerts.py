"""Security alerts: open ones are findings, closed ones are the end of a matter and no signal."""

from __future__ import annotations

from typing import Any

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.github.repository import observed
from kinetic.ingestion.connectors.payloads import link, moment, part, text, word
from kinetic.ingestion.connectors.protocol import Ignored, Reading
from kinetic.ingestion.connectors.severities import Severity, judge

_OPENED = frozenset({"created", "create", "appeared_in_branch", "publicly_leaked"})
_REOPENED = frozenset({"reopened", "reopened_by_user", "reintroduced", "reopen", "auto_reopened"})
_LEAKED_SECRET = Severity(0.9)


def read_dependabot(payload: Any) -> Reading:
    """A dependency with a known vulnerability."""
    alert = part(payload, "alert")
    named = text(alert, "security_vulnerability", "severity") or text(alert, "security_advisory", "severity")
    return _read_alert(payload, "dependency", judge("severity", named))


def read_vulnerability(payload: Any) -> Reading:
    """The older form of the same."""
    return _read_alert(payload, "dependency", judge("severity", text(payload, "alert", "severity")))


def read_code_scanning(payload: Any) -> Reading:
    """A weakness that a scanner found in the code."""
    rule = part(payload, "alert", "rule")
    return _read_alert(
        payload, "code", judge("severity", text(rule, "security_severity_level") or text(rule, "severity"))
    )


def read_secret_scanning(payload: Any) -> Reading:
    """A secret that stands in the repository."""
    return _read_alert(payload, "secret", _LEAKED_SECRET)


def _read_alert(payload: Any, matter: str, severity: Severity) -> Reading:
    action, alert = word(payload, "action"), part(payload, "alert")
    if action not in _OPENED | _REOPENED:
        return Ignored(f"an alert that is {action or 'without action'} needs no more attention")
    state = "reopened" if action in _REOPENED else "reported"
    at = moment(alert, "updated_at") if state == "reopened" else None
    return observed(
        payload,
        kinds.SECURITY_FINDING,
        severity,
        state=state,
        at=at or moment(alert, "created_at"),
        url=link(alert, "html_url") or link(alert, "external_reference"),
        attributes={"matter": matter, "state": state},
    )
