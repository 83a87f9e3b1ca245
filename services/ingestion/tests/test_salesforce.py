"""What the records of Salesforce's flows and its change events mean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Observation

PAYLOADS = Path(__file__).parent / "payloads" / "salesforce"
salesforce = CONNECTORS["salesforce"]


def payload(name: str, **fields: Any) -> Any:
    return {**json.loads((PAYLOADS / f"written_{name}.json").read_text()), **fields}


def change(name: str, **fields: Any) -> Any:
    """A change event with other fields."""
    body = payload(name)
    body["payload"].update(fields)
    return body


def observed(body: Any) -> Observation:
    reading = salesforce.read({}, body)
    assert isinstance(reading, Mapped), reading
    (observation,) = reading.observations
    return observation


@pytest.mark.parametrize("stage", ["Closed Lost", "Lost", "closed-lost", "Lost: price"])
def test_stage_named_as_lost_is_a_lost_sale(stage: str) -> None:
    observation = observed(payload("opportunity_lost", event="", StageName=stage))

    assert (observation.kind, observation.severity) == ("sales.lost", 0.5)
    assert observation.summary == "A sale in Salesforce was lost"


def test_opportunity_closed_and_not_won_is_lost_whatever_the_stage_is_called() -> None:
    assert observed(payload("rest_opportunity")).kind == "sales.lost"
    assert isinstance(salesforce.read({}, payload("rest_opportunity", IsWon=True)), Ignored)
    assert isinstance(salesforce.read({}, payload("rest_opportunity", IsClosed=False)), Ignored)


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"event": "escalated"}, "escalated"),
        ({"Status": "Escalated"}, "escalated"),
        ({"IsEscalated": "true"}, "escalated"),
        ({"event": "reopened"}, "reopened"),
        ({"event": "milestone_violated"}, "missed"),
        ({"MilestoneStatus": "Open Violation"}, "missed"),
    ],
)
def test_case_is_trouble_by_what_happened_to_it(fields: dict[str, Any], state: str) -> None:
    body = payload("case_reopened", **{"event": "", **fields})

    assert observed(body).attributes["state"] == state


@pytest.mark.parametrize(
    "fields",
    [
        {"Status": "Closed", "IsEscalated": True},
        {"IsClosed": True, "IsEscalated": True},
        {"Status": "Working"},
        {"Status": "New"},
        {"event": "milestone_warning"},
        {"MilestoneStatus": "Compliant"},
    ],
)
def test_other_cases_are_no_trouble(fields: dict[str, Any]) -> None:
    assert isinstance(salesforce.read({}, payload("case_reopened", **{"event": "", **fields})), Ignored)


@pytest.mark.parametrize(
    ("priority", "severity", "unknown"),
    [("High", 0.75, ()), ("low", 0.25, ()), (None, 0.5, ()), ("P7", 0.5, ("priority P7",))],
)
def test_priority_makes_the_severity(priority: Any, severity: float, unknown: tuple[str, ...]) -> None:
    observation = observed(payload("case_reopened", Priority=priority))

    assert (observation.severity, observation.unknown) == (severity, unknown)


def test_only_what_changed_counts_in_a_change_event() -> None:
    enriched = change("change_case_owner", Status="Escalated", IsEscalated=True)

    assert isinstance(salesforce.read({}, enriched), Ignored)
    assert observed(change("change_case_escalated", OwnerId="005")).attribution["owner"] == "005"


def test_change_events_that_code_their_fields_are_read_by_what_they_carry() -> None:
    body = change("change_case_escalated")
    body["payload"]["ChangeEventHeader"]["changedFields"] = ["0x400100"]

    assert observed(body).attributes["state"] == "escalated"
    assert isinstance(
        salesforce.read({}, {**body, "payload": {**body["payload"], "Status": None, "IsEscalated": None}}), Ignored
    )


@pytest.mark.parametrize("envelope", [("data", "payload"), ("detail", "payload"), ("detail",), ("payload",), ()])
def test_change_event_is_read_in_every_envelope(envelope: tuple[str, ...]) -> None:
    body = payload("change_opportunity_lost")["payload"]
    for name in reversed(envelope):
        body = {name: body}

    assert observed(body).kind == "sales.lost"


def test_deleted_records_are_no_trouble() -> None:
    body = change("change_opportunity_lost", StageName=None)
    body["payload"]["ChangeEventHeader"]["changeType"] = "DELETE"

    assert isinstance(salesforce.read({}, body), Ignored)


def test_owner_is_a_queue_or_a_person_and_a_persons_name_is_told_nowhere() -> None:
    person = {"attributes": {"type": "User"}, "Name": "Dana Doe", "Email": "dana@northwind.example"}
    observation = observed(payload("rest_case", Owner=person))

    assert "queue" not in observation.attribution
    assert observation.attribution["person"] == "dana@northwind.example"
    assert "Doe" not in repr(observation)
    assert observed(payload("rest_case")).summary == "A case in Billing was escalated"


@pytest.mark.parametrize(
    ("won", "is_lost"), [("false", True), (False, True), ("true", False), ("", False), (None, False)]
)
def test_flow_writes_no_as_a_text(won: Any, is_lost: bool) -> None:
    closed = {"object": "Opportunity", "StageName": "Ende", "IsClosed": "true", "IsWon": won}

    assert isinstance(salesforce.read({}, closed), Mapped) is is_lost


@pytest.mark.parametrize("stage", ["Geschlossen und verloren", "Perdida", "失注"])
def test_stage_is_named_as_lost_in_several_languages(stage: str) -> None:
    assert observed({"object": "Opportunity", "StageName": stage}).kind == "sales.lost"


def closed(is_closed: bool, change_type: str = "UPDATE") -> Any:
    """A change event that only says whether a case is closed."""
    header = {"entityName": "Case", "changeType": change_type, "changedFields": ["IsClosed"]}
    return {"payload": {"ChangeEventHeader": header, "IsClosed": is_closed, "Status": "Working"}}


def test_case_that_is_closed_no_more_comes_back() -> None:
    assert observed(closed(False)).attributes["state"] == "reopened"
    assert isinstance(salesforce.read({}, closed(True)), Ignored)
    assert isinstance(salesforce.read({}, closed(False, "CREATE")), Ignored)


def test_milestone_of_other_work_than_a_case_is_violated_too() -> None:
    violated = {"object": "EntityMilestone", "IsViolated": True}

    assert observed(violated).kind == "service.breached"
    assert isinstance(salesforce.read({}, {**violated, "IsViolated": False, "Status": "New"}), Ignored)


def test_record_without_object_is_ignored_for_that_reason() -> None:
    assert salesforce.read({}, {"Id": "500"}) == Ignored("records of an object without name are everyday work")
