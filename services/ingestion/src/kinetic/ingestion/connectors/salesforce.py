"""Salesforce: cases that are escalated, come back or are late, opportunities that are lost.

Salesforce signs nothing. A flow's *HTTP Callout* carries the integration's secret through its external credential: a custom
header `X-Kinetic-Token`, or a bearer token. An outbound message is XML and is not taken.

| record | what happened | signal | severity |
|---|---|---|---|
| `Case` | escalated: `IsEscalated`, or the status Escalated | `customer.dissatisfied` | by priority, at least 0.75 |
| `Case` | reopened: `event`, the closing date is taken away, or `IsClosed` changes to false | `customer.dissatisfied` | by priority |
| `Case` | created with a type such as Problem, Incident or Complaint | by type | by priority |
| `CaseMilestone`, `EntityMilestone`, `Case` | a milestone violated: `IsViolated`, or `event` | `service.breached` | by priority |
| `Opportunity` | closed and not won, or a stage named as lost | `sales.lost` | 0.5 |
| `Incident`, `Problem` | created; reopened; escalated | `service.incident`, `quality.defect` | by priority; escalated at least 0.75 |

Priorities: Critical 1.0, High 0.75, Medium or Moderate 0.5, Low 0.25.

A record-triggered flow posts the template when its conditions are met; `event` says which: `created`, `reopened`,
`escalated`, `milestone_violated`, `lost`. The names are those of the API, so that records of the REST API fit too::

    {"object": "Case", "event": "escalated", "Id": "{!$Record.Id}", "url": "https://…/lightning/r/Case/…/view",
     "Type": "{!$Record.Type}", "Status": "{!$Record.Status}", "Priority": "{!$Record.Priority}",
     "Queue": "{!$Record.Owner:Group.Name}", "Owner": {"Email": "{!$Record.Owner:User.Email}"},
     "LastModifiedDate": "2026-11-24T10:00:00Z"}

Events of Change Data Capture that somebody forwards are read as well. Of what they carry only what has changed counts. They
know no page, and the owner, by number, only when the channel is enriched with `OwnerId`. Records that were changed alike at
once are one signal, as they are one event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kinetic.ingestion.connectors import kinds, languages
from kinetic.ingestion.connectors.marks import kind_of
from kinetic.ingestion.connectors.once import once
from kinetic.ingestion.connectors.payloads import (
    email,
    first_part,
    flag,
    identifier,
    link,
    milliseconds,
    moment,
    part,
    text,
    whole,
    word,
)
from kinetic.ingestion.connectors.protocol import Connector, Headers, Ignored, Reading
from kinetic.ingestion.connectors.severities import NEUTRAL, Scale, Severity, says
from kinetic.ingestion.connectors.signatures import Token
from kinetic.ingestion.connectors.tickets import Ticket, breach, escalate, read_event, reopen, report

_TROUBLE = {
    "case": kinds.CUSTOMER_DISSATISFIED,
    "casemilestone": kinds.SERVICE_BREACHED,
    "entitymilestone": kinds.SERVICE_BREACHED,
    "incident": kinds.SERVICE_INCIDENT,
    "opportunity": kinds.SALES_LOST,
    "problem": kinds.QUALITY_DEFECT,
}
_MILESTONES = frozenset({"casemilestone", "entitymilestone"})
_THINGS = {
    "case": "A case",
    "casemilestone": "A milestone",
    "entitymilestone": "A milestone",
    "incident": "An incident",
    "problem": "A problem",
}
_PRIORITY = Scale("priority", {"critical": 1.0, "high": 0.75, "medium": 0.5, "moderate": 0.5, "low": 0.25})
_LOST = languages.LOST | {"lost"}
_NO = frozenset({"false", "0"})
_ESCALATED = frozenset({"escalated"})
_DONE = frozenset({"closed", "resolved", "canceled", "cancelled"})
_ENVELOPES = ("detail", "payload", "record", "sobject")


def read(headers: Headers, payload: Any) -> Reading:
    """What a flow's record or a change event of Salesforce means. The payload alone says everything."""
    del headers
    record = Record(payload)
    if record.object not in _TROUBLE:
        return Ignored(f"records of {'this object' if record.object else 'an object without name'} are everyday work")
    if record.object == "opportunity":
        return _read_opportunity(record)
    told = read_event(record.ticket, record.event) if record.event else None
    return _read_record(record) if told is None else told


@dataclass(frozen=True)
class Record:
    """The record that a webhook is about. In a change event only what changed counts."""

    payload: Any

    @once
    def fields(self) -> Mapping[str, Any]:
        found = part(self.payload, "data", "payload") or part(self.payload, "detail", "payload")
        return found or first_part(self.payload, _ENVELOPES) or whole(self.payload)

    @once
    def header(self) -> Mapping[str, Any]:
        """The header of a change event; empty in the template of a flow."""
        return part(self.fields, "ChangeEventHeader")

    @once
    def name(self) -> str:
        """The API name of the object, such as ``Case``."""
        named = text(self.payload, "object") or text(self.fields, "object") or text(self.fields, "attributes", "type")
        return text(self.header, "entityName") or named or ""

    @once
    def object(self) -> str:
        """The name in lower case."""
        return self.name.lower()

    @once
    def event(self) -> str:
        """The word with which a flow says what happened. ``{"replayId": …}`` of a change event is none."""
        return text(self.payload, "event") or text(self.fields, "event") or ""

    @once
    def is_new(self) -> bool:
        return word(self.header, "changeType") == "create"

    def says_of(self, name: str) -> bool:
        """Whether the payload says something of a field: always in a template, in a change event when it has changed."""
        if not self.header or self.is_new:
            return self.fields.get(name) is not None
        return name in self.changed or (self.changed_in_code and self.fields.get(name) is not None)

    @once
    def changed(self) -> frozenset[str]:
        """The fields that a change event names."""
        return frozenset((*_texts(self.header, "changedFields"), *_texts(self.header, "nulledFields")))

    @once
    def changed_in_code(self) -> bool:
        """Whether a change event names fields by a bitmap: ``0x400000``."""
        return any("0x" in one for one in self.changed)

    def loses(self, name: str) -> bool:
        """Whether a change event says that a field is empty now."""
        return bool(self.header) and not self.is_new and self.says_of(name) and self.fields.get(name) is None

    @property
    def opens(self) -> bool:
        """Whether a change event says that the record is closed no more."""
        return bool(self.header) and not self.is_new and self.says_of("IsClosed") and denies(self.fields, "IsClosed")

    @once
    def ticket(self) -> Ticket:
        fields, issue_type = self.fields, text(self.fields, "Type")
        trouble = _TROUBLE.get(self.object, kinds.CUSTOMER_DISSATISFIED)
        of_case = part(fields, "Case")
        priority = text(fields, "Priority") or text(of_case, "Priority")
        is_case = trouble == kinds.CUSTOMER_DISSATISFIED
        return Ticket(
            tool="Salesforce",
            thing=_THINGS.get(self.object, "A record"),
            severity=_PRIORITY.of(priority),
            at=milliseconds(self.header, "commitTimestamp")
            or moment(fields, "LastModifiedDate")
            or moment(fields, "CreatedDate"),
            url=link(self.payload, "url") or link(fields, "url"),
            facts=_facts(self.name, fields, of_case),
            priority=priority.lower() if priority else None,
            kind=kind_of([issue_type]) if is_case else trouble,
            trouble=trouble,
        )


def _facts(name: str, fields: Mapping[str, Any], of_case: Mapping[str, Any]) -> dict[str, str | None]:
    owner = part(fields, "Owner") or part(of_case, "Owner")
    is_queue = word(owner, "attributes", "type") == "group"
    return {
        "object": name,
        "queue": text(fields, "Queue") or text(of_case, "Queue") or (text(owner, "Name") if is_queue else None),
        "owner": identifier(fields, "OwnerId") or identifier(owner, "Id"),
        "issue_type": text(fields, "Type") or text(of_case, "Type"),
        "person": email(owner, "Email"),
    }


def _read_opportunity(record: Record) -> Reading:
    fields, stage = record.fields, text(record.fields, "StageName") or ""
    is_closed_unwon = record.says_of("IsClosed") and flag(fields, "IsClosed") and denies(fields, "IsWon")
    is_lost_by_stage = record.says_of("StageName") and says(stage, _LOST)
    if not (is_closed_unwon or is_lost_by_stage or says(record.event, _LOST)):
        return Ignored("an opportunity that is not lost is everyday work")
    return record.ticket.becomes(kinds.SALES_LOST, Severity(NEUTRAL), "lost")


def _read_record(record: Record) -> Reading:
    fields, status = record.fields, text(record.fields, "Status") or ""
    if _is_violated(record):
        return breach(record.ticket)
    if flag(fields, "IsClosed") or says(status, _DONE):
        return Ignored("what has ended is no trouble any more")
    if (record.says_of("IsEscalated") and flag(fields, "IsEscalated")) or (
        record.says_of("Status") and says(status, _ESCALATED)
    ):
        return escalate(record.ticket)
    if record.loses("ClosedDate") or record.opens:
        return reopen(record.ticket)
    if record.object not in _MILESTONES and (record.is_new or (not record.header and status.lower() == "new")):
        return report(record.ticket)
    return Ignored("what is said of the record is no sign of trouble")


def _is_violated(record: Record) -> bool:
    """A milestone that is violated, or a case that says so of one."""
    is_milestone = record.says_of("IsViolated") and flag(record.fields, "IsViolated")
    status = word(record.fields, "MilestoneStatus")
    return is_milestone or (record.says_of("MilestoneStatus") and status == "open violation")


def denies(fields: Mapping[str, Any], name: str) -> bool:
    """Whether a field says no, as JSON or as the text that a flow writes."""
    return fields.get(name) is False or word(fields, name) in _NO


def _texts(payload: Mapping[str, Any], name: str) -> list[str]:
    values = payload.get(name)
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


CONNECTOR = Connector("salesforce", Token(), read)
