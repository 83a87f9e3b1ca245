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


def service_level(**cycles: Any) -> dict[str, Any]:
    return {
        "project": {"key": "IT", "projectTypeKey": "service_desk"},
        "customfield_10030": {"name": "Time to resolution", **cycles},
    }


MISSED = {"breached": True, "paused": False, "breachTime": {"epochMillis": 1364400000000}}
MISSED_AT = datetime.fromisoformat("2013-03-27T16:00:00+00:00")
ENDED = {"breached": True, "breachTime": MISSED["breachTime"], "stopTime": {"iso8601": "2013-03-27T16:57:45+0000"}}
MOVED = {"field": "status", "fromString": "Open", "toString": "In Progress"}


def test_service_level_is_missed_when_work_moves_on_without_meeting_it() -> None:
    (observation,) = observed(changed(service_level(ongoingCycle=MISSED), MOVED))

    assert (observation.kind, observation.severity, observation.occurred_at) == ("service.breached", 0.75, MISSED_AT)
    assert observation.attributes["service_level"] == "Time to resolution"


def test_service_level_is_missed_when_its_cycle_ends_too_late() -> None:
    assert observed(changed(service_level(completedCycles=[ENDED]), MOVED))[0].kind == "service.breached"


@pytest.mark.parametrize(
    ("cycles", "items"),
    [
        ({"ongoingCycle": {**MISSED, "breached": False}}, [MOVED]),
        ({"ongoingCycle": {**MISSED, "paused": True}}, [MOVED]),
        ({"ongoingCycle": MISSED}, [{"field": "assignee", "toString": "Dana"}]),
        ({"completedCycles": [{**ENDED, "stopTime": {"epochMillis": 1364300000000}}]}, [MOVED]),
        ({"completedCycles": [{**ENDED, "breached": False}]}, [MOVED]),
    ],
)
def test_a_miss_is_not_told_with_every_change(cycles: dict[str, Any], items: list[dict[str, Any]]) -> None:
    assert isinstance(jira.read({}, changed(service_level(**cycles), *items)), Ignored)


def by_rule(**fields: Any) -> Any:
    """What a rule of automation sends: the bare issue."""
    issue = changed({"created": "2013-03-20T08:00:00.000+0000", **fields})["issue"]
    return {**issue, "timestamp": 1364403465325}


def test_rule_tells_of_a_missed_service_level_in_both_formats() -> None:
    bare = by_rule(**service_level(ongoingCycle=MISSED))

    for body in (bare, {"issue": bare, "timestamp": 1364403465325}):
        assert [one.kind for one in observed(body)] == ["service.breached"]


def test_rule_tells_of_overdue_work() -> None:
    (observation,) = observed(by_rule(duedate="2013-03-20"))

    assert (observation.kind, observation.summary) == ("delivery.delayed", "Work in BUG was overdue for 7 days")


def test_rule_tells_of_a_bug_that_was_created_just_now() -> None:
    assert observed(by_rule(created="2013-03-27T16:57:40.000+0000"))[0].attributes["state"] == "reported"
    assert isinstance(jira.read({}, by_rule()), Ignored)


def test_request_of_a_service_desk_that_comes_back_is_a_dissatisfied_customer() -> None:
    status = {"field": "status", "fromString": "Resolved", "toString": "Waiting for support"}
    request = {**service_level(), "issuetype": {"name": "[System] Service request"}}

    assert observed(changed(request, status))[0].kind == "customer.dissatisfied"
    assert (
        observed(changed({**request, "issuetype": {"name": "[System] Incident"}}, status))[0].kind == "service.incident"
    )


def test_event_of_reopening_is_enough() -> None:
    body = {
        **changed({}, {"field": "status", "fromString": "QA", "toString": "Open"}),
        "issue_event_type_name": "issue_reopened",
    }

    assert observed(body)[0].attributes["state"] == "reopened"


@pytest.mark.parametrize(
    ("item", "kind", "severity"),
    [
        ({"field": "status", "fromString": "Open", "toString": "Escalated"}, "quality.defect", 0.75),
        ({"field": "issuetype", "fromString": "Task", "toString": "Bug"}, "quality.defect", 0.75),
        ({"field": "Flagged", "toString": "Impediment"}, "delivery.delayed", 0.3),
        ({"field": "Target end", "from": "2013-04-01", "to": "2013-04-03"}, "delivery.delayed", 0.3),
        ({"field": "Satisfaction", "toString": "1"}, "customer.dissatisfied", 1.0),
        ({"field": "Satisfaction", "toString": "5"}, None, None),
        ({"field": "Flagged", "fromString": "Impediment", "toString": ""}, None, None),
        ({"field": "issuetype", "fromString": "Defect", "toString": "Bug"}, None, None),
    ],
)
def test_changes_have_a_meaning(item: dict[str, Any], kind: str | None, severity: float | None) -> None:
    reading = jira.read({}, changed({}, item))

    found = [(one.kind, one.severity) for one in reading.observations] if isinstance(reading, Mapped) else []
    assert found == ([(kind, severity)] if kind else [])


def test_work_that_moves_between_two_ends_is_late_once() -> None:
    late = {"duedate": "2013-03-20", "status": {"name": "Closed", "statusCategory": {"key": "done"}}}
    between = {"field": "status", "fromString": "Resolved", "toString": "Closed"}

    assert isinstance(jira.read({}, changed(late, between)), Ignored)


def test_team_components_and_labels_find_the_team() -> None:
    body = payload("created_v2")
    body["issue"]["fields"].update(
        components=[{"name": "Basket"}, {"name": "Payment"}],
        labels=["web"],
        customfield_10001={"id": "36885b3c", "name": "Checkout", "isShared": True},
    )

    attribution = observed(body)[0].attribution

    assert (attribution["component"], attribution["label"], attribution["team"]) == (
        "Basket, Payment",
        "web",
        "Checkout",
    )


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("https://northwind.atlassian.net/rest/api/2/issue/1", "https://northwind.atlassian.net/browse/BUG-15"),
        ("https://intra.example/jira/rest/api/2/issue/1", "https://intra.example/jira/browse/BUG-15"),
        ("https://api.atlassian.com/ex/jira/7/rest/api/3/issue/1", None),
        ("https://[broken/rest/", None),
        ("javascript://x/rest/", None),
    ],
)
def test_page_of_an_issue_stands_beside_its_resource(address: str, url: str | None) -> None:
    body = payload("created_v2")
    body["issue"]["self"] = address

    assert observed(body)[0].url == url


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
