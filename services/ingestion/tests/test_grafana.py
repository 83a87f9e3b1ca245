"""What Grafana's notifications mean, and how they are signed. Groups of alerts are tested with Alertmanager."""

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

PAYLOADS = Path(__file__).parent / "payloads" / "grafana"
grafana = CONNECTORS["grafana"]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BODY = '{"title": "Ümlaut"}'.encode()


def payload(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text())


def observed(body: Any) -> Observation:
    reading = grafana.read({}, body)
    assert isinstance(reading, Mapped), reading
    (observation,) = reading.observations
    return observation


def signed(message: bytes, **headers: str) -> Webhook:
    signature = hmac.new(b"secret", message, hashlib.sha256).hexdigest()
    return Webhook({"x-grafana-alerting-signature": signature, **headers}, BODY)


def timed(at: datetime) -> Webhook:
    time = str(int(at.timestamp()))
    return signed(time.encode() + b":" + BODY, **{"x-grafana-alerting-timestamp": time})


def test_an_alert_is_told_with_its_labels_its_folder_and_its_time() -> None:
    observation = observed(payload("written_firing_critical"))

    assert (observation.kind, observation.severity) == ("service.incident", 1.0)
    assert observation.attribution == {
        "team": "payments",
        "service": "checkout",
        "environment": "prod",
        "folder": "Payments",
        "alert": "Checkout is down",
        "integration": "kinetic",
    }
    assert observation.occurred_at == datetime.fromisoformat("2026-03-02T09:12:31+00:00")
    assert observation.url == "https://grafana.northwind.example/alerting/grafana/1afz29v7z/view?orgId=1"


def test_missing_data_is_told_of_the_rule_that_misses_it() -> None:
    assert observed(payload("written_datasource_no_data")).attributes["alert"] == "Checkout is down"


def test_the_test_of_a_contact_point_is_no_trouble() -> None:
    assert isinstance(grafana.read({}, payload("written_test_of_the_contact_point")), Ignored)


@pytest.mark.parametrize("state", ["alerting", "no_data"])
def test_legacy_alerts_are_told_by_their_tags(state: str) -> None:
    observation = observed({**payload("written_alerting_v7"), "state": state})

    assert (observation.kind, observation.severity) == ("service.incident", 0.75)
    assert observation.attribution == {"team": "payments", "alert": "Checkout latency"}
    assert observation.occurred_at is None
    assert observation.url == "https://grafana.northwind.example/d/GG2qhR3Wz/checkout?tab=alert&panelId=8"


@pytest.mark.parametrize("state", ["ok", "paused", "pending", None])
def test_legacy_rules_that_are_well_or_wait_are_no_trouble(state: str | None) -> None:
    assert isinstance(grafana.read({}, {**payload("written_alerting_v7"), "state": state}), Ignored)


def test_unknown_state_of_a_legacy_alert_is_neutral_and_named() -> None:
    observation = observed({**payload("written_alerting_v7"), "state": "flapping"})

    assert (observation.severity, observation.unknown) == (0.5, ("state flapping",))


def test_a_signature_without_time_is_believed() -> None:
    assert grafana.signature.doubt(["new", "secret"], signed(BODY), NOW) is None
    assert grafana.signature.doubt(["new"], signed(BODY), NOW) is Doubt.FORGED


def test_a_signature_with_time_is_believed_in_time() -> None:
    assert grafana.signature.doubt(["secret"], timed(NOW), NOW) is None
    for away in (timedelta(minutes=6), -timedelta(minutes=6)):
        assert grafana.signature.doubt(["secret"], timed(NOW + away), NOW) is Doubt.UNTIMELY


@pytest.mark.parametrize("time", ["", "soon", "²", "9" * 5000, "\udcff"])
def test_a_broken_time_is_not_believed(time: str) -> None:
    headers = {"x-grafana-alerting-timestamp": time}
    message = time.encode("utf-8", "surrogateescape") + b":" + BODY

    assert grafana.signature.doubt(["secret"], signed(message, **headers), NOW) is Doubt.UNTIMELY
    assert grafana.signature.doubt(["secret"], signed(BODY, **headers), NOW) is Doubt.FORGED


def test_older_ones_send_the_secret() -> None:
    assert grafana.signature.doubt(["secret"], Webhook({"authorization": "Bearer secret"}, BODY), NOW) is None
    assert grafana.signature.doubt(["secret"], Webhook({}, BODY), NOW) is Doubt.UNSIGNED


def test_test_of_a_legacy_notification_channel_is_no_trouble() -> None:
    assert isinstance(grafana.read({}, {**payload("written_alerting_v7"), "ruleName": "Test notification"}), Ignored)
