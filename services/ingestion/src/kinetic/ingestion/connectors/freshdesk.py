"""Freshdesk: tickets that say something is broken, that come back, are escalated, late or rated badly.

Freshdesk signs nothing. The webhook carries the integration's secret: in the automation's action *Trigger webhook*, either
*Custom headers* `{"X-Kinetic-Token": "<secret>"}`, or *Requires authentication* with any user name and the secret as password.

| what happened | signal | severity |
|---|---|---|
| a ticket of the type Incident or Problem is created, or gets that type | `service.incident`, `quality.defect` | by priority |
| a ticket that was Resolved or Closed is neither any more | `customer.dissatisfied` | by priority |
| the priority is raised to High or Urgent, or `event` says `escalated` | `customer.dissatisfied` | by priority, at least 0.75 |
| `event` says `sla_breached` | `service.breached` | by priority |
| `event` says `rated`, and the rating is a dissatisfied one | `customer.dissatisfied` | extremely 1.0, very 0.9, else 0.75 |

Priorities: Urgent 1.0, High 0.75, Medium 0.5, Low 0.25, in the languages of `languages.py` too. Freshdesk does not say when it happened: when the webhook came.

An automation sends the webhook with the encoding JSON, *Advanced*. Freshdesk itself fills in what changed. Hourly rules (a
ticket is overdue) and rules for received feedback add `event`, written by hand: `sla_breached`, `escalated`, or `rated` with
a `rating` such as `unhappy`. The fields of *Simple* are read too::

    {"freshdesk_webhook": {"triggered_event": "{{triggered_event}}", "event": "",
     "ticket_id": "{{ticket.id}}", "ticket_url": "{{ticket.url}}", "ticket_type": "{{ticket.ticket_type}}",
     "ticket_status": "{{ticket.status}}", "ticket_priority": "{{ticket.priority}}",
     "ticket_group_name": "{{ticket.group.name}}", "ticket_product_name": "{{ticket.product.name}}",
     "ticket_agent_email": "{{ticket.agent.email}}"}}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kinetic.ingestion.connectors.languages import DONE
from kinetic.ingestion.connectors.marks import kind_of
from kinetic.ingestion.connectors.payloads import email, identifier, link, moment_of, part, text, whole, word
from kinetic.ingestion.connectors.protocol import Connector, Headers, Ignored, Reading
from kinetic.ingestion.connectors.severities import Scale, says
from kinetic.ingestion.connectors.signatures import Token
from kinetic.ingestion.connectors.tickets import (
    RATED,
    Ratings,
    Ticket,
    change_priority,
    rate,
    read_event,
    reopen,
    report,
)

_DONE = DONE | {"4", "5", "resolved", "closed"}
_PRIORITY = Scale(
    "priority",
    {"urgent": 1.0, "high": 0.75, "medium": 0.5, "low": 0.25, "4": 1.0, "3": 0.75, "2": 0.5, "1": 0.25},
)
_DISSATISFIED = {
    **dict.fromkeys(("-103", "extremely unhappy", "extremely dissatisfied"), 1.0),
    **dict.fromkeys(("-102", "very unhappy", "very dissatisfied"), 0.9),
    **dict.fromkeys(("-101", "unhappy", "dissatisfied", "not satisfied", "somewhat dissatisfied"), 0.75),
}
_SATISFIED = frozenset(
    ("neutral", "happy", "satisfied", "very happy", "very satisfied", "extremely happy", "extremely satisfied")
)
_RATINGS = Ratings(Scale("rating", _DISSATISFIED), _SATISFIED | {"100", "101", "102", "103"})

_CHANGES = re.compile(r"(\w+)\s*:\s*(?:\{\s*from\s*:\s*([^,{}]*),\s*to\s*:\s*([^,{}]*)\}|([^,{}]+))")


@dataclass(frozen=True, slots=True)
class Change:
    """A field that changed, by what Freshdesk says in `triggered_event`. `before` is None when it does not say."""

    before: str | None
    after: str


def read(headers: Headers, payload: Any) -> Reading:
    """What a webhook of a Freshdesk automation means. The payload alone says everything."""
    del headers
    record = part(payload, "freshdesk_webhook") or whole(payload)
    event = text(record, "event") or ""
    reading = read_event(_ticket(record), event) if event else None
    if reading is not None:
        return reading
    changes = changes_of(text(record, "triggered_event") or "")
    if "customer_feedback" in changes or says(event, RATED):
        return rate(_ticket(record), _RATINGS, _rating(record) or _after(changes, "customer_feedback"))
    if not changes:
        return Ignored("neither triggered_event nor event says what happened to the ticket")
    if word(record, "ticket_status") in _DONE:
        return Ignored("a ticket that is done is no trouble any more")
    return _read_changes(_ticket(record), changes)


def changes_of(triggered_event: str) -> Mapping[str, Change]:
    """What changed, by field: Freshdesk writes ``{priority:{from:3,to:1}}`` and ``{ticket_action:created}``."""
    found = (match.groups() for match in _CHANGES.finditer(triggered_event.replace('"', "")))
    return {
        field.lower(): Change(
            None if before is None else before.strip().lower(), (after or value or "").strip().lower()
        )
        for field, before, after, value in found
    }


def _read_changes(ticket: Ticket, changes: Mapping[str, Change]) -> Reading:
    status, priority = changes.get("status"), changes.get("priority")
    if status is not None and status.before in _DONE and status.after not in _DONE:
        return reopen(ticket)
    if _after(changes, "ticket_action") == "created":
        return report(ticket)
    if "ticket_type" in changes:
        return report(ticket._replace(kind=kind_of([_after(changes, "ticket_type")])))
    if priority is not None:
        return change_priority(ticket, _PRIORITY, priority.before, priority.after)
    return Ignored(f"a change of {', '.join(sorted(changes))} is no sign of trouble")


def _after(changes: Mapping[str, Change], field: str) -> str | None:
    return changes[field].after if field in changes else None


def _ticket(record: Mapping[str, Any]) -> Ticket:
    issue_type = text(record, "ticket_type") or text(record, "ticket_ticket_type")
    priority = identifier(record, "ticket_priority")
    return Ticket(
        tool="Freshdesk",
        thing="A ticket",
        severity=_PRIORITY.of(priority),
        at=moment_of(text(record, "occurred_at")),
        url=link(record, "ticket_url"),
        facts={
            "queue": text(record, "ticket_group_name"),
            "product": text(record, "ticket_product_name"),
            "issue_type": issue_type,
            "person": email(record, "ticket_agent_email"),
        },
        priority=priority.lower() if priority else None,
        kind=kind_of([issue_type]),
    )


def _rating(record: Mapping[str, Any]) -> str | None:
    return identifier(record, "rating") or identifier(record, "ticket_satisfaction_rating")


CONNECTOR = Connector("freshdesk", Token(), read)
