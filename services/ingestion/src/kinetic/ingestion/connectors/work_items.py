"""What can happen to an issue, a card or a work item, whatever the tool calls it.

| what happened | signal | severity |
|---|---|---|
| reported, or has just been marked as a defect, an incident or a security matter | by its marks | by priority |
| opened again after it was done | by its marks, else the item's `trouble` | by priority |
| escalated | the same | by priority, at least 0.75 |
| the priority was raised | by its marks | by the new priority |
| the date was put off | `delivery.delayed` | by days |
| done after its date, or not yet; not what ends as a duplicate or is given up | `delivery.delayed` | by days |
| a change merged a week or more after it was proposed | `delivery.delayed` | by days |

Marks are types and labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import NamedTuple

from kinetic.ingestion.connectors import kinds, languages
from kinetic.ingestion.connectors.observing import observe
from kinetic.ingestion.connectors.payloads import text_of
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Observation, Reading
from kinetic.ingestion.connectors.severities import HIGH, NEUTRAL, Severity, severity_of_delay

DONE = languages.DONE.union(
    (
        "done",
        "closed",
        "resolved",
        "complete",
        "completed",
        "finished",
        "fixed",
        "released",
        "shipped",
        "deployed",
        "verified",
    )
)
"""What lists and states that hold done work are called, in lower case."""

DROPPED = frozenset(
    (
        "abandoned",
        "as designed",
        "can't reproduce",
        "canceled",
        "cancelled",
        "cannot reproduce",
        "copied to backlog",
        "cut",
        "declined",
        "deferred",
        "duplicate",
        "invalid",
        "not a bug",
        "obsolete",
        "rejected",
        "removed",
        "removed from the backlog",
        "won't do",
        "won't fix",
    )
)
"""How an item ends that nobody has done. That it ends after its date is no delay."""

_LONG_OPEN_DAYS = 7


def label_fact(labels: Iterable[str]) -> str | None:
    """The fact `label`: all labels in one text, so that the rule ``*team/checkout*`` finds one among several."""
    return text_of(", ".join(labels))


class WorkItem(NamedTuple):
    """An item in names that the tool's administrator configured. `at` is when happened what is told of it.

    `kind` is what the item is by its marks, `trouble` what it is without them when it comes back.
    """

    place: str
    kind: str | None
    severity: Severity
    at: datetime | None
    url: str | None
    facts: Mapping[str, str | None]
    attributes: Mapping[str, str | None]
    trouble: str = kinds.QUALITY_DEFECT

    def becomes(self, kind: str, severity: Severity, state: str, thing: str = "Work", **more: str) -> Observation:
        """The item as one signal, to which `state` was done."""
        needs_verb = kind in (kinds.CUSTOMER_DISSATISFIED, kinds.DELIVERY_DELAYED)
        return self._observe(kind, severity, f"was {state}" if needs_verb else state, thing, {"state": state, **more})

    def delays(self, severity: Severity, state: str, thing: str, **more: str) -> Observation:
        """The item as work that is late, as `state` says with a verb."""
        return self._observe(kinds.DELIVERY_DELAYED, severity, state, thing, {"state": state, **more})

    def _observe(self, kind: str, severity: Severity, state: str, thing: str, more: Mapping[str, str]) -> Observation:
        return observe(
            kind,
            severity,
            place=self.place,
            state=state,
            thing=thing,
            at=self.at,
            url=self.url,
            facts=self.facts,
            attributes={**self.attributes, **more},
        )


def told(observations: Iterable[Observation], otherwise: str) -> Reading:
    """What was observed, or `otherwise` as the reason for which the payload means nothing."""
    found = tuple(observations)
    return Mapped(found) if found else Ignored(otherwise)


def report(item: WorkItem) -> Iterator[Observation]:
    """The item is new, or has just got its mark."""
    if item.kind:
        yield item.becomes(item.kind, item.severity, "reported", "A complaint")


def reopen(item: WorkItem) -> Iterator[Observation]:
    """The item was done and is not any more."""
    yield item.becomes(item.kind or item.trouble, item.severity, "reopened")


def escalate(item: WorkItem) -> Iterator[Observation]:
    """Somebody higher up is asked for."""
    yield item.becomes(item.kind or item.trouble, item.severity.at_least(HIGH), "escalated")


def change_priority(item: WorkItem, before: float | None, after: Severity) -> Iterator[Observation]:
    """The priority was changed. Only a raised one is a sign, and a first one counts from neutral."""
    if item.kind and after.value > (NEUTRAL if before is None else before):
        yield item.becomes(item.kind, after, "raised in priority")


def move_date(item: WorkItem, before: date | None, after: date | None, thing: str = "Work") -> Iterator[Observation]:
    """The date by which the item shall be done was changed. Only a later one is a sign."""
    if before and after and after > before:
        days = (after - before).days
        state = f"put off by {count_days(days)}"
        yield item.becomes(kinds.DELIVERY_DELAYED, severity_of_delay(days), state, thing, days=str(days))


def end(item: WorkItem, due: date | None, ended: date | None, thing: str = "Work") -> Iterator[Observation]:
    """The item is done. Only after its date that is a sign."""
    if due and ended and ended > due:
        days = (ended - due).days
        state = f"done {count_days(days)} late"
        yield item.becomes(kinds.DELIVERY_DELAYED, severity_of_delay(days), state, thing, days=str(days))


def lie_overdue(item: WorkItem, due: date | None, today: date | None, thing: str = "Work") -> Iterator[Observation]:
    """The item should have been done before today, and is not."""
    if due and today and today > due:
        days = (today - due).days
        state = f"overdue for {count_days(days)}"
        yield item.becomes(kinds.DELIVERY_DELAYED, severity_of_delay(days), state, thing, days=str(days))


def take_long(item: WorkItem, opened: datetime | None, merged: datetime | None, thing: str) -> Reading:
    """A change was merged. A week or more after it was proposed, that is a sign."""
    if opened is None or merged is None:
        return Ignored(f"{thing.lower()} says something about the team's pace when it is merged")
    days = (merged - opened).days
    if days < _LONG_OPEN_DAYS:
        return Ignored(f"{thing.lower()} merged within {_LONG_OPEN_DAYS} days is in time")
    severity = severity_of_delay(days)
    return Mapped((item.delays(severity, f"took {count_days(days)}", thing, days=str(days)),))


def day_of(moment: datetime | None) -> date | None:
    """The day of a moment, in UTC."""
    return moment.date() if moment else None


def day_in(written: str | None) -> date | None:
    """The day that an ISO 8601 date or time begins with."""
    try:
        return date.fromisoformat((written or "")[:10])
    except ValueError:
        return None


def count_days(count: int) -> str:
    """``1 day``, ``2 days``."""
    return "1 day" if count == 1 else f"{count} days"
