"""Intercom: conversations and tickets that come back, are rated badly, or were answered too late.

Signature: `X-Hub-Signature: sha1=…`, an HMAC-SHA1 of the raw body. The secret is the app's *Client secret*: Developer Hub,
the app, *Basic information*. The topics are chosen there under *Webhooks*. Intercom signs no time: a replay is told by the
body, of which the counter of attempts does not count.

| topic | signal | severity |
|---|---|---|
| `conversation.rating.added`, `ticket.rating.provided` with 1 or 2 of 5 | `customer.dissatisfied` | 1 of 5 1.0, 2 of 5 0.75 |
| `conversation.admin.opened`; `conversation.user.replied` that opens a closed conversation | `customer.dissatisfied` | by priority |
| `ticket.state.updated` from resolved to another state | `customer.dissatisfied` | 0.5 |
| `conversation.admin.closed`, `ticket.closed`, `ticket.resolved` with a missed service level | `service.breached` | by priority |
| `ticket.created` of a type named as an incident, problem, bug or complaint | by type | 0.5 |

Priorities: marked as priority 0.75, else 0.5. The mark itself says nothing of the customer.

Both forms of payloads are read: with `assignee` (API 1.x and 2.0), and with `admin_assignee_id` and `team_assignee_id`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from kinetic.ingestion.connectors.marks import kind_of
from kinetic.ingestion.connectors.payloads import email, identifier, link, moment, part, parts, text, unix_time, word
from kinetic.ingestion.connectors.protocol import Connector, Headers, Ignored, Reading
from kinetic.ingestion.connectors.severities import Scale
from kinetic.ingestion.connectors.signatures import Hmac, hexadecimal, without_counters
from kinetic.ingestion.connectors.tickets import Ratings, Ticket, breach, rate, reopen, report

_PRIORITY = Scale("priority", {"priority": 0.75, "not_priority": 0.5})
_RATINGS = Ratings(Scale("rating", {"1": 1.0, "2": 0.75}), frozenset({"3", "4", "5"}))
_NOBODY = "0"
_RESOLVED = "resolved"


def read(headers: Headers, payload: Any) -> Reading:
    """What a notification of Intercom means. The payload alone says everything."""
    del headers
    topic = word(payload, "topic")
    reader = _READERS.get(topic)
    return reader(payload) if reader else Ignored(f"{topic or 'a payload without topic'} is no sign of trouble")


def _read_rating(payload: Any) -> Reading:
    item = _item(payload)
    rating = part(item, "conversation_rating") or part(item, "ticket_rating") or part(item, "rating")
    at = _time(rating, "created_at") or _time(rating, "updated_at") or _time(payload, "created_at")
    return rate(_ticket(payload, at), _RATINGS, identifier(rating, "rating") or identifier(item, "rating"))


def _read_opening(payload: Any) -> Reading:
    return reopen(_ticket(payload, _time(_latest(payload), "created_at") or _time(payload, "created_at")))


def _read_reply(payload: Any) -> Reading:
    if word(_latest(payload), "part_type") != "open":
        return Ignored("a reply in a conversation that is open is everyday work")
    return _read_opening(payload)


def _read_state(payload: Any) -> Reading:
    before, after = (word(_latest(payload), name) for name in ("previous_ticket_state", "ticket_state"))
    state = after or word(_item(payload), "ticket_state", "category")
    if before != _RESOLVED or state in ("", _RESOLVED):
        return Ignored("a change of the state that does not reopen the ticket is no trouble")
    return _read_opening(payload)


def _read_end(payload: Any) -> Reading:
    if word(_item(payload), "sla_applied", "sla_status") != "missed":
        return Ignored("what has ended is no trouble any more")
    return breach(_ticket(payload, _time(_latest(payload), "created_at") or _time(payload, "created_at")))


def _read_ticket_created(payload: Any) -> Reading:
    return report(_ticket(payload, _time(_item(payload), "created_at") or _time(payload, "created_at")))


_READERS: Mapping[str, Callable[[Any], Reading]] = {
    "conversation.admin.closed": _read_end,
    "conversation.admin.opened": _read_opening,
    "conversation.rating.added": _read_rating,
    "conversation.user.replied": _read_reply,
    "ticket.closed": _read_end,
    "ticket.created": _read_ticket_created,
    "ticket.rating.provided": _read_rating,
    "ticket.resolved": _read_end,
    "ticket.state.updated": _read_state,
}


def _item(payload: Any) -> Mapping[str, Any]:
    """The conversation or ticket. Some topics wrap the ticket once more."""
    item = part(payload, "data", "item")
    return part(item, "ticket") if item.get("type") != "conversation" and part(item, "ticket") else item


def _ticket(payload: Any, at: datetime | None) -> Ticket:
    item = _item(payload)
    issue_type = text(item, "ticket_type", "name")
    is_ticket = word(payload, "topic").startswith("ticket.")
    return Ticket(
        tool="Intercom",
        thing="A ticket" if is_ticket else "A conversation",
        severity=_PRIORITY.of(text(item, "priority")),
        at=at,
        url=link(item, "links", "conversation_web") or _page(payload, item),
        facts={
            "account": text(payload, "app_id"),
            "queue": _team(item),
            "issue_type": issue_type,
            "person": _assignee(item),
        },
        priority=word(item, "priority"),
        kind=kind_of([issue_type]),
    )


def _team(item: Mapping[str, Any]) -> str | None:
    if word(item, "assignee", "type") == "team":
        return text(item, "assignee", "name") or identifier(item, "assignee", "id")
    team_id = identifier(item, "team_assignee_id")
    return None if team_id == _NOBODY else team_id


def _assignee(item: Mapping[str, Any]) -> str | None:
    """The address of the teammate: newer payloads give only the id, and addresses where that teammate did something."""
    if word(item, "assignee", "type") == "admin":
        return email(item, "assignee", "email")
    admin_id = identifier(item, "admin_assignee_id")
    return next((found for author_id, found in _teammates(item) if author_id == admin_id and found), None)


def _teammates(item: Mapping[str, Any]) -> Iterator[tuple[str | None, str | None]]:
    for one in _parts(item):
        if word(one, "author", "type") == "admin":
            yield identifier(one, "author", "id"), email(one, "author", "email")


def _parts(item: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    conversation, ticket = part(item, "conversation_parts"), part(item, "ticket_parts")
    return (*parts(conversation, "conversation_parts"), *parts(ticket, "ticket_parts"))


def _latest(payload: Any) -> Mapping[str, Any]:
    """The part that the notification is about: the last one."""
    every = _parts(_item(payload))
    return every[-1] if every else {}


def _page(payload: Any, item: Mapping[str, Any]) -> str | None:
    account, number = text(payload, "app_id"), identifier(item, "id")
    if not account or not number:
        return None
    workspace = quote(account, safe="")
    return f"https://app.intercom.com/a/inbox/{workspace}/inbox/shared/all/conversation/{quote(number, safe='')}"


def _time(payload: Any, name: str) -> datetime | None:
    """Intercom writes Unix seconds, and ISO 8601 in newer places."""
    return unix_time(payload, name) or moment(payload, name)


CONNECTOR = Connector(
    "intercom",
    Hmac("x-hub-signature", hexadecimal("sha1="), algorithm="sha1", repeated=without_counters("delivery_attempts")),
    read,
)
