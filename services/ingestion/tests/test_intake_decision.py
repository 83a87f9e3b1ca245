"""What is told, what is parked, and in which order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetic.contracts.ids import ContentId, EventId, PersonId, TeamId
from kinetic.contracts.ingestion import LearningRecorded, LearningVerb, MeasurementRecorded, SignalObserved
from kinetic.ingestion.domain.attribution import Known, Missing, Rule, attribute, lane_of, place_of
from kinetic.ingestion.domain.intake import Arrival, Origin, decide_intake, place_again
from kinetic.ingestion.domain.occurrences import (
    Handle,
    Learning,
    Measurement,
    MemberPlace,
    Occurrence,
    Place,
    Signal,
    TeamPlace,
    UnruledPlace,
)

NOW = datetime(2026, 1, 5, tzinfo=UTC)
ORIGIN = Origin("principal/tool")
DANA, LMS_ITEM = Handle("email", "dana@x.example"), Handle("lms", "C-1")
KNOWN = Known(
    teams={"payments": TeamId("team-1")},
    people={DANA: PersonId("person-1")},
    current_teams={PersonId("person-1"): TeamId("team-2")},
    content={LMS_ITEM: ContentId("content-1")},
    kpis={"lead-time"},
)
RULES = (
    Rule({"repository": "acme/pay-*"}, "payments"),
    Rule({"repository": "acme/*", "owner": "acme"}, "platform"),
)


def signal(place: Place, summary: str = "It broke") -> Signal:
    return Signal(place, "github", "delivery.failed", 0.5, summary, None, NOW)


def measurement(kpi: str, team: str = "payments") -> Measurement:
    return Measurement(TeamPlace(team), kpi, 3.0, 2, NOW, NOW)


def learning(person: Handle = DANA, content: Handle = LMS_ITEM) -> Learning:
    return Learning(person, content, LearningVerb.COMPLETED, 0.9, None, "/lms", NOW)


@pytest.mark.parametrize(
    ("facts", "place"),
    [
        ({"repository": "acme/pay-api", "owner": "acme"}, TeamPlace("payments")),
        ({"repository": "ACME/Pay-API", "owner": "acme"}, TeamPlace("payments")),
        ({"repository": "acme/shop", "owner": "acme"}, TeamPlace("platform")),
        ({"repository": "acme/shop"}, UnruledPlace("i", {"repository": "acme/shop"})),
        ({"repository": "other/x", "person": "Dana@X.example"}, MemberPlace("dana@x.example")),
        ({}, UnruledPlace("i", {})),
    ],
)
def test_first_rule_that_fits_decides_and_then_the_person(facts: dict[str, str], place: Place) -> None:
    assert place_of(facts, RULES, "i") == place


def test_rule_without_globs_fits_everything() -> None:
    assert place_of({}, (Rule({}, "all"),), "i") == TeamPlace("all")


def test_known_handles_become_events() -> None:
    occurrences = (signal(TeamPlace("payments")), measurement("lead-time"), learning())

    found: list[Any] = [attribute(occurrence, KNOWN) for occurrence in occurrences]

    assert [type(event) for event in found] == [SignalObserved, MeasurementRecorded, LearningRecorded]
    assert [event.key for event in found] == ["team-1", "team-1", "person-1"]


def test_signal_about_a_person_goes_to_the_team_in_which_they_work_now() -> None:
    event = attribute(signal(MemberPlace(DANA.id)), KNOWN)

    assert isinstance(event, SignalObserved)
    assert event.team_id == "team-2"


@pytest.mark.parametrize(
    ("occurrence", "waits_for"),
    [
        (signal(TeamPlace("unknown")), "team/unknown"),
        (signal(MemberPlace("eve@x.example")), "person/email/eve@x.example"),
        (signal(UnruledPlace("i", {"repository": "x"})), "rules/i"),
        (learning(person=Handle("lms", "L-1")), "person/lms/L-1"),
        (learning(content=Handle("lms", "C-2")), "content/lms/C-2"),
        (measurement("unknown"), "kpi/unknown"),
        (measurement("unknown", "unknown"), "team/unknown"),
    ],
)
def test_unknown_handle_is_waited_for_by_name(occurrence: Any, waits_for: str) -> None:
    missing = attribute(occurrence, KNOWN)

    assert isinstance(missing, Missing)
    assert missing.waits_for == waits_for
    assert missing.reason


def test_person_without_a_team_is_waited_for() -> None:
    known = Known(people={DANA: PersonId("person-1")})

    assert isinstance(attribute(signal(MemberPlace(DANA.id)), known), Missing)


def test_later_events_of_a_lane_wait_behind_the_first() -> None:
    arrivals = [
        Arrival.of(EventId("1"), learning(content=Handle("lms", "new")), ORIGIN),
        Arrival.of(EventId("2"), learning(), ORIGIN),
        Arrival.of(EventId("3"), signal(TeamPlace("payments")), ORIGIN),
    ]

    intake = decide_intake(arrivals, KNOWN, {})

    assert [told.arrival.event_id for told in intake.told] == ["3"]
    assert [(p.arrival.event_id, p.missing.waits_for) for p in intake.parked] == [
        ("1", "content/lms/new"),
        ("2", "content/lms/new"),
    ]


def test_events_wait_behind_those_parked_before() -> None:
    occurrence = signal(TeamPlace("payments"))
    lanes = {lane_of(occurrence): Missing("team/payments", "not there yet")}

    intake = decide_intake([Arrival.of(EventId("1"), occurrence, ORIGIN)], KNOWN, lanes)

    assert not intake.told
    assert intake.parked[0].lane == "team/payments"


def test_unknown_kpi_holds_up_nothing_else_of_its_team() -> None:
    occurrences: tuple[Occurrence, ...] = (
        measurement("unknown"),
        measurement("lead-time"),
        signal(TeamPlace("payments")),
        measurement("unknown"),
    )

    intake = decide_intake([Arrival.of(EventId(str(n)), one, ORIGIN) for n, one in enumerate(occurrences)], KNOWN, {})

    assert [told.arrival.event_id for told in intake.told] == ["1", "2"]
    assert [parked.arrival.event_id for parked in intake.parked] == ["0", "3"]


def test_sender_whose_parking_is_full_may_park_no_more_and_stands_in_nobodys_way() -> None:
    full, other = Origin("integration/full"), Origin("integration/other")
    arrivals = [
        Arrival.of(EventId("1"), learning(content=Handle("lms", "new")), full),
        Arrival.of(EventId("2"), learning(), other),
        Arrival.of(EventId("3"), signal(TeamPlace("payments")), full),
        Arrival.of(EventId("4"), signal(TeamPlace("unknown")), other),
    ]

    intake = decide_intake(arrivals, KNOWN, {}, {full.sender})

    assert intake.refused == {"1"}
    assert [told.arrival.event_id for told in intake.told] == ["2", "3"]
    assert [parked.arrival.event_id for parked in intake.parked] == ["4"]


def test_new_rules_place_what_no_rule_fitted() -> None:
    arrival = Arrival.of(EventId("1"), signal(UnruledPlace("i", {"repository": "acme/pay-api"})), ORIGIN)

    placed = place_again(arrival, {"i": RULES}).occurrence

    assert isinstance(placed, Signal)
    assert placed.place == TeamPlace("payments")
    assert place_again(arrival, {}) == arrival


slugs = st.sampled_from(["payments", "unknown", "lost"])


@given(st.lists(slugs, max_size=20), st.sets(slugs))
def test_every_arrival_is_told_or_parked_once_and_in_the_order_of_its_lane(order: list[str], blocked: set[str]) -> None:
    arrivals = [Arrival.of(EventId(str(index)), signal(TeamPlace(slug)), ORIGIN) for index, slug in enumerate(order)]

    intake = decide_intake(arrivals, KNOWN, {f"team/{slug}": Missing("x", "x") for slug in blocked})

    told = [entry.arrival for entry in intake.told]
    parked = [entry.arrival for entry in intake.parked]
    assert sorted(int(a.event_id) for a in told + parked) == list(range(len(order)))
    for group in (told, parked):
        assert group == sorted(group, key=lambda arrival: int(arrival.event_id))
    assert {lane_of(a.occurrence) for a in told}.isdisjoint({lane_of(a.occurrence) for a in parked})
