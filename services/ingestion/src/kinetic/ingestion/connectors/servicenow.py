"""ServiceNow: incidents, problems, cases and changes that go wrong, and service levels that are missed.

ServiceNow signs nothing. A business rule sends its records with the integration's secret as a header: `X-Kinetic-Token`.

| record | what happened | signal | severity |
|---|---|---|---|
| `incident` | inserted, unless it has ended; reopened; escalated | `service.incident` | by priority; escalated at least 0.75 |
| `problem` | the same | `quality.defect` | the same |
| `sn_si_incident`, `sn_vul_vulnerable_item`, `sn_vul_app_vulnerable_item` | the same | `security.finding` | the same |
| `sn_customerservice_case` | reopened; escalated; inserted, if its category says that something is broken | `customer.dissatisfied`; by category | the same |
| `change_request` | the close code becomes unsuccessful, or successful with issues | `delivery.failed` | 0.75, with issues 0.4 |
| `task_sla`, or `made_sla` of any record | breached | `service.breached` | by the task's priority |

Reopened: the state was an end and is not any more. Escalated: the priority was raised to 1 or 2, the escalation to High or
Overdue, or a major incident was accepted. Priorities: 1 Critical 1.0, 2 High 0.75, 3 Moderate 0.5, 4 Low 0.25, 5 Planning 0.1.

An *after* business rule for insert and update of these tables posts the template. Its script sets each field with
`current.getValue(…)`, those of `previous` with `previous.getValue(…)`, names with `getDisplayValue(…)`; for `task_sla`,
number, priority and group are those of `current.task`. A flow may write `event` instead of operation and previous, one of
`created`, `reopened`, `escalated`, `sla_breached`. Records of the Table API, with or without display values, are read too::

    {"table": "incident", "operation": "update", "number": "INC0010023", "url": "https://…/nav_to.do?uri=…",
     "state": "2", "priority": "1", "escalation": "0", "major_incident_state": "", "category": "network",
     "close_code": "", "has_breached": "false", "assignment_group": "Network",
     "service": "Checkout", "assigned_to_email": "dana@…", "sys_updated_on": "2026-11-24 10:00:00",
     "previous": {"state": "6", "priority": "3", "escalation": "0", "has_breached": "false"}}

Times without a zone are UTC, as `getValue` answers them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kinetic.ingestion.connectors import kinds, languages
from kinetic.ingestion.connectors.marks import kind_of
from kinetic.ingestion.connectors.once import once
from kinetic.ingestion.connectors.payloads import (
    email,
    first_part,
    identifier,
    identifier_of,
    link,
    moment_of,
    part,
    text,
    whole,
    word,
)
from kinetic.ingestion.connectors.protocol import Connector, Headers, Ignored, Reading
from kinetic.ingestion.connectors.severities import Scale, ranks, says
from kinetic.ingestion.connectors.signatures import Token
from kinetic.ingestion.connectors.tickets import (
    Ticket,
    breach,
    change_priority,
    escalate,
    read_event,
    reopen,
    report,
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose records are trouble: what a record is, what it is called, and the numbers of the states that are an end."""

    trouble: str
    thing: str
    prefix: str
    done: frozenset[str]


_CHANGES, _SLAS, _CASES = "change_request", "task_sla", "sn_customerservice_case"
_TABLES = {
    "incident": Table(kinds.SERVICE_INCIDENT, "An incident", "INC", frozenset({"6", "7", "8"})),
    "problem": Table(kinds.QUALITY_DEFECT, "A problem", "PRB", frozenset({"4", "106", "107"})),
    "sn_si_incident": Table(kinds.SECURITY_FINDING, "A security incident", "SIR", frozenset({"3", "7"})),
    "sn_vul_vulnerable_item": Table(kinds.SECURITY_FINDING, "A vulnerable item", "VIT", frozenset({"3"})),
    "sn_vul_app_vulnerable_item": Table(kinds.SECURITY_FINDING, "A vulnerable item", "AVIT", frozenset({"3"})),
    _CASES: Table(kinds.CUSTOMER_DISSATISFIED, "A case", "CS", frozenset({"3", "6", "7"})),
    _CHANGES: Table(kinds.DELIVERY_FAILED, "A change", "CHG", frozenset({"3", "4"})),
    _SLAS: Table(kinds.SERVICE_BREACHED, "A service level", "", frozenset()),
}
_PREFIXES = {table.prefix: name for name, table in _TABLES.items() if table.prefix}
_DONE = languages.DONE | {"resolved", "closed", "canceled", "cancelled"}
_PRIORITY = Scale(
    "priority",
    {
        **ranks("", "p"),
        "critical": 1.0,
        "high": 0.75,
        "moderate": 0.5,
        "medium": 0.5,
        "low": 0.25,
        "planning": 0.1,
        "none": 0.1,
    },
)
_FAILED = Scale(
    "close code",
    {
        "unsuccessful": 0.75,
        "failed": 0.75,
        "backed_out": 0.75,
        "rolled_back": 0.75,
        "successful_issues": 0.4,
        "successful with issues": 0.4,
    },
)
_SUCCEEDED = frozenset({"successful", "implemented", "duplicate", "withdrawn", "rejected", "canceled", "cancelled"})
_ESCALATED = frozenset({"2", "3", "high", "overdue"})
_NESTED = ("record", "current", "result", *_TABLES)
_SERVICES = ("service", "business_service", "cmdb_ci")


def read(headers: Headers, payload: Any) -> Reading:
    """What a record that a business rule or flow of ServiceNow sends means. The payload alone says everything."""
    del headers
    record = Record(payload)
    if record.table is None:
        return Ignored(f"records of {'this table' if record.name else 'a table without name'} are everyday work")
    told = read_event(record.ticket, record.event) if record.event else None
    if told is not None:
        return told
    if record.misses_a_service_level:
        return breach(record.ticket)
    if record.name == _SLAS:
        return Ignored("a service level that is not missed is no trouble")
    if record.name == _CHANGES:
        return _read_change(record)
    if not record.is_new:
        return _read_update(record)
    return Ignored("what has ended is no trouble any more") if record.is_done(record.now) else report(record.ticket)


@dataclass(frozen=True)
class Record:
    """The record that a webhook is about, as it is now and as it was."""

    payload: Any

    @once
    def now(self) -> Mapping[str, Any]:
        return first_part(self.payload, _NESTED) or whole(self.payload)

    @once
    def before(self) -> Mapping[str, Any]:
        return part(self.now, "previous") or part(self.payload, "previous")

    @once
    def name(self) -> str | None:
        """The name of the table: as the record says, else by the prefix of its number."""
        given = word(self.payload, "table") or word(self.now, "table") or value(self.now, "sys_class_name")
        return given or self._guessed_name

    @property
    def _guessed_name(self) -> str | None:
        wrapped = next((name for name in _TABLES if part(self.payload, name)), None)
        number = text(self.now, "number") or ""
        return wrapped or _PREFIXES.get(number.rstrip("0123456789"))

    @once
    def table(self) -> Table | None:
        return _TABLES.get(self.name) if self.name else None

    @once
    def event(self) -> str:
        """What happened, by the word of a flow. That a record was inserted or updated is no such word."""
        return text(self.payload, "event") or text(self.now, "event") or ""

    @once
    def is_new(self) -> bool:
        operation = word(self.payload, "operation") or word(self.now, "operation")
        never_changed = value(self.now, "sys_mod_count") == "0"
        return operation == "insert" or (
            not operation and not self.before and (never_changed or self.is_in_first_state)
        )

    @once
    def is_in_first_state(self) -> bool:
        return value(self.now, "state") in ("1", "new", "101")

    @once
    def misses_a_service_level(self) -> bool:
        return is_missed(self.now) and not is_missed(self.before)

    def is_done(self, record: Mapping[str, Any]) -> bool:
        """Whether the state in `record` is an end."""
        state = value(record, "state") or ""
        return self.table is not None and (state in self.table.done or says(state, _DONE))

    @once
    def ticket(self) -> Ticket:
        table = self.table or _TABLES[_SLAS]
        category, urgency = shown(self.now, "category"), priority(self.now)
        return Ticket(
            tool="ServiceNow",
            thing=table.thing,
            severity=_PRIORITY.of(urgency),
            at=_time(self.now),
            url=link(self.payload, "url") or link(self.now, "url"),
            facts={
                "object": self.name,
                "queue": shown(self.now, "assignment_group"),
                "service": next((found for name in _SERVICES if (found := shown(self.now, name))), None),
                "issue_type": category,
                "person": email(self.now, "assigned_to_email") or email(self.now, "assigned_to", "email"),
            },
            priority=urgency,
            kind=kind_of([category]) if self.name == _CASES else table.trouble,
            trouble=table.trouble,
        )


def _read_update(record: Record) -> Reading:
    now, before = record.now, record.before
    if record.is_done(now):
        return Ignored("what has ended is no trouble any more")
    if not before:
        return Ignored("without event or previous, the record does not say what happened to it")
    if record.is_done(before) and value(now, "state"):
        return reopen(record.ticket)
    is_major = value(now, "major_incident_state") == "accepted"
    was_major = value(before, "major_incident_state") == "accepted"
    is_escalated, was_escalated = (value(one, "escalation") in _ESCALATED for one in (now, before))
    if (is_major and not was_major) or (is_escalated and not was_escalated):
        return escalate(record.ticket)
    if priority(before) == priority(now):
        return Ignored("what changed in the record is no sign of trouble")
    return change_priority(record.ticket, _PRIORITY, priority(before), priority(now))


def _read_change(record: Record) -> Reading:
    code = value(record.now, "close_code")
    if not code or code in _SUCCEEDED or code == value(record.before, "close_code"):
        return Ignored("a change that is not closed as unsuccessful is planned work")
    return record.ticket.becomes(kinds.DELIVERY_FAILED, _FAILED.of(code), "failed")


def is_missed(record: Mapping[str, Any]) -> bool:
    """Whether a service level of the record has been missed."""
    breached = value(record, "has_breached") in ("true", "1") or value(record, "stage") == "breached"
    return breached or value(record, "made_sla") in ("false", "0")


def value(record: Mapping[str, Any], name: str) -> str | None:
    """A field in lower case: plain, or the value in what the Table API answers."""
    found = record.get(name)
    if found is None:
        return None
    written = str(found) if isinstance(found, bool) else _as_written(found)
    return written.lower() if written else None


def _as_written(field: Any) -> str | None:
    if isinstance(field, dict):
        return identifier(field, "value") or identifier(field, "display_value")
    return identifier_of(field)


def shown(record: Mapping[str, Any], name: str) -> str | None:
    """A field as people see it: plain, or the displayed value in what the Table API answers, else the id there."""
    found = record.get(name)
    if isinstance(found, dict):
        return text(found, "display_value") or text(found, "value")
    return identifier_of(found)


def priority(record: Mapping[str, Any]) -> str | None:
    """The number or word of the priority, or the risk rating: ``1`` of ``1 - Critical``."""
    found = value(record, "priority") or value(record, "risk_rating")
    return found.partition(" - ")[0].strip() if found else None


def _time(record: Mapping[str, Any]) -> datetime | None:
    names = ("sys_updated_on", "sys_created_on", "opened_at")
    given = next((found for name in names if (found := _as_written(record.get(name)))), None)
    if given is None:
        return None
    return moment_of(given) or moment_of(f"{given}+00:00")


CONNECTOR = Connector("servicenow", Token(), read)
