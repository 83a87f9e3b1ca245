"""What groups of alerts mean."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Observation

PAYLOADS = Path(__file__).parent / "payloads"
TOOLS = ("alertmanager", "grafana")
alertmanager = CONNECTORS["alertmanager"]


def payload(name: str) -> Any:
    return json.loads((PAYLOADS / "alertmanager" / f"{name}.json").read_text())


def group(*labels: dict[str, Any], status: str = "firing") -> Any:
    alerts = [
        {"status": status, "labels": {"alertname": "Late", **own}, "startsAt": f"2026-03-02T09:1{9 - index}:00Z"}
        for index, own in enumerate(labels)
    ]
    return {"version": "4", "status": status, "receiver": "kinetic", "alerts": alerts}


def observed(body: Any) -> tuple[Observation, ...]:
    reading = alertmanager.read({}, body)
    assert isinstance(reading, Mapped), reading
    return reading.observations


def test_all_alerts_of_a_rule_are_one_incident_since_the_first_as_bad_as_the_worst() -> None:
    (observation,) = observed(group({"severity": "warning", "pod": "1"}, {"severity": "critical", "pod": "2"}))

    assert (observation.kind, observation.severity) == ("service.incident", 1.0)
    assert observation.occurred_at == datetime.fromisoformat("2026-03-02T09:18:00+00:00")


def test_each_rule_that_fires_is_an_incident_and_what_ended_is_none() -> None:
    latency, queue = observed(payload("written_two_rules_one_resolved"))

    assert (latency.attributes["alert"], latency.severity) == ("HighLatency", 1.0)
    assert (queue.attributes["alert"], queue.severity) == ("QueueFull", 0.25)
    assert latency.summary == "An incident in checkout was reported"
    assert latency.attribution == queue.attribution
    assert latency.url == "http://prometheus.northwind.example/graph?g0.expr=up&g0.tab=1"


def test_facts_are_the_labels_that_all_firing_alerts_share() -> None:
    (observation,) = observed(group({"team": "payments", "app": "api"}, {"team": "payments", "app": "web"}))

    assert observation.attribution == {"team": "payments", "alert": "Late", "integration": "kinetic"}


@pytest.mark.parametrize(
    ("label", "severity"),
    [
        *(("critical", 1.0), ("page", 1.0), ("P1", 1.0), ("sev2", 0.75), ("error", 0.75), ("Warning", 0.5)),
        *(("ticket", 0.5), ("info", 0.25), ("P4", 0.25), ("debug", 0.1), (None, 0.5)),
    ],
)
def test_label_makes_the_severity(label: str | None, severity: float) -> None:
    (observation,) = observed(group({"severity": label}))

    assert (observation.severity, observation.unknown) == (severity, ())


def test_unknown_words_are_neutral_and_named() -> None:
    (purple,) = observed(group({"severity": "purple"}, {"severity": "low"}))
    (flapping,) = observed(group({"severity": "critical"}, status="flapping"))

    assert (purple.severity, purple.unknown) == (0.5, ("severity purple",))
    assert (flapping.severity, flapping.unknown) == (0.5, ("status flapping",))


@pytest.mark.parametrize(
    "labels",
    [
        {"slo": "availability"},
        {"sloth_slo": "availability", "sloth_severity": "page"},
        {"grafana_slo_uuid": "9rbsu4e2mh2ywfbj7rp6h"},
        {"alertname": "KubeAPIErrorBudgetBurn"},
    ],
)
def test_rules_about_service_levels_tell_that_one_is_missed(labels: dict[str, Any]) -> None:
    (observation,) = observed(group(labels))

    assert observation.kind == "service.breached"
    assert observation.summary.endswith("was missed")


@pytest.mark.parametrize("alert", ["Watchdog", "InfoInhibitor", "DeadMansSwitch"])
def test_alerts_that_always_fire_are_no_trouble(alert: str) -> None:
    assert isinstance(alertmanager.read({}, group({"alertname": alert})), Ignored)
    assert isinstance(alertmanager.read({}, group({"alertname": "Own", "severity": "none"})), Ignored)


def test_resolved_alerts_are_no_trouble_any_more() -> None:
    reading = alertmanager.read({}, group({"severity": "critical"}, status="resolved"))

    assert reading == Ignored("resolved alerts are no trouble any more")


def test_page_of_alertmanager_stands_in_for_that_of_the_alert() -> None:
    body = group({})
    body["externalURL"] = "http://alertmanager.northwind.example"
    assert observed(body)[0].url == "http://alertmanager.northwind.example"

    body["externalURL"] = body["alerts"][0]["generatorURL"] = "javascript:alert(1)"
    assert observed(body)[0].url is None


@pytest.mark.parametrize("tool", TOOLS)
def test_what_people_wrote_stays_out(tool: str) -> None:
    for file in sorted((PAYLOADS / tool).glob("*.json")):
        told = repr(CONNECTORS[tool].read({}, json.loads(file.read_text()))).lower()
        for secret in (
            "cannot pay",
            "dana",
            "core temperature is",
            "someone is testing",
            "was triggered for",
            "andromeda",
        ):
            assert secret not in told, f"{secret} in {file.name}"


@pytest.mark.parametrize("status", ["suppressed", "muted", "pending", "inactive"])
def test_what_is_suppressed_or_pending_is_no_trouble_and_says_so(status: str) -> None:
    reading = alertmanager.read({}, group({"severity": "critical"}, status=status))

    assert isinstance(reading, Ignored)
    assert ("resolved" if status == "inactive" else "meant to be quiet") in reading.reason


@pytest.mark.parametrize("severity", ["P0", "sev0", "SEV-0"])
def test_rank_before_the_first_is_worst_too(severity: str) -> None:
    assert observed(group({"severity": severity}))[0].severity == 1.0


def test_service_is_what_kubernetes_recommends_to_call_it() -> None:
    assert observed(group({"app_kubernetes_io_name": "checkout"}))[0].attribution["service"] == "checkout"
