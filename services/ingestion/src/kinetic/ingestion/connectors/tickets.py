"""What can happen to a ticket of a help desk, whatever the tool calls it.

| what happened | signal | severity |
|---|---|---|
| reported, and its type says that something is broken | by type | by priority |
| reopened | the ticket's `trouble` | by priority |
| escalated | the ticket's `trouble` | by priority, at least 0.75 |
| a service level missed | `service.breached` | by priority |
| rated badly | `customer.dissatisfied` | by the rating |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.languages import ENGLISH
from kinetic.ingestion.connectors.observing import observe
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Reading
from kinetic.ingestion.connectors.severities import HIGH, Scale, Severity, says

_SHOWN = ("queue", "product", "issue_type")


class Ticket(NamedTuple):
    """A ticket in names that the tool's administrator configured, and when happened what is told of it.

    `queue` is the group that works on it. `kind` is what a ticket of its type is by itself, `trouble` what it is when it comes
    back or is escalated.
    """

    tool: str
    thing: str
    severity: Severity
    at: datetime | None
    url: str | None
    facts: Mapping[str, str | None]
    priority: str | None
    kind: str | None
    trouble: str = kinds.CUSTOMER_DISSATISFIED

    def becomes(self, kind: str, severity: Severity, state: str) -> Mapped:
        """The ticket as one signal."""
        is_about_customer = kind == kinds.CUSTOMER_DISSATISFIED
        observation = observe(
            kind,
            severity,
            thing=self.thing,
            place=self._place(),
            state=f"was {state}" if is_about_customer else state,
            at=self.at,
            url=self.url,
            facts=self.facts,
            attributes={"state": state, "priority": self.priority, **{name: self.facts.get(name) for name in _SHOWN}},
        )
        return Mapped((observation,))

    def _place(self) -> str:
        queue = self.facts.get("queue") or ""
        if queue.isdigit():
            return f"group {queue} of {self.tool}"
        return queue or self.facts.get("product") or self.tool


def report(ticket: Ticket) -> Reading:
    """The ticket is new, or has just become one of its type."""
    if ticket.kind is None:
        return Ignored(f"{ticket.thing.lower()} of this type is everyday work")
    return ticket.becomes(ticket.kind, ticket.severity, "reported")


def reopen(ticket: Ticket) -> Mapped:
    """The ticket had been done and is not any more."""
    return ticket.becomes(ticket.trouble, ticket.severity, "reopened")


def escalate(ticket: Ticket) -> Mapped:
    """Somebody higher up, or more urgent work, is asked for."""
    return ticket.becomes(ticket.trouble, ticket.severity.at_least(HIGH), "escalated")


def breach(ticket: Ticket) -> Mapped:
    """A time that was promised has passed."""
    return ticket.becomes(kinds.SERVICE_BREACHED, ticket.severity, "missed")


def change_priority(ticket: Ticket, scale: Scale, before: str | None, after: str | None) -> Reading:
    """Escalated, when the priority was raised from a lower one to high or worse. The first one is only sorting."""
    if not before or not after:
        return Ignored("a first priority is no escalation")
    if scale.of(after).value < HIGH or scale.of(after).value <= scale.of(before).value:
        return Ignored("a priority that is not raised to high is no escalation")
    return escalate(ticket)


@dataclass(frozen=True, slots=True)
class Ratings:
    """The ratings of a survey: how bad the bad ones are, and which are not bad."""

    bad: Scale
    fine: frozenset[str]


def rate(ticket: Ticket, ratings: Ratings, given: str | None) -> Reading:
    """A customer answered a survey."""
    if not given:
        return Ignored("no rating is given yet")
    word = given.strip().lower()
    if word in ratings.fine or ENGLISH.get(word) in ratings.fine:
        return Ignored("a rating that is not bad is no trouble")
    severity = ratings.bad.of(given)
    state = "rated" if severity.unknown else "rated badly"
    return ticket.becomes(kinds.CUSTOMER_DISSATISFIED, severity, state)


RATED: Final = frozenset({"rated", "rating", "satisfaction", "csat"})
"""The words by which a company's rule says that a survey was answered."""

_NO_TROUBLE_YET = frozenset({"warning", "soon", "approaching", "imminent", "next", "de"})
_AGAIN = re.compile(r"\bre[\s_-]+(?=open)", re.IGNORECASE)
"""``Re-opened`` is one word."""
_ENDED = frozenset({"resolved", "solved", "closed", "completed", "canceled", "cancelled", "deleted"})
_EVENTS: tuple[tuple[frozenset[str], Callable[[Ticket], Reading]], ...] = (
    (frozenset({"breach", "breached", "missed", "overdue", "violated", "violation"}), breach),
    (frozenset({"reopen", "reopened"}), reopen),
    (frozenset({"escalate", "escalated", "escalation"}), escalate),
    (frozenset({"create", "created", "insert", "inserted", "opened", "reported"}), report),
)


def read_event(ticket: Ticket, event: str) -> Reading | None:
    """What happened by the word with which a company's rule in the tool says it, e.g. ``sla_breached``; None when unknown."""
    event = _AGAIN.sub("re", event)
    if says(event, _NO_TROUBLE_YET):
        return Ignored("a warning, or the end of an escalation, is no trouble")
    for words, told in _EVENTS:
        if says(event, words):
            return told(ticket)
    return Ignored("what has ended is no trouble any more") if says(event, _ENDED) else None
