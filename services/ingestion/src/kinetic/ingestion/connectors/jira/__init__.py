"""Jira: defects and incidents, work that comes back or is late, missed service levels, dissatisfied customers.

Signature: `X-Hub-Signature: sha256=…`, an HMAC-SHA256 of the raw body; *Settings, System, WebHooks*, with the secret. Jira Data
Center and rules of automation sign nothing: there the secret stands in the address as ``?token=<secret>``, or in the header
`X-Kinetic-Token` of the action *Send web request*.

| what happened | signal | severity |
|---|---|---|
| a Bug, Defect, Problem, Incident, Vulnerability or Complaint is created, or gets that type | by type | by priority |
| its priority is raised | the same | by the new priority |
| done work, or a Bug or the like that was dropped, is opened again | by type, else of service desks `customer.dissatisfied`, else `quality.defect` | by priority |
| work gets the status Escalated | the same | by priority, at least 0.75 |
| a request is rated with 1 or 2 of 5 | `customer.dissatisfied` | 1.0, 0.75 |
| work moves on while, or ends after, a service level was missed; a rule says that one is missed | `service.breached` | by priority |
| the due date or target end moves back, work is done after it and not dropped as a duplicate or the like, or a rule says that it is overdue | `delivery.delayed` | by days |
| work is flagged as an impediment | `delivery.delayed` | 0.3 |
| a sprint is prolonged, or closed after its end | `delivery.delayed` | by days |
| a version is overdue, or released after its date | `delivery.delayed` | by days |

Priorities: Blocker, Critical and Highest 1.0, Major and High 0.75, Medium 0.5, Minor and Low 0.25, Trivial and Lowest 0.1.

Rules send *Issue data* in the format of webhooks or of automation, or the payload of older rules of a service desk. These say
nothing of an event: read are missed service levels, an issue that is overdue, and one that was created just now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kinetic.ingestion.connectors.jira.issues import Issue, read_created, read_rule, read_updated
from kinetic.ingestion.connectors.jira.plans import (
    read_sprint_closed,
    read_sprint_updated,
    read_version_released,
    read_version_updated,
)
from kinetic.ingestion.connectors.payloads import part, text
from kinetic.ingestion.connectors.protocol import Connector, Headers, Ignored, Reading
from kinetic.ingestion.connectors.signatures import Choice, Hmac, Token, hexadecimal

_READERS: Mapping[str, Callable[[Any], Reading]] = {
    "jira:issue_created": lambda payload: read_created(Issue(payload)),
    "jira:issue_updated": lambda payload: read_updated(Issue(payload)),
    "jira:version_released": read_version_released,
    "jira:version_updated": read_version_updated,
    "sprint_closed": read_sprint_closed,
    "sprint_updated": read_sprint_updated,
}


def read(headers: Headers, payload: Any) -> Reading:
    """What a webhook of Jira Cloud or Data Center means. The payload alone says everything."""
    del headers
    event = text(payload, "webhookEvent")
    if event is None and (part(payload, "issue", "fields") or part(payload, "fields")):
        return read_rule(Issue(payload))
    reader = _READERS.get(event or "")
    return (
        reader(payload)
        if reader
        else Ignored(f"{event or 'a payload without webhookEvent'} says nothing about a team's work")
    )


CONNECTOR = Connector(
    "jira",
    Choice(
        "x-hub-signature",
        signed=Hmac("x-hub-signature", hexadecimal("sha256=")),
        otherwise=Token(parameter="token"),
    ),
    read,
)
