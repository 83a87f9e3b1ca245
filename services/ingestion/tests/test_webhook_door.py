"""`POST /webhooks/{integration_id}`: signed, attributed by rules, told once."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from kinetic.contracts import topics

PAYLOADS = Path(__file__).parent / "payloads"
BUG = (PAYLOADS / "github" / "issues.opened.json").read_bytes()
PUSH = (PAYLOADS / "github" / "push.none.json").read_bytes()
RULES = [{"match": {"repository": "codertocat/*"}, "team": "payments"}]


async def integrate(admin: httpx.AsyncClient, tool: str = "github", **fields: Any) -> dict[str, Any]:
    created = await admin.post("/integrations", json={"tool": tool, "name": uuid4().hex, "rules": RULES, **fields})
    assert created.status_code == 201, created.text
    answer: dict[str, Any] = created.json()
    return answer


async def deliver(
    door: httpx.AsyncClient,
    integration: dict[str, Any],
    body: bytes = BUG,
    *,
    secret: str | None = None,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    key = (secret or integration["secret"]).encode()
    signature = f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}"
    sent = {
        "content-type": "application/json",
        "x-github-event": "issues",
        "x-github-delivery": "d-1",
        "x-hub-signature-256": signature,
        "x-hub-signature": signature,
        **(headers or {}),
    }
    return await door.post(integration["path"], content=body, headers={**sent, "authorization": ""})


async def test_signed_webhook_becomes_a_signal_of_the_team(admin: Any, company: Any, ledger: Any) -> None:
    answer = await deliver(admin, await integrate(admin))

    assert answer.status_code == 202
    (told,) = [row for row in await ledger.told() if row["topic"] == topics.SIGNALS]
    assert answer.json() == {"status": "accepted", "event_ids": [told["headers"]["ce_id"]], "reason": None}
    signal = json.loads(told["value"])
    assert (signal["team_id"], signal["source"], signal["kind"]) == (company["payments"], "github", "quality.defect")


async def test_time_that_is_yet_to_come_is_when_we_heard_of_it(admin: Any, company: Any, ledger: Any) -> None:
    payload = json.loads(BUG)
    payload["issue"]["created_at"] = "2150-01-01T00:00:00Z"

    assert (await deliver(admin, await integrate(admin), json.dumps(payload).encode())).status_code == 202

    (told,) = [row for row in await ledger.told() if row["topic"] == topics.SIGNALS]
    assert datetime.fromisoformat(json.loads(told["value"])["occurred_at"]) <= datetime.now(UTC)


async def test_jira_webhook_is_taken(admin: Any, company: Any, ledger: Any) -> None:
    integration = await integrate(admin, "jira", rules=[{"match": {"project": "BUG"}, "team": "checkout"}])

    answer = await deliver(admin, integration, (PAYLOADS / "jira" / "created_v2.json").read_bytes())

    assert await ledger.told_ids(topics.SIGNALS) == answer.json()["event_ids"]


async def test_redelivery_has_no_second_effect(admin: Any, company: Any, ledger: Any) -> None:
    integration = await integrate(admin)

    first, again = await deliver(admin, integration), await deliver(admin, integration)

    assert again.json()["event_ids"] == first.json()["event_ids"]
    assert await ledger.told_ids(topics.SIGNALS) == first.json()["event_ids"]


async def test_same_delivery_id_of_another_integration_is_another_delivery(
    admin: Any, company: Any, ledger: Any
) -> None:
    for _ in range(2):
        await deliver(admin, await integrate(admin))

    assert len(await ledger.told_ids(topics.SIGNALS)) == 2


async def test_delivery_id_that_comes_with_another_body_is_another_delivery(
    admin: Any, company: Any, ledger: Any
) -> None:
    integration = await integrate(admin)
    other = BUG.replace(b"Spelling error", b"Wrong amount")
    assert other != BUG

    answers = [await deliver(admin, integration, body) for body in (BUG, other, BUG)]

    assert [answer.json()["status"] for answer in answers] == ["accepted", "accepted", "repeated"]
    assert len(await ledger.told_ids(topics.SIGNALS)) == 2


async def test_nobody_takes_the_delivery_id_of_an_integration_beforehand(
    admin: Any, sender: Any, company: Any, ledger: Any
) -> None:
    integration = await integrate(admin)
    data = {"kind": "a.b", "team": "payments", "severity": 0, "summary": "x", "occurred_at": "2026-01-01T00:00:00Z"}
    claimed = {"id": "d-1", "source": f"/integrations/{integration['integration_id']}", "specversion": "1.0"}
    event = {**claimed, "type": "kinetic.signal.report.v1", "data": data}
    headers = {"content-type": "application/cloudevents+json"}
    assert (await sender.post("/events", json=event, headers=headers)).status_code == 202

    assert (await deliver(admin, integration)).json()["status"] == "accepted"


async def test_wrong_signature_is_refused_and_leaves_nothing(admin: Any, company: Any, ledger: Any) -> None:
    one, other = await integrate(admin), await integrate(admin)

    for answer in (
        await deliver(admin, one, secret="wrong"),
        await deliver(admin, one, secret=other["secret"]),
        await deliver(admin, one, headers={"x-hub-signature-256": ""}),
    ):
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
    assert await ledger.count("receipt") == 0


@pytest.mark.parametrize("integration_id", ["01a20f04-9444-712a-927e-a6e5107a6ee3", "x", "%00"])
async def test_unknown_integration_is_not_found(admin: httpx.AsyncClient, integration_id: str) -> None:
    answer = await deliver(admin, {"path": f"/webhooks/{integration_id}", "secret": "x"})

    assert answer.status_code == 404


async def test_signed_body_that_is_no_json_is_malformed(admin: httpx.AsyncClient) -> None:
    assert (await deliver(admin, await integrate(admin), b"{")).status_code == 400


async def test_form_is_refused_with_what_to_do(admin: httpx.AsyncClient) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}

    answer = await deliver(admin, await integrate(admin), b"payload=%7B%7D", headers=form)

    assert answer.status_code == 415
    assert "application/json" in answer.json()["detail"]


async def test_meaningless_webhook_is_ignored_for_a_reason(admin: Any, company: Any, ledger: Any) -> None:
    answer = await deliver(admin, await integrate(admin), PUSH, headers={"x-github-event": "push"})

    assert answer.status_code == 202
    assert answer.json()["status"] == "ignored"
    assert answer.json()["reason"]
    assert await ledger.count("receipt") == 0


async def test_former_secret_is_valid_until_its_time_is_over(admin: Any, company: Any, ledger: Any) -> None:
    integration = await integrate(admin)

    rotated = (await admin.post(f"/integrations/{integration['integration_id']}/rotate")).json()

    assert (await deliver(admin, integration, secret=rotated["secret"])).status_code == 202
    assert (await deliver(admin, integration)).status_code == 202
    await ledger.run("UPDATE integration SET former_until = clock_timestamp()")
    await admin.put(f"/integrations/{integration['integration_id']}/rules", json={"rules": RULES})
    assert (await deliver(admin, integration)).status_code == 401


async def test_secret_is_shown_once_and_encrypted_at_rest(admin: Any, ledger: Any, database: Any) -> None:
    integration = await integrate(admin)

    async with database.transaction() as tx:
        stored = await tx.fetch_value("SELECT secret FROM integration")
    assert integration["secret"].encode() not in stored
    assert integration["secret"] not in (await admin.get("/integrations")).text


async def test_name_of_an_integration_is_taken_once(admin: httpx.AsyncClient) -> None:
    body = {"tool": "github", "name": "one"}

    assert [(await admin.post("/integrations", json=body)).status_code for _ in range(2)] == [201, 409]


@pytest.mark.parametrize(
    "body",
    [
        {"tool": "fax", "name": "x"},
        {"tool": "github", "name": ""},
        {"tool": "github", "name": "x", "rules": [{"match": {"Repository": "x"}, "team": "a"}]},
        {"tool": "github", "name": "x", "rules": [{"match": {}, "team": "A Team"}]},
        {"tool": "github", "name": "x", "secret": "mine"},
    ],
)
async def test_invalid_integration_is_refused(admin: httpx.AsyncClient, body: dict[str, Any]) -> None:
    assert (await admin.post("/integrations", json=body)).status_code == 422


async def test_integrations_are_for_administrators(sender: httpx.AsyncClient) -> None:
    unknown = uuid4()

    for answer in (
        await sender.get("/integrations"),
        await sender.post("/integrations", json={"tool": "github", "name": "x"}),
        await sender.put(f"/integrations/{unknown}/rules", json={"rules": []}),
        await sender.post(f"/integrations/{unknown}/rotate"),
        await sender.get("/parked"),
    ):
        assert answer.status_code == 403


async def test_rules_and_rotation_of_an_unknown_integration_are_not_found(admin: httpx.AsyncClient) -> None:
    unknown = uuid4()

    assert (await admin.put(f"/integrations/{unknown}/rules", json={"rules": []})).status_code == 404
    assert (await admin.post(f"/integrations/{unknown}/rotate")).status_code == 404
