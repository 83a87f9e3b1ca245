"""What the records that ServiceNow sends mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Observation

PAYLOADS = Path(__file__).parent / "payloads" / "servicenow"
servicenow = CONNECTORS["servicenow"]


def payload(name: str, **fields: Any) -> Any:
    return {**json.loads((PAYLOADS / f"written_{name}.json").read_text()), **fields}


def observed(body: Any) -> Observation:
    reading = servicenow.read({}, body)
    assert isinstance(reading, Mapped), reading
    (observation,) = reading.observations
    return observation


def updated(now: dict[str, Any], before: dict[str, Any], table: str = "incident") -> Any:
    return payload("incident_reopened", table=table, previous={"state": "2", "priority": "3", **before}, **now)


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        ("incident", "service.incident"),
        ("problem", "quality.defect"),
        ("sn_si_incident", "security.finding"),
        ("sn_vul_vulnerable_item", "security.finding"),
    ],
)
def test_table_makes_the_kind(table: str, kind: str) -> None:
    observation = observed(payload("incident_inserted", table=table))

    assert (observation.kind, observation.severity) == (kind, 1.0)


@pytest.mark.parametrize("table", ["sc_req_item", "sc_task", "kb_knowledge", "cmdb_ci", ""])
def test_other_tables_are_everyday_work(table: str) -> None:
    assert isinstance(servicenow.read({}, payload("incident_inserted", table=table, number="RITM0010001")), Ignored)


@pytest.mark.parametrize(
    ("number", "kind"), [("INC0010023", "service.incident"), ("PRB0040011", "quality.defect"), ("INCTASK001", None)]
)
def test_table_is_known_by_the_number_too(number: str, kind: str | None) -> None:
    reading = servicenow.read({}, payload("incident_inserted", table="", number=number))

    assert (reading.observations[0].kind if isinstance(reading, Mapped) else None) == kind


@pytest.mark.parametrize(
    ("table", "ended"),
    [("incident", "6"), ("incident", "Closed"), ("problem", "107"), ("sn_customerservice_case", "3"), ("incident", 7)],
)
def test_record_that_had_ended_and_has_not_any_more_came_back(table: str, ended: Any) -> None:
    assert observed(updated({"state": "2"}, {"state": ended}, table)).attributes["state"] == "reopened"
    assert isinstance(servicenow.read({}, updated({"state": ended}, {"state": "2"}, table)), Ignored)


@pytest.mark.parametrize(
    ("now", "before"),
    [
        ({"priority": "2"}, {"priority": "3"}),
        ({"priority": "1 - Critical"}, {"priority": "4 - Low"}),
        ({"escalation": "2"}, {"escalation": "1"}),
        ({"escalation": "3"}, {}),
        ({"major_incident_state": "accepted"}, {"major_incident_state": "proposed"}),
    ],
)
def test_what_is_raised_is_escalated(now: dict[str, Any], before: dict[str, Any]) -> None:
    observation = observed(updated(now, before))

    assert observation.attributes["state"] == "escalated"
    assert observation.severity >= 0.75


@pytest.mark.parametrize(
    ("now", "before"),
    [
        ({"priority": "4"}, {"priority": "1"}),
        ({"priority": "3"}, {"priority": "5"}),
        ({"escalation": "2"}, {"escalation": "3"}),
        ({"major_incident_state": "accepted"}, {"major_incident_state": "accepted"}),
        ({"assignment_group": "Database"}, {}),
    ],
)
def test_other_updates_are_no_trouble(now: dict[str, Any], before: dict[str, Any]) -> None:
    assert isinstance(servicenow.read({}, updated(now, before)), Ignored)


@pytest.mark.parametrize(
    ("priority", "severity", "unknown"),
    [
        ("1", 1.0, ()),
        (2, 0.75, ()),
        ("3 - Moderate", 0.5, ()),
        ("5", 0.1, ()),
        ("", 0.5, ()),
        ("9", 0.5, ("priority 9",)),
    ],
)
def test_priority_makes_the_severity(priority: Any, severity: float, unknown: tuple[str, ...]) -> None:
    observation = observed(payload("incident_inserted", priority=priority))

    assert (observation.severity, observation.unknown) == (severity, unknown)


def test_service_level_is_told_once() -> None:
    assert observed(payload("task_sla_breached", has_breached=True)).kind == "service.breached"
    assert observed(payload("task_sla_breached", has_breached="1", previous={})).kind == "service.breached"
    assert observed(updated({"made_sla": "false"}, {"made_sla": "true"})).kind == "service.breached"
    assert isinstance(servicenow.read({}, payload("task_sla_completed")), Ignored)
    assert isinstance(servicenow.read({}, updated({"made_sla": "false"}, {"made_sla": "false"})), Ignored)


@pytest.mark.parametrize(
    ("code", "severity"), [("unsuccessful", 0.75), ("Successful with issues", 0.4), ("odd", 0.5), ("backed_out", 0.75)]
)
def test_change_that_went_wrong_is_a_failed_delivery(code: str, severity: float) -> None:
    observation = observed(payload("change_unsuccessful", close_code=code))

    assert (observation.kind, observation.severity) == ("delivery.failed", severity)
    assert observation.summary == "A change in Network failed"


def test_closed_change_is_told_once() -> None:
    body = payload("change_unsuccessful", previous={"state": "3", "close_code": "unsuccessful"})

    assert isinstance(servicenow.read({}, body), Ignored)


def test_word_of_a_flow_goes_before_the_fields() -> None:
    assert observed(payload("incident_assigned", event="sla_breached")).kind == "service.breached"


def test_record_that_does_not_say_what_happened_is_ignored() -> None:
    assert isinstance(servicenow.read({}, payload("incident_assigned", operation="", previous={})), Ignored)


def test_record_of_the_table_api_is_read_with_display_values() -> None:
    observation = observed(payload("table_api_incident"))

    assert observation.attribution["queue"] == "Network"
    assert observation.occurred_at == datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.mark.parametrize("given", ["2026-11-24 10:00:00", "2026-11-24T10:00:00Z", "2026-11-24T11:00:00+01:00"])
def test_time_without_zone_is_utc(given: str) -> None:
    observation = observed(payload("incident_inserted", sys_updated_on=given))

    assert observation.occurred_at == datetime(2026, 11, 24, 10, tzinfo=UTC)


def test_record_that_has_ended_when_it_is_inserted_is_only_being_filed() -> None:
    assert observed(payload("incident_inserted", state="2")).attributes["state"] == "reported"
    assert isinstance(servicenow.read({}, payload("incident_inserted", state="7")), Ignored)


def test_weakness_of_an_application_is_a_finding() -> None:
    weakness = payload("incident_inserted", table="sn_vul_app_vulnerable_item", number="AVIT1", state="1")

    assert observed(weakness).kind == "security.finding"


def test_record_without_table_is_ignored_for_that_reason() -> None:
    reading = servicenow.read({}, {"records": [{"number": "INC1"}]})

    assert reading == Ignored("records of a table without name are everyday work")


def test_state_that_was_an_end_in_another_language_was_one() -> None:
    assert observed(updated({"state": "In Bearbeitung"}, {"state": "Gelöst"})).attributes["state"] == "reopened"
