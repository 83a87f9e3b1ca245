"""Who may press in Slack, what is no interaction, and that nobody but Slack is called."""

from __future__ import annotations

import json
import time
from contextlib import nullcontext
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.common.events import new_id
from kinetic.recommendation import slack_door
from kinetic.recommendation.app import create_service
from services.recommendation.tests.company import (
    told_types,
)
from services.recommendation.tests.slack_presses import (
    FORM,
    NEW,
    OLD,
    Hooks,
    form,
    press,
    pressed,
    signed,
)
from tests.support.http import open_doors


@pytest.mark.parametrize("secret", [OLD, NEW])
async def test_while_the_secret_changes_both_are_taken(
    database: Database, slack: httpx.AsyncClient, hooks: Hooks, nudge_id: str, secret: str
) -> None:
    assert (await press(slack, pressed(hooks, nudge_id), secret=secret)).status_code == 200
    assert (await told_types(database))[-1] == "nudge.accepted"


@pytest.mark.parametrize("off", [False, True], ids=["kept", "taken away"])
@pytest.mark.parametrize("how", [{"age": 330}, {"age": -330}, {"secret": "another"}], ids=["old", "future", "foreign"])
async def test_what_is_not_signed_by_slack_now_has_no_effect(
    database: Database, slack: httpx.AsyncClient, hooks: Hooks, nudge_id: str, how: dict[str, Any], off: bool
) -> None:
    with patch.object(slack_door, "is_signed", lambda *_: True) if off else nullcontext():
        answer = await press(slack, pressed(hooks, nudge_id), **how)
    assert answer.status_code == (200 if off else 401)
    assert (await told_types(database))[1:] == (["nudge.accepted"] if off else [])


async def test_a_request_almost_five_minutes_old_or_early_is_taken(
    slack: httpx.AsyncClient, hooks: Hooks, nudge_id: str
) -> None:
    for age in (270, -295):
        assert (await press(slack, pressed(hooks, nudge_id), age=age)).status_code == 200


async def test_one_bit_makes_a_signature_wrong(
    database: Database, slack: httpx.AsyncClient, hooks: Hooks, nudge_id: str
) -> None:
    body = form(pressed(hooks, nudge_id))
    headers = signed(body)
    right = headers["x-slack-signature"]
    for position in range(3, len(right)):
        flipped = right[:position] + format(int(right[position], 16) ^ 1, "x") + right[position + 1 :]
        answer = await slack.post(
            "/slack/interactions", content=body, headers={**headers, "x-slack-signature": flipped}
        )
        assert answer.status_code == 401
    changed_body = body.replace(b"is_admin", b"is_admiN")
    assert (await slack.post("/slack/interactions", content=changed_body, headers=headers)).status_code == 401
    assert await told_types(database) == ["nudge.composed"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-slack-signature": "v0="},
        {"x-slack-request-timestamp": "now"},
        {"x-slack-request-timestamp": "9" * 5000},
        {"x-slack-request-timestamp": "-1"},
        {"x-slack-signature": "v0=\u00fc"},
        {"authorization": "Bearer dana:manager"},
    ],
)
async def test_garbled_proof_is_no_proof(slack: httpx.AsyncClient, headers: dict[str, str]) -> None:
    proof = {"x-slack-request-timestamp": str(int(time.time())), "x-slack-signature": "v0=00"} if headers else {}
    sent = [(name.encode(), value.encode("latin-1")) for name, value in {**FORM, **proof, **headers}.items()]
    for body in (b"payload={}", b"payload=%ff\xff"):
        answer = await slack.post("/slack/interactions", content=body, headers=sent)
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")


async def test_without_secrets_the_door_is_closed(
    database: Database, hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KINETIC_SLACK_SIGNING_SECRETS", " , ")
    async with open_doors(create_service(), database) as slack:
        answer = await press(slack, pressed(hooks, new_id()), secret="")
    assert (answer.status_code, answer.json()["title"]) == (503, "Slack is not set up here")


@pytest.mark.parametrize("off", [False, True], ids=["kept", "taken away"])
@pytest.mark.parametrize("place", ["{url}/elsewhere", "{url}/hooks/../elsewhere"])
async def test_nothing_but_slacks_own_address_is_called(
    slack: httpx.AsyncClient, hooks: Hooks, place: str, off: bool
) -> None:
    payload = pressed(hooks, new_id(), response_url=place.format(url=hooks.url))
    with patch.object(slack_door, "leads_to", lambda *_: True) if off else nullcontext():
        assert (await press(slack, payload)).status_code == 200
    assert (hooks.told, hooks.elsewhere) == ([], 1 if off else 0)


@pytest.mark.parametrize("place", ["moved", "fails", "is-not-there"])
async def test_an_answer_that_cannot_be_told_harms_nothing_and_follows_no_redirect(
    slack: httpx.AsyncClient, hooks: Hooks, place: str
) -> None:
    payload = pressed(hooks, new_id(), response_url=f"{hooks.url}/hooks/{place}")
    assert (await press(slack, payload)).status_code == 200
    assert (hooks.told, hooks.elsewhere) == ([], 0)


@pytest.mark.parametrize(
    ("url", "is_slacks"),
    [
        ("https://hooks.slack.com/actions/T1/2/x", True),
        ("https://hooks.slack.com:443/actions/T1/2/x", True),
        ("http://hooks.slack.com/actions/T1/2/x", False),
        ("https://hooks.slack.com.evil.example/actions", False),
        ("https://hooks.slack.com@evil.example/actions", False),
        ("https://user@hooks.slack.com/actions", False),
        ("https://hooks.slack.com:8443/actions", False),
        ("https://evil.example/https://hooks.slack.com/", False),
        ("https://hooks.slack.com\\@evil.example/", False),
        ("//hooks.slack.com/actions", False),
        ("https://hooks.slack.com\n/actions", False),
        ("", False),
    ],
)
@pytest.mark.parametrize("hooks_url", ["https://hooks.slack.com/", "https://hooks.slack.com"])
def test_an_address_is_slacks_by_scheme_host_and_port(url: str, is_slacks: bool, hooks_url: str) -> None:
    assert slack_door.leads_to(url, hooks_url) is is_slacks


async def test_slack_may_look_whether_somebody_is_there(slack: httpx.AsyncClient) -> None:
    body = b"token=x&ssl_check=1"
    assert (await slack.post("/slack/interactions", content=body, headers=signed(body))).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"payload=", 400),
        (b"payload={}&payload={}", 400),
        (b"payload={", 400),
        (b"payload=[]", 422),
        (b"payload={}", 422),
        (b"&".join(b"x=1" for _ in range(11)), 400),
        (form({"type": "block_actions", "user": {"id": 7}, "actions": []}), 422),
        (form({"type": 7, "user": {"id": "U1"}, "actions": "x"}), 422),
        (form({"type": "block_actions", "user": {"id": "U1"}, "actions": [{}]}), 422),
    ],
)
async def test_a_malformed_payload_is_refused(slack: httpx.AsyncClient, body: bytes, status: int) -> None:
    answer = await slack.post("/slack/interactions", content=body, headers=signed(body))
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_json_is_not_taken_for_a_form(slack: httpx.AsyncClient) -> None:
    body = json.dumps({"type": "block_actions"}).encode()
    headers = {**signed(body), "content-type": "application/json"}
    assert (await slack.post("/slack/interactions", content=body, headers=headers)).status_code == 415
