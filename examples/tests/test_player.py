"""The player sends what GitHub and Jira would send, and does not give up when ingestion asks it to wait."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

import httpx

from examples.company.player import Door, Play, Played, Step, load_play, play
from examples.company.reports import measurement_reports, report
from examples.tests.doors import Received, RecordingDoor

DOORS = {"g": Door("int-g", "secret of g"), "j": Door("int-j", "secret of j")}
BUILD = Step("github", "g", "github/workflow_job.completed.failure.json", {"X-GitHub-Event": "workflow_job"}, repeat=2)
BUG = Step("jira", "j", "jira/issue_created.bug.json")
PLAY = Play((BUILD, BUG), refresh_times=True)


async def played(door: RecordingDoor, http: httpx.AsyncClient, run: str = "one") -> list[Played]:
    return [delivery async for delivery in play(PLAY, DOORS, door.url, http, run=run)]


def is_signed(received: Received, header: str, secret: str) -> bool:
    expected = hmac.new(secret.encode(), received.body, hashlib.sha256).hexdigest()
    return received.headers[header] == f"sha256={expected}"


async def test_every_delivery_is_signed_with_the_secret_of_its_door(
    door: RecordingDoor, http: httpx.AsyncClient
) -> None:
    answers = await played(door, http)
    assert [answer.status for answer in answers] == [202, 202, 202]
    assert [received.path for received in door.received] == ["/webhooks/int-g", "/webhooks/int-g", "/webhooks/int-j"]
    assert is_signed(door.received[0], "x-hub-signature-256", "secret of g")
    assert is_signed(door.received[2], "x-hub-signature", "secret of j")
    assert door.received[0].headers["x-github-event"] == "workflow_job"


async def test_a_repeated_payload_is_a_delivery_of_its_own(door: RecordingDoor, http: httpx.AsyncClient) -> None:
    answers = await played(door, http)
    assert len({answer.delivery_id for answer in answers}) == 3
    assert [answer.delivery_id for answer in answers] == [
        *(received.headers["x-github-delivery"] for received in door.received[:2]),
        door.received[2].headers["x-atlassian-webhook-identifier"],
    ]


async def test_the_same_run_played_again_repeats_its_delivery_ids(door: RecordingDoor, http: httpx.AsyncClient) -> None:
    first, second = await played(door, http), await played(door, http)
    other = await played(door, http, run="two")
    assert [d.delivery_id for d in first] == [d.delivery_id for d in second]
    assert {d.delivery_id for d in first}.isdisjoint(d.delivery_id for d in other)


async def test_a_busy_door_gets_the_very_same_delivery_again(door: RecordingDoor, http: httpx.AsyncClient) -> None:
    door.answers.extend([503, 503])
    answers = await played(door, http)
    assert [answer.status for answer in answers] == [202, 202, 202]
    assert len(door.received) == 5
    assert len({(r.headers["x-github-delivery"], r.body) for r in door.received[:3]}) == 1


async def test_a_refusal_is_shown_and_not_repeated(door: RecordingDoor, http: httpx.AsyncClient) -> None:
    door.answers.append(401)
    answers = await played(door, http)
    assert [answer.status for answer in answers] == [401, 202, 202]


async def test_reports_go_out_as_one_batch_with_the_token(door: RecordingDoor, http: httpx.AsyncClient) -> None:
    events = measurement_reports(datetime.now(UTC))
    await report(http, door.url, "a token", events)
    (received,) = door.received
    assert received.path == "/events"
    assert received.headers["content-type"] == "application/cloudevents-batch+json"
    assert received.headers["authorization"] == "Bearer a token"
    assert received.body.count(b'"specversion"') == len(events)


def test_the_play_of_the_company_sends_trouble_of_all_three_kinds() -> None:
    events = {step.headers.get("X-GitHub-Event", "jira") for step in load_play().steps}
    assert events >= {"workflow_job", "check_run", "issues", "code_scanning_alert", "dependabot_alert", "jira"}
