"""Zendesk: tickets that say something is broken, that come back, are escalated, late or rated badly.

Signature: `X-Zendesk-Webhook-Signature`, a base64 HMAC-SHA256 of the header `X-Zendesk-Webhook-Signature-Timestamp` and the
raw body. Zendesk makes the secret: Admin Center, Webhooks, *Reveal secret*. It is given when the integration is created.

| what happened | signal | severity |
|---|---|---|
| a ticket of the type Incident or Problem is created, or gets that type | `service.incident`, `quality.defect` | by priority |
| a ticket that was Solved or Closed is New, Open, Pending or On-hold again | `customer.dissatisfied` | by priority |
| a priority is raised to High or Urgent, or a trigger says `escalated` | `customer.dissatisfied` | by priority, at least 0.75 |
| a trigger or automation says `sla_breached` | `service.breached` | by priority |
| a trigger says `rated`: Bad, or 1 or 2 of 5 | `customer.dissatisfied` | Bad 0.75, 1 of 5 1.0, 2 of 5 0.75 |

Priorities: Urgent 1.0, High 0.75, Normal 0.5, Low 0.25. Triggers write priorities, types and ratings in the account's language:
see `languages.py`.

A webhook either subscribes to ticket events (created, type changed, status changed, priority changed; these name groups and
people by number), or a trigger or automation sends it. Zendesk has no event for missed service levels and ratings. `event`
is written by hand, one of `created`, `reopened`, `escalated`, `sla_breached`, `rated`::

    {"event": "sla_breached", "id": "{{ticket.id}}", "url": "{{ticket.link}}", "type": "{{ticket.ticket_type}}",
     "status": "{{ticket.status}}", "priority": "{{ticket.priority}}", "group": "{{ticket.group.name}}",
     "brand": "{{ticket.brand.name}}", "assignee_email": "{{ticket.assignee.email}}",
     "rating": "{{satisfaction.current_rating}}", "updated_at": "{{ticket.updated_at_with_timestamp}}"}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from kinetic.ingestion.connectors.marks import kind_of
from kinetic.ingestion.connectors.payloads import email, identifier, link, moment, moment_of, part, text, whole, word
from kinetic.ingestion.connectors.protocol import Connector, Headers, Ignored, Reading, Webhook
from kinetic.ingestion.connectors.severities import NEUTRAL, Scale, says
from kinetic.ingestion.connectors.signatures import Hmac, base64, stamped
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

_EVENT_PREFIX = "zen:event-type:"
_DONE = frozenset({"solved", "closed"})
_STILL_OPEN = frozenset({"new", "open", "pending", "hold", "on-hold"})
_PRIORITY = Scale("priority", {"urgent": 1.0, "high": 0.75, "normal": 0.5, "low": 0.25, "-": NEUTRAL})
_RATINGS = Ratings(
    Scale("rating", {"bad": 0.75, "1": 1.0, "2": 0.75}), frozenset({"good", "3", "4", "5", "offered", "unoffered"})
)
_FIRST_WORD = re.compile(r"[^\W_]+")
_TIME = "x-zendesk-webhook-signature-timestamp"


def read(headers: Headers, payload: Any) -> Reading:
    """What a webhook of Zendesk means. The payload alone says everything."""
    del headers
    kind_of_event = word(payload, "type")
    if kind_of_event.startswith(_EVENT_PREFIX):
        return _read_subscribed(payload, kind_of_event.removeprefix(_EVENT_PREFIX))
    return _read_triggered(payload)


def _read_subscribed(payload: Any, event: str) -> Reading:
    reader = _READERS.get(event)
    return reader(payload, _ticket_of_event(payload)) if reader else Ignored(f"{event} is no sign of trouble")


def _ticket_of_event(payload: Any) -> Ticket:
    """The ticket of an event, which names groups, brands and people by their numbers."""
    detail = part(payload, "detail")
    issue_type = text(detail, "type")
    return Ticket(
        tool="Zendesk",
        thing="A ticket",
        severity=_PRIORITY.of(text(detail, "priority")),
        at=moment(payload, "time"),
        url=None,
        facts={
            "queue": identifier(detail, "group_id"),
            "product": identifier(detail, "brand_id"),
            "issue_type": issue_type.capitalize() if issue_type else None,
        },
        priority=word(detail, "priority"),
        kind=kind_of([issue_type]),
    )


def _read_created(payload: Any, ticket: Ticket) -> Reading:
    if word(payload, "detail", "status") in _DONE:
        return Ignored("a ticket that is done when it is created is no trouble")
    return report(ticket)


def _read_type(payload: Any, ticket: Ticket) -> Reading:
    if word(payload, "detail", "status") in _DONE:
        return Ignored("a ticket that is done is only being filed")
    issue_type = text(payload, "event", "current")
    facts = {**ticket.facts, "issue_type": issue_type.capitalize() if issue_type else None}
    return report(ticket._replace(kind=kind_of([issue_type]), facts=facts))


def _read_status(payload: Any, ticket: Ticket) -> Reading:
    before, after = word(payload, "event", "previous"), word(payload, "event", "current")
    if before in _DONE and after in _STILL_OPEN:
        return reopen(ticket)
    return Ignored("a change of the status that does not reopen the ticket is no trouble")


def _read_priority(payload: Any, ticket: Ticket) -> Reading:
    return change_priority(ticket, _PRIORITY, text(payload, "event", "previous"), text(payload, "event", "current"))


_READERS: Mapping[str, Callable[[Any, Ticket], Reading]] = {
    "ticket.created": _read_created,
    "ticket.priority_changed": _read_priority,
    "ticket.status_changed": _read_status,
    "ticket.type_changed": _read_type,
}


def _read_triggered(payload: Any) -> Reading:
    record = part(payload, "ticket") or whole(payload)
    event = text(payload, "event") or text(record, "event") or ""
    ticket = _ticket_of_trigger(record)
    reading = read_event(ticket, event) if event else None
    if reading is not None:
        return reading
    rating = _rating(payload) or _rating(record)
    if says(event, RATED) or (rating and not event):
        return rate(ticket, _RATINGS, rating)
    return Ignored("the field event does not say what happened to the ticket")


def _ticket_of_trigger(record: Mapping[str, Any]) -> Ticket:
    issue_type = text(record, "type")
    return Ticket(
        tool="Zendesk",
        thing="A ticket",
        severity=_PRIORITY.of(text(record, "priority")),
        at=moment_of(text(record, "updated_at") or text(record, "created_at")),
        url=link(record, "url") or link(record, "link"),
        facts={
            "queue": identifier(record, "group"),
            "product": identifier(record, "brand"),
            "issue_type": issue_type,
            "person": email(record, "assignee_email"),
        },
        priority=word(record, "priority"),
        kind=kind_of([issue_type]),
    )


def _rating(record: Mapping[str, Any]) -> str | None:
    """The first word of ratings such as ``Bad, I'm unsatisfied`` and ``bad with comment``."""
    given = identifier(record, "rating") or text(record, "satisfaction", "current_rating") or ""
    found = _FIRST_WORD.search(given)
    return found.group() if found else None


def _signed(webhook: Webhook) -> bytes:
    return webhook.headers.get(_TIME, "").encode() + webhook.body


CONNECTOR = Connector(
    "zendesk",
    Hmac(
        "x-zendesk-webhook-signature",
        base64(),
        message=_signed,
        sent_at=lambda webhook: moment_of(webhook.headers.get(_TIME)),
        stamp=stamped(_TIME, lambda now: f"{now:%Y-%m-%dT%H:%M:%SZ}"),
    ),
    read,
)
