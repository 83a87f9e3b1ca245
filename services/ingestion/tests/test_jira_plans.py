"""What Jira's sprints and versions mean, and how Jira signs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Doubt, Ignored, Mapped, Observation, Webhook

jira = CONNECTORS["jira"]
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def observed(body: Any) -> tuple[Observation, ...]:
    reading = jira.read({}, body)
    assert isinstance(reading, Mapped), reading
    return reading.observations


SPRINT = {"state": "active", "name": "Dana's sprint", "originBoardId": 7, "endDate": "2026-11-20T16:00:00.000+01:00"}


def test_sprint_that_ends_late_or_is_prolonged_is_a_delay() -> None:
    closed = {**SPRINT, "state": "closed", "completeDate": "2026-11-24T09:00:00.000+01:00"}
    longer = {"oldValue": {"endDate": "2026-11-18T16:00:00.000+01:00"}, "timestamp": 1795510800000}

    (late,) = observed({"webhookEvent": "sprint_closed", "sprint": closed})
    (prolonged,) = observed({"webhookEvent": "sprint_updated", "sprint": SPRINT, **longer})

    assert (late.summary, late.attribution) == ("A sprint in board 7 was done 4 days late", {"board": "7"})
    assert prolonged.summary == "The end of a sprint in board 7 was put off by 2 days"


@pytest.mark.parametrize(
    "body",
    [
        {"webhookEvent": "sprint_closed", "sprint": {**SPRINT, "completeDate": "2026-11-20T17:00:00.000+01:00"}},
        {"webhookEvent": "sprint_updated", "sprint": {**SPRINT, "state": "future"}},
        {"webhookEvent": "sprint_started", "sprint": SPRINT},
        {"webhookEvent": "jira:version_released", "version": {"releaseDate": "2027-01-01"}, "timestamp": 1795510800000},
        {"webhookEvent": "jira:version_updated", "version": {"releaseDate": "2026-01-01", "overdue": False}},
    ],
)
def test_plans_that_are_kept_are_no_sign(body: Any) -> None:
    assert isinstance(jira.read({}, body), Ignored)


@pytest.mark.parametrize(
    ("event", "state"), [("jira:version_released", "done 3 days late"), ("jira:version_updated", "overdue for 3 days")]
)
def test_version_that_is_late_is_a_delay(event: str, state: str) -> None:
    version = {"projectId": 10000, "releaseDate": "2026-11-21", "overdue": True, "name": "Dana's release"}

    (observation,) = observed({"webhookEvent": event, "version": version, "timestamp": 1795510800000})

    assert observation.summary == f"A version in project 10000 was {state}"


def test_jira_signs_as_its_documentation_says() -> None:
    # The example in Atlassian's "Secure admin webhooks".
    digest = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
    webhook = Webhook({"x-hub-signature": digest}, b"Hello World!")

    assert jira.signature.doubt(["It's a Secret to Everybody"], webhook, NOW) is None


def test_jira_that_signs_nothing_carries_the_secret_in_the_address() -> None:
    webhook = Webhook({}, b"{}", "https://kinetic.example/webhooks/7?token=secret")

    assert jira.signature.doubt(["secret"], webhook, NOW) is None
    assert jira.signature.doubt(["other"], webhook, NOW) is Doubt.FORGED
