"""What Jira's webhooks mean."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Observation

PAYLOADS = Path(__file__).parent / "payloads" / "jira"
jira = CONNECTORS["jira"]


def payload(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text())


def changed(fields: dict[str, Any], *items: dict[str, Any]) -> Any:
    """A bug that was changed."""
    body = payload("reassigned_v1")
    body["issue"]["fields"].update(fields)
    body["changelog"]["items"] = list(items)
    return body


def observed(body: Any) -> tuple[Observation, ...]:
    reading = jira.read({}, body)
    assert isinstance(reading, Mapped), reading
    return reading.observations


def test_new_bug_is_a_defect_by_its_priority() -> None:
    (observation,) = observed(payload("created_v2"))

    assert (observation.kind, observation.severity) == ("quality.defect", 0.75)
    assert observation.attribution == {"project": "BUG", "issue_type": "Bug"}
    assert observation.url == "http://lfranchi.com:8080/browse/BUG-15"
    assert observation.occurred_at == datetime.fromisoformat("2013-03-27T16:53:58.301+00:00")


@pytest.mark.parametrize(
    ("issue_type", "kind"),
    [("Bug", "quality.defect"), ("[System] Incident", "service.incident"), ("Vulnerability", "security.finding")],
)
def test_type_of_the_issue_makes_the_kind(issue_type: str, kind: str) -> None:
    body = payload("created_v2")
    body["issue"]["fields"]["issuetype"]["name"] = issue_type

    assert observed(body)[0].kind == kind


@pytest.mark.parametrize(
    ("priority", "severity"), [("Highest", 1.0), ("Blocker", 1.0), ("Medium", 0.5), ("Lowest", 0.1), ("Purple", 0.5)]
)
def test_priority_makes_the_severity(priority: str, severity: float) -> None:
    body = payload("created_v2")
    body["issue"]["fields"]["priority"] = {"name": priority}

    assert observed(body)[0].severity == severity


def test_work_that_was_done_and_is_not_any_more_came_back() -> None:
    status = {"field": "status", "fromString": "Done", "toString": "In Progress"}
    resolution = {"field": "resolution", "fromString": "Fixed", "toString": None}
    open_again = {"status": {"name": "In Progress", "statusCategory": {"key": "indeterminate"}}}

    for items in ([status], [resolution], [status, resolution]):
        (observation,) = observed(changed(open_again, *items))
        assert (observation.kind, observation.attributes["state"]) == ("quality.defect", "reopened")


def test_work_that_moves_between_two_ends_did_not_come_back() -> None:
    done = {"status": {"name": "Closed", "statusCategory": {"key": "done"}}}

    reading = jira.read({}, changed(done, {"field": "status", "fromString": "Resolved", "toString": "Closed"}))

    assert isinstance(reading, Ignored)


def test_only_a_raised_priority_is_a_sign() -> None:
    raised = {"field": "priority", "fromString": "Minor", "toString": "Critical"}
    lowered = {"field": "priority", "fromString": "Critical", "toString": "Minor"}

    assert observed(changed({}, raised))[0].severity == 1.0
    assert isinstance(jira.read({}, changed({}, lowered)), Ignored)


@pytest.mark.parametrize(("to", "severity"), [("2013-04-02", 0.3), ("2013-04-12", 0.5), ("2013-06-01", 0.75)])
def test_due_date_put_off_is_a_delay(to: str, severity: float) -> None:
    (observation,) = observed(changed({}, {"field": "duedate", "from": "2013-04-01", "to": to}))

    assert (observation.kind, observation.severity) == ("delivery.delayed", severity)


def test_work_done_after_its_due_date_is_a_delay() -> None:
    late = {"duedate": "2013-03-20", "status": {"name": "Done", "statusCategory": {"key": "done"}}}

    (observation,) = observed(changed(late, {"field": "status", "fromString": "Open", "toString": "Done"}))

    assert observation.summary == "Work in BUG was done 7 days late"


def test_assignee_serves_attribution_and_nothing_else() -> None:
    body = payload("created_v2")
    body["issue"]["fields"]["assignee"] = {"emailAddress": "dana@northwind.example", "displayName": "Dana"}

    (observation,) = observed(body)

    assert observation.attribution["person"] == "dana@northwind.example"
    assert "dana" not in f"{observation.summary} {observation.attributes} {observation.url}".lower()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


@given(field=st.sampled_from(["issuetype", "priority", "status", "project", "duedate", "created"]), value=json_values)
def test_no_payload_is_an_error(field: str, value: Any) -> None:
    items = (
        {"field": "status", "fromString": "Done", "toString": "Open"},
        {"field": "duedate", "from": value, "to": "x"},
    )
    body = changed({field: value}, *items)

    assert isinstance(jira.read({}, body), Mapped | Ignored)
    assert isinstance(jira.read({}, {**body, "webhookEvent": "jira:issue_created", "issue": value}), Mapped | Ignored)
