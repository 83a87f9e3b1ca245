"""Issues that are trouble, and work that comes late."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.github.repository import observed
from kinetic.ingestion.connectors.payloads import link, moment, part, parts, text, word
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Reading
from kinetic.ingestion.connectors.severities import Severity, says, severity_of_delay, worst_of

_KINDS = {
    kinds.SERVICE_INCIDENT: frozenset({"incident", "outage"}),
    kinds.SECURITY_FINDING: frozenset({"security", "vulnerability"}),
    kinds.QUALITY_DEFECT: frozenset({"bug", "defect", "regression"}),
}
_STATES = {"opened": "reported", "labeled": "reported", "typed": "reported", "reopened": "reopened"}
_SAME_MOMENT = timedelta(seconds=10)
_LONG_OPEN_DAYS = 7


def read_issue(payload: Any) -> Reading:
    """An issue that is a defect, an incident or a security matter by its labels or type."""
    issue, action = part(payload, "issue"), word(payload, "action")
    if action not in _STATES:
        return Ignored(f"an issue that is {action or 'without action'} is not new trouble")
    if "pull_request" in issue:
        return Ignored("a pull request is told by its own event")
    labels = [name for label in parts(issue, "labels") if (name := text(label, "name"))]
    told_by = _names_told(payload, action, labels)
    kind = next((kind for kind, words in _KINDS.items() if says(told_by, words)), None)
    if kind is None:
        return Ignored("nothing marks the issue as a defect, an incident or a security matter")
    if action in ("labeled", "typed") and _is_being_opened(issue):
        return Ignored("labels set while an issue is opened are told by its opening")
    return _trouble(payload, kind, _STATES[action], Severity(worst_of(labels)))


def _names_told(payload: Any, action: str, labels: list[str]) -> list[str]:
    """The names that mark this very change: a second label on a known bug does not report the bug again."""
    if action == "labeled":
        return [text(payload, "label", "name") or ""]
    issue_type = text(payload, "issue", "type", "name") or ""
    return [issue_type] if action == "typed" else [issue_type, *labels]


def _is_being_opened(issue: Any) -> bool:
    created_at, updated_at = moment(issue, "created_at"), moment(issue, "updated_at")
    return created_at is not None and updated_at is not None and updated_at - created_at < _SAME_MOMENT


def _trouble(payload: Any, kind: str, state: str, severity: Severity) -> Mapped:
    issue = part(payload, "issue")
    at = moment(issue, "created_at") if word(payload, "action") == "opened" else moment(issue, "updated_at")
    url = link(issue, "html_url")
    return observed(
        payload, kind, severity, state=state, at=at, url=url, attributes={"event": "issues", "state": state}
    )


def read_pull_request(payload: Any) -> Reading:
    """A change that was merged a week or more after it was proposed."""
    pull = part(payload, "pull_request")
    opened_at, merged_at = moment(pull, "created_at"), moment(pull, "merged_at")
    if word(payload, "action") != "closed" or opened_at is None or merged_at is None:
        return Ignored("a pull request says something about the team's pace when it is merged")
    days = (merged_at - opened_at).days
    if days < _LONG_OPEN_DAYS:
        return Ignored(f"a pull request merged within {_LONG_OPEN_DAYS} days is in time")
    return _delayed(payload, "A pull request", f"took {days} days", days, merged_at, link(pull, "html_url"))


def read_milestone(payload: Any) -> Reading:
    """A milestone that was reached after its date."""
    milestone = part(payload, "milestone")
    due_at, closed_at = moment(milestone, "due_on"), moment(milestone, "closed_at")
    if word(payload, "action") != "closed" or due_at is None or closed_at is None:
        return Ignored("a milestone says something about the team's pace when it is closed and has a date")
    days = (closed_at - due_at).days
    if days < 1:
        return Ignored("the milestone was reached in time")
    return _delayed(payload, "A milestone", f"was {days} days late", days, closed_at, link(milestone, "html_url"))


def _delayed(payload: Any, thing: str, state: str, days: int, at: datetime, url: str | None) -> Mapped:
    return observed(
        payload,
        kinds.DELIVERY_DELAYED,
        severity_of_delay(days),
        thing=thing,
        state=state,
        at=at,
        url=url,
        attributes={"days": str(days)},
    )
