"""Alerts of Advanced Security."""

from __future__ import annotations

from typing import Any

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.azuredevops.project import place_of, project_of
from kinetic.ingestion.connectors.observing import observe
from kinetic.ingestion.connectors.payloads import identifier, link, moment, part, text, word
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Reading
from kinetic.ingestion.connectors.severities import Scale

_SEVERITY = Scale(
    "severity",
    {
        "critical": 1.0,
        **dict.fromkeys(("high", "error"), 0.75),
        **dict.fromkeys(("medium", "warning", "undefined"), 0.5),
        **dict.fromkeys(("low", "note"), 0.25),
    },
)


def read_alert_created(payload: Any) -> Reading:
    """A weakness, a vulnerable dependency or a secret that was found."""
    return _finding(payload, "reported")


def read_alert_state(payload: Any) -> Reading:
    """An alert in another state than before: only an active one is trouble again."""
    state = word(payload, "resource", "state")
    if state != "active":
        return Ignored(f"an alert that is {state or 'without state'} needs no more attention")
    return _finding(payload, "reopened")


def _finding(payload: Any, state: str) -> Mapped:
    alert = part(payload, "resource")
    address, number = link(alert, "repositoryUrl"), identifier(alert, "alertId")
    home, _, repository = (text(alert, "repositoryUrl") or "").partition("/_git/")
    project = home.rpartition("/")[2] or project_of(payload)
    finding = observe(
        kinds.SECURITY_FINDING,
        _SEVERITY.of(text(alert, "severity")),
        place=repository or place_of(project),
        state=state,
        at=moment(payload, "createdDate"),
        url=f"{address}/alerts/{number}" if address and number else address,
        facts={"project": project, "repository": repository},
        attributes={"matter": word(alert, "alertType"), "state": state, "repository": repository},
    )
    return Mapped((finding,))
