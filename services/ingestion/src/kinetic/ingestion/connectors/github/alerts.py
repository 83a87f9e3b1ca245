"""Security alerts and advisories: open ones are findings, closed ones are the end of a matter and no signal."""

from __future__ import annotations

from typing import Any

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.github.repository import observed
from kinetic.ingestion.connectors.payloads import link, moment, part, text, word
from kinetic.ingestion.connectors.protocol import Ignored, Reading
from kinetic.ingestion.connectors.severities import Scale, Severity

_STATES = {
    **dict.fromkeys(("created", "create", "appeared_in_branch"), "reported"),
    **dict.fromkeys(("reopened", "reopened_by_user", "reintroduced", "reopen", "auto_reopened"), "reopened"),
    "publicly_leaked": "leaked to the public",
    "validated": "found to work",
}
_ENDS = frozenset(
    ("fixed", "dismissed", "dismiss", "auto_dismissed", "resolved", "resolve", "closed_by_user", "revoked", "withdrawn")
)
_SEVERITY = Scale(
    "severity",
    {
        **dict.fromkeys(("critical",), 1.0),
        **dict.fromkeys(("high", "error"), 0.75),
        **dict.fromkeys(("medium", "moderate", "warning"), 0.5),
        **dict.fromkeys(("low", "note"), 0.25),
        "none": 0.1,
    },
)
_VALIDITY = Scale("validity", {"active": 1.0, "unknown": 0.9, "inactive": 0.5})
_LEAKED = Severity(1.0)


def read_dependabot(payload: Any) -> Reading:
    """A dependency with a known vulnerability."""
    alert = part(payload, "alert")
    named = text(alert, "security_vulnerability", "severity") or text(alert, "security_advisory", "severity")
    return _read_alert(payload, "dependency", _SEVERITY.of(named))


def read_vulnerability(payload: Any) -> Reading:
    """The older form of the same."""
    return _read_alert(payload, "dependency", _SEVERITY.of(text(payload, "alert", "severity")))


def read_code_scanning(payload: Any) -> Reading:
    """A weakness that a scanner found in the code."""
    rule = part(payload, "alert", "rule")
    named = text(rule, "security_severity_level") or text(rule, "severity")
    return _read_alert(payload, "code", _SEVERITY.of(named))


def read_secret_scanning(payload: Any) -> Reading:
    """A secret that stands in the repository."""
    alert, action = part(payload, "alert"), word(payload, "action")
    validity = word(alert, "validity")
    if action == "validated" and validity != "active":
        return Ignored("a secret that does not work, or of which nobody knows, is told when it is found")
    is_public = action == "publicly_leaked" or alert.get("publicly_leaked") is True
    return _read_alert(payload, "secret", _LEAKED if is_public else _VALIDITY.of(validity or "unknown"))


def read_repository_advisory(payload: Any) -> Reading:
    """A weakness of the repository's own product, reported in private or made public."""
    advisory, action = part(payload, "repository_advisory"), word(payload, "action")
    if action not in ("reported", "published"):
        return Ignored(f"an advisory that is {action or 'without action'} is no finding")
    return observed(
        payload,
        kinds.SECURITY_FINDING,
        _SEVERITY.of(text(advisory, "severity")),
        state=action,
        at=moment(advisory, "published_at" if action == "published" else "created_at"),
        url=link(advisory, "html_url"),
        attributes={"matter": "product", "state": action},
    )


def _read_alert(payload: Any, matter: str, severity: Severity) -> Reading:
    action, alert = word(payload, "action"), part(payload, "alert")
    state = _STATES.get(action)
    if state is None:
        ended = action in _ENDS
        why = "needs no more attention" if ended else "was told when it was created"
        return Ignored(f"an alert that is {action or 'without action'} {why}")
    return observed(
        payload,
        kinds.SECURITY_FINDING,
        severity,
        state=state,
        at=moment(alert, "created_at" if state == "reported" else "updated_at"),
        url=link(alert, "html_url") or link(alert, "external_reference") or link(payload, "repository", "html_url"),
        attributes={"matter": matter, "state": state},
    )
