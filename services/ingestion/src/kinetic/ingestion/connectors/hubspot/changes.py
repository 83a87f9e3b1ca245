"""What changes of properties mean. A batch has one for each property, a workflow sends all properties of one object."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.languages import LOST
from kinetic.ingestion.connectors.payloads import identifier, milliseconds, moment, part, whole, word
from kinetic.ingestion.connectors.protocol import Headers, Ignored, Mapped, Observation, Reading
from kinetic.ingestion.connectors.severities import HIGH, NEUTRAL, Scale, Severity, says
from kinetic.ingestion.connectors.tickets import Ticket, breach, reopen

_OBJECTS = {
    "0-1": "contact",
    "0-2": "company",
    "0-3": "deal",
    "0-5": "ticket",
    "0-19": "feedback_submission",
}
_PAGES = {"contact": "0-1", "deal": "0-3", "ticket": "0-5"}
_OBJECT_BY_PROPERTY = {"dealstage": "deal", "hs_pipeline_stage": "ticket", "hs_survey_type": "feedback_submission"}
_IDS = ("objectId", "vid", "dealId")
"""Older workflows name the id after the object."""
_THINGS = {"ticket": "A ticket"}


@dataclass(frozen=True, slots=True)
class Change:
    """A property of an object that has a new value, in lower case."""

    account: str | None
    object_type: str
    object_id: str | None
    name: str
    value: str
    at: datetime | None
    pipeline: str | None = None
    owner: str | None = None

    @property
    def ticket(self) -> Ticket:
        """The object as what can come to pass with it. HubSpot says no priority along."""
        return Ticket(
            tool="HubSpot",
            thing=_THINGS.get(self.object_type, "A customer"),
            severity=Severity(NEUTRAL),
            at=self.at,
            url=self._page(),
            facts={
                "account": self.account,
                "object": self.object_type,
                "pipeline": self.pipeline,
                "owner": self.owner,
            },
            priority=None,
            kind=None,
        )

    def _page(self) -> str | None:
        object_type = _PAGES.get(self.object_type)
        numbers = f"{self.account}{self.object_id}"
        if object_type is None or not (numbers.isascii() and numbers.isdigit()):
            return None
        return f"https://app.hubspot.com/contacts/{self.account}/record/{object_type}/{self.object_id}"


def read(headers: Headers, payload: Any) -> Reading:
    """What a batch of HubSpot's webhooks, or the object that a workflow sends, means. The payload alone says everything."""
    del headers
    events = payload if isinstance(payload, list) else [payload]
    changes = [change for event in events for change in _changes(event)]
    observations: dict[tuple[str, str | None], Observation] = {}
    for change in changes:
        reading = _read_change(change)
        if isinstance(reading, Mapped):
            for observation in reading.observations:
                observations.setdefault((observation.kind, change.object_id), observation)
    if observations:
        return Mapped(tuple(observations.values()))
    return Ignored("no property changed in a way that is a sign of trouble")


def _changes(event: Any) -> Iterator[Change]:
    """The changes of which somebody here makes something."""
    if part(event, "properties"):
        yield from _changes_of_workflow(event)
        return
    object_type, _, happened = word(event, "subscriptionType").partition(".")
    if happened != "propertychange":
        return
    if object_type == "object":
        object_type = _OBJECTS.get(word(event, "objectTypeId"), word(event, "objectTypeId"))
    name = word(event, "propertyName")
    if (object_type, name) not in _READERS:
        return
    yield Change(
        account=identifier(event, "portalId"),
        object_type=object_type,
        object_id=identifier(event, "objectId"),
        name=name,
        value=_value(event, "propertyValue"),
        at=milliseconds(event, "occurredAt"),
    )


def _changes_of_workflow(payload: Any) -> Iterator[Change]:
    """A workflow sends the object as it is, once somebody's conditions for it are met."""
    properties = part(payload, "properties")
    by_property = next((found for name, found in _OBJECT_BY_PROPERTY.items() if name in properties), "contact")
    named = word(payload, "objectTypeId") or word(payload, "objectType")
    object_type = _OBJECTS.get(named, named) or by_property
    for name in properties:
        if (object_type, name) not in _READERS:
            continue
        yield Change(
            account=identifier(payload, "portalId") or identifier(payload, "portal-id"),
            object_type=object_type,
            object_id=next((found for id_name in _IDS if (found := identifier(payload, id_name))), None)
            or identifier(properties, "hs_object_id"),
            name=name,
            value=_value(properties, name),
            at=milliseconds(properties, name, "timestamp") or moment(properties, "hs_lastmodifieddate"),
            pipeline=_value(properties, "pipeline") or _value(properties, "hs_pipeline") or None,
            owner=_value(properties, "hubspot_owner_id") or None,
        )


def _value(payload: Any, name: str) -> str:
    value = whole(payload).get(name)
    if isinstance(value, bool):
        return str(value).lower()
    return (identifier(payload, name, "value" if isinstance(value, dict) else None) or "").lower()


def _read_change(change: Change) -> Reading | None:
    return _READERS[change.object_type, change.name](change) if change.value else None


_LOST = LOST | {"lost"}


def _read_stage(change: Change) -> Reading | None:
    named_as_lost = change.value == "closedlost" or says(change.value, _LOST)
    return _lose(change) if named_as_lost else None


def _read_closed_lost(change: Change) -> Reading | None:
    return _lose(change) if change.value == "true" else None


def _lose(change: Change) -> Mapped:
    return change.ticket.becomes(kinds.SALES_LOST, Severity(NEUTRAL), "lost")


_OVERDUE = frozenset({"1", "overdue", "breached", "missed"})


def _read_service_level(change: Change) -> Reading | None:
    """HubSpot's options are 0 active, 1 overdue, 2 due soon, 3 completed on time, 4 completed late: told when overdue."""
    return breach(change.ticket) if change.value in _OVERDUE else None


def _read_reopening(change: Change) -> Reading | None:
    return reopen(change.ticket)


def _read_category(change: Change) -> Reading | None:
    if "product_issue" not in change.value.replace(" ", "_").split(";"):
        return None
    return change.ticket.becomes(kinds.QUALITY_DEFECT, Severity(NEUTRAL), "reported")


_GROUP = Scale("response group", {"detractor": HIGH, "0": HIGH, "negative": HIGH})
_CONTENT = frozenset({"promoter", "passive", "1", "2", "positive", "neutral"})


def _read_feedback(change: Change) -> Reading | None:
    if change.value in _CONTENT:
        return None
    severity = _GROUP.of(change.value)
    state = "rated" if severity.unknown else "dissatisfied"
    return change.ticket.becomes(kinds.CUSTOMER_DISSATISFIED, severity, state)


_READERS: Mapping[tuple[str, str], Callable[[Change], Reading | None]] = {
    ("contact", "hs_feedback_last_nps_rating"): _read_feedback,
    ("deal", "dealstage"): _read_stage,
    ("deal", "hs_is_closed_lost"): _read_closed_lost,
    ("feedback_submission", "hs_response_group"): _read_feedback,
    ("feedback_submission", "hs_sentiment"): _read_feedback,
    ("ticket", "hs_ticket_category"): _read_category,
    ("ticket", "hs_ticket_reopened_at"): _read_reopening,
    ("ticket", "hs_time_to_close_sla_status"): _read_service_level,
    ("ticket", "hs_time_to_first_response_sla_status"): _read_service_level,
    ("ticket", "hs_time_to_next_response_sla_status"): _read_service_level,
}
