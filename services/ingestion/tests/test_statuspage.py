"""What Statuspage's notifications mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Doubt, Ignored, Mapped, Observation, Webhook

PAYLOADS = Path(__file__).parent / "payloads" / "statuspage"
statuspage = CONNECTORS["statuspage"]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def payload(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text())


def incident(**fields: Any) -> Any:
    body = payload("written_incident_investigating")
    body["incident"].update(fields)
    return body


def component(old: str | None, new: str | None) -> Any:
    body = payload("written_component_major_outage")
    body["component_update"].update(old_status=old, new_status=new)
    return body


def observed(body: Any) -> Observation:
    reading = statuspage.read({}, body)
    assert isinstance(reading, Mapped), reading
    (observation,) = reading.observations
    return observation


def test_a_new_incident_is_told_with_the_component_concerned() -> None:
    observation = observed(payload("written_incident_investigating"))

    assert (observation.kind, observation.severity) == ("service.incident", 0.75)
    assert observation.summary == "An incident in Checkout was reported"
    assert observation.attribution == {"service": "Checkout", "page": "j2mfxwj97wnj"}
    assert observation.occurred_at == datetime.fromisoformat("2026-03-02T09:12:31+00:00")
    assert observation.url == "http://stspg.io/646947c1e"


@pytest.mark.parametrize(
    ("impact", "severity"), [("critical", 1.0), ("major", 0.75), ("minor", 0.5), ("none", 0.1), (None, 0.5)]
)
def test_impact_makes_the_severity(impact: str | None, severity: float) -> None:
    assert observed(incident(impact=impact)).severity == severity


def test_unknown_words_are_neutral_and_named() -> None:
    assert observed(incident(impact="purple")).unknown == ("impact purple",)
    assert observed(incident(status="wobbly")).unknown == ("incident status wobbly",)
    assert observed(component("operational", "wobbly")).unknown == ("component status wobbly",)


def test_a_known_cause_is_new_trouble_only_when_nothing_was_told_before() -> None:
    assert observed(incident(status="identified")).attributes["state"] == "reported"
    assert isinstance(statuspage.read({}, payload("written_incident_identified_after_investigating")), Ignored)


def test_an_incident_that_comes_back_or_gets_worse_is_told_when_it_does() -> None:
    reopened, worsened = observed(payload("written_incident_reopened")), observed(payload("written_incident_worsened"))

    assert (reopened.attributes["state"], worsened.attributes["state"]) == ("reopened", "worsened")
    assert reopened.occurred_at == datetime.fromisoformat("2026-03-02T10:12:31+00:00")
    assert (worsened.severity, worsened.attribution["service"]) == (1.0, "Checkout")


def test_order_of_the_updates_is_their_time() -> None:
    body = payload("written_incident_reopened")
    body["incident"]["incident_updates"].reverse()

    assert observed(body) == observed(payload("written_incident_reopened"))


@pytest.mark.parametrize("status", ["monitoring", "resolved", "postmortem", "", None])
def test_what_is_mended_is_no_trouble_any_more(status: str | None) -> None:
    assert isinstance(statuspage.read({}, incident(status=status)), Ignored)


@pytest.mark.parametrize(
    "fields",
    [
        *({"status": "scheduled"}, {"status": "in_progress"}, {"status": "verifying"}, {"status": "completed"}),
        *({"impact": "maintenance"}, {"scheduled_for": "2026-03-09T02:00:00Z"}),
    ],
)
def test_maintenance_is_planned(fields: dict[str, Any]) -> None:
    assert statuspage.read({}, incident(**fields)) == Ignored("maintenance is planned work, not trouble")


@pytest.mark.parametrize(
    ("new", "severity"), [("degraded_performance", 0.5), ("partial_outage", 0.75), ("major_outage", 1.0)]
)
def test_a_component_that_fails_is_an_incident(new: str, severity: float) -> None:
    observation = observed(component("operational", new))

    assert (observation.kind, observation.severity, observation.attribution["service"]) == (
        "service.incident",
        severity,
        "Checkout",
    )
    assert observation.occurred_at == datetime.fromisoformat("2026-03-02T09:12:31+00:00")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        *(
            ("major_outage", "partial_outage"),
            ("degraded_performance", "operational"),
            ("partial_outage", "partial_outage"),
        ),
        *(("operational", "under_maintenance"), ("major_outage", "under_maintenance")),
    ],
)
def test_a_component_that_gets_better_or_rests_is_none(old: str, new: str) -> None:
    assert isinstance(statuspage.read({}, component(old, new)), Ignored)


def test_a_component_without_former_status_was_well() -> None:
    assert observed(component(None, "major_outage")).severity == 1.0
    assert observed(component(None, None)).severity == 1.0


def test_what_people_wrote_stays_out() -> None:
    for file in sorted(PAYLOADS.glob("*.json")):
        told = repr(statuspage.read({}, json.loads(file.read_text()))).lower()
        for secret in ("cannot pay", "dana", "query delays", "unsubscribe"):
            assert secret not in told, f"{secret} in {file.name}"


def test_the_secret_stands_in_the_address() -> None:
    address = "https://kinetic.example/webhooks/7?token="

    assert statuspage.signature.doubt(["secret"], Webhook({}, b"{}", f"{address}secret"), NOW) is None
    assert statuspage.signature.doubt(["secret"], Webhook({}, b"{}", f"{address}guess"), NOW) is Doubt.FORGED


def test_component_is_shown_on_the_page_of_which_only_the_end_of_the_subscription_is_told() -> None:
    body = component("operational", "major_outage")
    body["page"].pop("url", None)
    body["meta"] = {"unsubscribe": "https://status.northwind.example/unsubscribe/j0vqr9kl3513?x=1"}

    assert observed(body).url == "https://status.northwind.example/"
