"""What Linear's webhooks mean, and how they are signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Doubt, Ignored, Mapped, Observation, Webhook

PAYLOADS = Path(__file__).parent / "payloads" / "linear"
linear = CONNECTORS["linear"]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def payload(name: str, before: Any = None, **changed: Any) -> Any:
    """A payload, with something else in its data and in what was before."""
    body = json.loads((PAYLOADS / f"{name}.json").read_text())
    body["data" if "data" in body else "issueData"].update(changed)
    return body if before is None else {**body, "updatedFrom": before}


def observed(body: Any) -> Observation:
    reading = linear.read({}, body)
    assert isinstance(reading, Mapped), reading
    (observation,) = reading.observations
    return observation


@pytest.mark.parametrize(
    ("priority", "severity", "unknown"),
    [
        (0, 0.5, ()),
        (1, 1.0, ()),
        (2, 0.75, ()),
        (3, 0.5, ()),
        (4, 0.25, ()),
        (9, 0.5, ("priority 9",)),
        (None, 0.5, ()),
    ],
)
def test_priority_makes_the_severity(priority: Any, severity: float, unknown: tuple[str, ...]) -> None:
    observation = observed(payload("written_issue_bug_created", priority=priority))

    assert (observation.severity, observation.unknown) == (severity, unknown)


@pytest.mark.parametrize(
    ("label", "kind"), [("Incident", "service.incident"), ("Security", "security.finding"), ("Improvement", None)]
)
def test_label_makes_the_kind(label: str, kind: str | None) -> None:
    reading = linear.read({}, payload("written_issue_bug_created", labels=[{"id": "1", "name": label}]))

    assert (reading.observations[0].kind if isinstance(reading, Mapped) else None) == kind


def test_second_label_does_not_report_a_bug_again() -> None:
    bug = payload("written_issue_labeled")["data"]["labels"][0]
    body = payload("written_issue_labeled", {"labelIds": [bug["id"]]}, labels=[bug, {"id": "2", "name": "Web"}])

    assert isinstance(linear.read({}, body), Ignored)


def test_completed_work_that_is_opened_again_came_back() -> None:
    assert observed(payload("written_issue_reopened")).attributes["state"] == "reopened"
    assert observed(payload("written_issue_reopened", labels=[])).kind == "quality.defect"
    canceled = payload("written_issue_reopened", state={"type": "canceled"})
    assert isinstance(linear.read({}, canceled), Ignored)


def test_only_a_raised_priority_is_a_sign() -> None:
    assert observed(payload("written_issue_priority_raised")).severity == 1.0
    assert isinstance(linear.read({}, payload("written_issue_priority_raised", {"priority": 1}, priority=3)), Ignored)


def test_only_a_breach_of_a_service_level_is_one() -> None:
    assert observed(payload("written_issue_sla_breached")).kind == "service.breached"
    assert isinstance(linear.read({}, payload("written_issue_sla_high_risk")), Ignored)


@pytest.mark.parametrize(("health", "severity"), [("atRisk", 0.5), ("offTrack", 0.75), ("onTrack", None), (None, None)])
def test_health_of_a_project_is_a_sign_of_delay(health: str | None, severity: float | None) -> None:
    reading = linear.read({}, payload("written_project_update_at_risk", health=health))

    assert (reading.observations[0].severity if isinstance(reading, Mapped) else None) == severity


def test_project_that_is_completed_late_is_a_delay() -> None:
    body = payload("written_project_put_off", {"completedAt": None}, completedAt="2026-12-27T09:00:00.000Z")

    assert observed(body).summary == "A project in Linear was done 3 days late"
    assert observed(body).attribution["team"] == "9e383f51-2629-4f19-97ff-451cc2f0a0ad"


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("written_issue_bug_created", "https://linear.app/northwind/issue/CHK-46"),
        ("written_project_put_off", "https://linear.app/northwind/project/3d89ec1c20d3"),
        ("written_project_update_at_risk", "https://linear.app/northwind/project/3d89ec1c20d3"),
    ],
)
def test_addresses_do_without_the_title(name: str, url: str) -> None:
    assert observed(payload(name)).url == url


def test_what_people_write_does_not_get_in() -> None:
    for file in sorted(PAYLOADS.glob("*.json")):
        told = repr(linear.read({}, json.loads(file.read_text()))).lower()
        assert not [
            secret
            for secret in ("cam ", "nothing works", "nothing-works", "outage", "satyam", "dana fox")
            if secret in told
        ], file.name


def signed(
    sent_at: datetime, body: str = '{"data":{"title":"\\"webhookTimestamp\\":1"},"webhookTimestamp": %d}'
) -> Webhook:
    raw = (body % (sent_at.timestamp() * 1000)).encode()
    return Webhook({"linear-signature": hmac.new(b"lin_wh_x", raw, hashlib.sha256).hexdigest()}, raw)


def test_time_within_the_body_is_signed_and_must_be_near() -> None:
    assert linear.signature.doubt(["lin_wh_x"], signed(NOW), NOW) is None
    assert linear.signature.doubt(["other"], signed(NOW), NOW) is Doubt.FORGED
    for away in (timedelta(minutes=-6), timedelta(minutes=6)):
        assert linear.signature.doubt(["lin_wh_x"], signed(NOW + away), NOW) is Doubt.UNTIMELY


def test_webhook_without_time_is_not_believed() -> None:
    raw = b'{"type":"Issue"}'
    webhook = Webhook({"linear-signature": hmac.new(b"lin_wh_x", raw, hashlib.sha256).hexdigest()}, raw)

    assert linear.signature.doubt(["lin_wh_x"], webhook, NOW) is Doubt.UNTIMELY


def test_repetition_with_another_time_is_the_same_delivery() -> None:
    ids = {linear.signature.delivery_id(signed(NOW + timedelta(minutes=minutes))) for minutes in (0, 1)}

    assert len(ids) == 1


def test_health_that_nobody_knows_is_neutral_and_says_so() -> None:
    observation = observed(payload("written_project_update_at_risk", health="onFire"))

    assert (observation.severity, observation.unknown) == (0.5, ("health onfire",))
    assert observation.summary.endswith(" may be at risk")


def test_update_that_is_edited_counts_when_its_health_is_another() -> None:
    edited = {**payload("written_project_update_at_risk", before={"health": "onTrack"}), "action": "update"}

    assert observed(edited).severity == 0.5
    assert isinstance(linear.read({}, {**edited, "updatedFrom": {"body": "x"}}), Ignored)
