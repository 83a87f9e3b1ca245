"""What can happen to a ticket, by the same rules in every help desk."""

from __future__ import annotations

import pytest

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.marks import kind_of
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Observation, Reading
from kinetic.ingestion.connectors.severities import Scale, Severity
from kinetic.ingestion.connectors.tickets import Ratings, Ticket, change_priority, escalate, rate, read_event

SCALE = Scale("priority", {"high": 0.75, "low": 0.25, "urgent": 1.0})
RATINGS = Ratings(Scale("rating", {"bad": 0.75}), frozenset({"good"}))
TICKET = Ticket(
    tool="Desk",
    thing="A ticket",
    severity=Severity(0.25),
    at=None,
    url=None,
    facts={"queue": "Billing", "person": "dana@northwind.example"},
    priority="low",
    kind=None,
)


def only(reading: Reading | None) -> Observation:
    assert isinstance(reading, Mapped), reading
    (observation,) = reading.observations
    return observation


@pytest.mark.parametrize(
    ("issue_type", "kind"),
    [
        ("Incident", kinds.SERVICE_INCIDENT),
        ("Problem", kinds.QUALITY_DEFECT),
        ("Bug report", kinds.QUALITY_DEFECT),
        ("security", kinds.SECURITY_FINDING),
        ("Complaint", kinds.CUSTOMER_DISSATISFIED),
        ("Feature Request", None),
        ("Debugging", None),
        (None, None),
    ],
)
def test_type_says_whether_a_new_ticket_is_trouble(issue_type: str | None, kind: str | None) -> None:
    assert kind_of([issue_type]) == kind


@pytest.mark.parametrize(
    ("event", "kind", "state"),
    [
        ("reopened", kinds.CUSTOMER_DISSATISFIED, "reopened"),
        ("ticket.escalated", kinds.CUSTOMER_DISSATISFIED, "escalated"),
        ("SLA breached", kinds.SERVICE_BREACHED, "missed"),
        ("milestone_violated", kinds.SERVICE_BREACHED, "missed"),
        ("overdue", kinds.SERVICE_BREACHED, "missed"),
    ],
)
def test_word_of_a_rule_says_what_happened(event: str, kind: str, state: str) -> None:
    observation = only(read_event(TICKET, event))

    assert (observation.kind, observation.attributes["state"]) == (kind, state)


@pytest.mark.parametrize("event", ["sla_warning", "due soon: overdue", "de-escalated", "resolved", "closed", "created"])
def test_warnings_ends_and_everyday_work_are_no_trouble(event: str) -> None:
    assert isinstance(read_event(TICKET, event), Ignored)


@pytest.mark.parametrize("event", ["", "commented", "assigned"])
def test_other_words_say_nothing(event: str) -> None:
    assert read_event(TICKET, event) is None


def test_escalated_ticket_is_high_at_least() -> None:
    assert only(escalate(TICKET)).severity == 0.75
    assert only(escalate(TICKET._replace(severity=Severity(1.0)))).severity == 1.0


@pytest.mark.parametrize(("before", "after"), [("low", "high"), ("high", "urgent"), ("purple", "urgent")])
def test_priority_raised_to_high_is_an_escalation(before: str, after: str) -> None:
    assert only(change_priority(TICKET, SCALE, before, after)).attributes["state"] == "escalated"


@pytest.mark.parametrize(
    ("before", "after"), [(None, "urgent"), ("urgent", "high"), ("high", "high"), ("low", "purple"), ("high", None)]
)
def test_first_or_lowered_priority_is_no_escalation(before: str | None, after: str | None) -> None:
    assert isinstance(change_priority(TICKET, SCALE, before, after), Ignored)


def test_only_a_bad_rating_is_trouble() -> None:
    assert only(rate(TICKET, RATINGS, "Bad")).severity == 0.75
    assert isinstance(rate(TICKET, RATINGS, "good"), Ignored)
    assert isinstance(rate(TICKET, RATINGS, None), Ignored)


def test_rating_that_nobody_here_knows_is_neutral_and_named() -> None:
    observation = only(rate(TICKET, RATINGS, "meh"))

    assert (observation.severity, observation.unknown) == (0.5, ("rating meh",))
    assert observation.summary == "A ticket in Billing was rated"


@pytest.mark.parametrize(
    ("facts", "place"),
    [
        ({"queue": "Billing", "product": "Shop"}, "Billing"),
        ({"queue": "4711", "product": "Shop"}, "group 4711 of Desk"),
        ({"product": "Shop"}, "Shop"),
        ({}, "Desk"),
    ],
)
def test_summary_names_the_group_that_works_on_it(facts: dict[str, str | None], place: str) -> None:
    observation = only(read_event(TICKET._replace(facts=facts), "reopened"))

    assert observation.summary == f"A ticket in {place} was reopened"
