"""What Trello's webhooks mean, and how they are signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Doubt, Ignored, Mapped, Observation, Webhook

PAYLOADS = Path(__file__).parent / "payloads" / "trello"
trello = CONNECTORS["trello"]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def payload(name: str, **data: Any) -> Any:
    """A payload, with something else in the data of its action."""
    body = json.loads((PAYLOADS / f"{name}.json").read_text())
    body["action"]["data"].update(data)
    return body


def observed(body: Any) -> Observation:
    reading = trello.read({}, body)
    assert isinstance(reading, Mapped), reading
    (observation,) = reading.observations
    return observation


@pytest.mark.parametrize(
    ("label", "kind", "severity"),
    [
        ("Bug", "quality.defect", 0.5),
        ("bug: critical", "quality.defect", 1.0),
        ("Incident P3", "service.incident", 0.25),
        ("Idea", None, None),
        ("", None, None),
    ],
)
def test_label_on_a_card_reports_trouble(label: str, kind: str | None, severity: float | None) -> None:
    reading = trello.read({}, payload("written_card_labelled_bug", label={"name": label}, text=label))

    found = [(one.kind, one.severity) for one in reading.observations] if isinstance(reading, Mapped) else []
    assert found == ([(kind, severity)] if kind else [])


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        ("Done", "Doing", "reopened"),
        ("✅ Done (week 47)", "Testing", "reopened"),
        ("Done", "Closed", None),
        ("To be released", "Doing", None),
        ("Not done", "Doing", None),
        ("Deployed to production", "Testing", "reopened"),
        ("Done!", "Doing", "reopened"),
        ("Erledigt", "Offen", "reopened"),
        ("Fertig zum Testen", "In Arbeit", None),
        ("Doing", "Done", None),
    ],
)
def test_card_that_leaves_the_done_list_came_back(before: str, after: str, state: str | None) -> None:
    reading = trello.read(
        {}, payload("written_card_leaves_done", listBefore={"name": before}, listAfter={"name": after})
    )

    assert [one.attributes["state"] for one in getattr(reading, "observations", ())] == ([state] if state else [])


def test_card_that_is_no_longer_done_came_back() -> None:
    assert observed(payload("written_card_no_longer_done")).attributes["state"] == "reopened"


def test_card_from_the_archive_did_not_come_back() -> None:
    assert isinstance(trello.read({}, payload("reopening_card")), Ignored)


def test_late_cards_are_delays() -> None:
    assert observed(payload("written_card_put_off")).summary == "A card in Checkout was put off by 30 days"
    assert observed(payload("written_card_done_late")).summary == "A card in Checkout was done 4 days late"


def test_card_that_is_done_in_time_is_no_sign() -> None:
    body = payload("written_card_done_late")
    body["action"]["data"]["card"]["due"] = "2026-11-24T10:00:00.000Z"

    assert isinstance(trello.read({}, body), Ignored)


def test_board_and_list_find_the_team_and_people_do_not_get_in() -> None:
    observation = observed(payload("written_card_leaves_done"))

    assert observation.attribution == {"board": "Checkout", "list": "Doing"}
    assert observation.url == "https://trello.com/c/9BduUcVQ"
    assert observation.occurred_at == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    assert not [secret for secret in ("dana", "nothing works") if secret in repr(observation).lower()]


def test_body_and_address_are_signed() -> None:
    url, body = "https://kinetic.example/webhooks/7", '{"action":{"type":"Ümlaut"}}'.encode()
    digest = b64encode(hmac.new(b"secret", body + url.encode(), hashlib.sha1).digest()).decode()
    headers = {"x-trello-webhook": digest}

    assert trello.signature.doubt(["secret"], Webhook(headers, body, url), NOW) is None
    assert trello.signature.doubt(["other"], Webhook(headers, body, url), NOW) is Doubt.FORGED
    assert trello.signature.doubt(["secret"], Webhook(headers, body, f"{url}8"), NOW) is Doubt.FORGED
    assert trello.signature.doubt(["secret"], Webhook({}, body, url), NOW) is Doubt.UNSIGNED
