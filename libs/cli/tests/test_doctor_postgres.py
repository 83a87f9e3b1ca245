"""What the doctor says about Postgres, about what is left lying in the schemas, and about what waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kinetic.cli.doctor.finding import Finding, State
from kinetic.cli.doctor.judgements.database import (
    Kept,
    SchemaState,
    ServerState,
    judge_dead_letters,
    judge_schemas,
    judge_server,
)
from kinetic.cli.doctor.judgements.waiting import MOST_LISTED, Parked, Waiting, judge_parked, judge_waiting

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SETTINGS = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "max_connections": "100",
    "superuser_reserved_connections": "3",
}
NOTHING = Kept(outbox_seconds=None, inbox_is_overdue=False)


def server(connections: int = 20, replicas: int = 1) -> ServerState:
    return ServerState(SETTINGS, connections, {"kinetic-feedback": replicas})


def states(findings: list[Finding]) -> dict[str, State]:
    return {finding.name: finding.state for finding in findings}


def test_postgres_that_keeps_what_it_was_given_is_fine() -> None:
    assert set(states(judge_server(server(), 10)).values()) == {State.OK}


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
def test_postgres_that_could_lose_commits_is_wrong(setting: str) -> None:
    first, *_ = judge_server(replace(server(), settings={**SETTINGS, setting: "off"}), 10)
    assert (first.name, first.state) == ("Postgres durability", State.WRONG)
    assert f"{setting} is off" in first.detail
    assert f"{setting} = on" in first.remedy


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (server(connections=97), State.WRONG),
        (server(connections=80), State.WARNING),
        (server(replicas=9), State.WARNING),
        (server(replicas=8), State.OK),
        (server(connections=77), State.OK),
    ],
)
def test_connections_must_be_enough_for_all_pools(state: ServerState, expected: State) -> None:
    assert states(judge_server(state, 10))["Postgres connections"] is expected


def test_schemas_in_order_are_told_in_one_line() -> None:
    (finding,) = judge_schemas([SchemaState("feedback", frozenset(), NOTHING)], 14)
    assert finding.state is State.OK
    assert "feedback" in finding.detail


def test_schema_that_is_not_migrated_is_named_with_what_it_lacks() -> None:
    (finding,) = judge_schemas([SchemaState("skill-gap", frozenset({"skill_gap_0002"}), None)], 14)
    assert (finding.name, finding.state) == ("schema skill_gap", State.WRONG)
    assert "skill_gap_0002" in finding.detail
    assert "`python -m kinetic.skill_gap migrate`" in finding.remedy


def test_outbox_that_stands_is_wrong_and_an_inbox_that_nothing_sweeps_a_warning() -> None:
    def judged(kept: Kept) -> dict[str, State]:
        return states(judge_schemas([SchemaState("feedback", frozenset(), kept)], 14))

    assert judged(Kept(61.0, False)) == {"outbox of feedback": State.WRONG}
    assert judged(Kept(59.0, False)) == {"schemas": State.OK}
    assert judged(Kept(None, True)) == {"inbox of feedback": State.WARNING}


def test_dead_letters_are_a_warning_that_says_how_to_look_at_them() -> None:
    (finding,) = judge_dead_letters({"feedback": 2, "ingestion": 0})
    assert (finding.state, finding.detail) == (State.WARNING, "2 records given up: feedback 2")
    assert "kinetic dead list" in finding.remedy
    assert judge_dead_letters({"feedback": 0})[0].state is State.OK


@pytest.mark.parametrize(("hours", "expected"), [(5, State.WARNING), (3, State.OK)])
def test_events_that_wait_for_hours_are_a_warning(hours: int, expected: State) -> None:
    (finding,) = judge_waiting(
        [Waiting("feedback", 7, NOW - timedelta(hours=hours)), Waiting("assignment", 0, None)], NOW
    )
    assert finding.state is expected
    assert ("feedback (7)" in finding.detail) == (expected is State.WARNING)


def parked(hours: float, reason: str = "the directory has no team x", waits_for: str = "team/x") -> Parked:
    return Parked(NOW - timedelta(hours=hours), reason, waits_for, is_expired=hours > 24)


def test_parked_events_are_told_when_they_wait_for_hours_or_have_expired() -> None:
    assert judge_parked([parked(1)], NOW)[0].state is State.OK
    (finding,) = judge_parked([parked(1), parked(5), parked(30)], NOW)
    assert (finding.state, finding.detail) == (
        State.WARNING,
        "2 events for hours or expired: the directory has no team x (2)",
    )


def test_more_parked_events_than_are_looked_at_are_a_warning() -> None:
    assert judge_parked([parked(1)] * MOST_LISTED, NOW)[0].state is State.WARNING


def test_kpis_that_no_map_defines_are_named_at_once() -> None:
    waits = [parked(0.1, waits_for="kpi/lead-time"), parked(0.1, waits_for="kpi/lead-time"), parked(0.1)]
    (finding,) = judge_parked(waits, NOW)
    assert (finding.name, finding.state) == ("KPIs", State.WARNING)
    assert "lead-time (2)" in finding.detail


def test_addresses_that_parked_events_wait_for_are_not_told() -> None:
    (finding,) = judge_parked([parked(5, "the directory does not know the learner", "person/email/mo@x.example")], NOW)
    assert "mo@x.example" not in finding.detail + finding.remedy
