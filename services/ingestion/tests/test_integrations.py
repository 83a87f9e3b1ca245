"""Integrations from their first payload to their end: tried, watched, paused, rotated, deleted."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.ingestion.journal import Journal
from kinetic.ingestion.limits import RateLimit
from services.ingestion.tests.test_generic import BUILD, MAPPING
from services.ingestion.tests.test_webhook_door import BUG, PAYLOADS, PUSH, RULES, deliver, integrate

PROBLEM = "application/problem+json"


async def write_journal(client: httpx.AsyncClient, database: Database) -> None:
    journal: Journal = client._transport.app.state.journal  # type: ignore[attr-defined]
    await journal.write(database)


async def deliveries(admin: httpx.AsyncClient, integration: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await admin.get(f"/integrations/{integration['integration_id']}/deliveries")
    assert answer.status_code == 200, answer.text
    shown: list[dict[str, Any]] = answer.json()
    return shown


async def test_what_became_of_each_webhook_is_shown_with_the_reason(
    admin: httpx.AsyncClient, company: Any, database: Database
) -> None:
    integration = await integrate(admin)
    await deliver(admin, integration)
    await deliver(admin, integration)
    await deliver(admin, integration, PUSH, headers={"x-github-event": "push"})
    await deliver(admin, integration, secret="wrong")
    await deliver(admin, integration, b"{")
    await write_journal(admin, database)

    shown = await deliveries(admin, integration)
    assert [one["outcome"] for one in shown] == ["refused", "refused", "ignored", "repeated", "mapped"]
    assert all(one["reason"] for one in shown[:3])
    assert (shown[-1]["kinds"], shown[-1]["facts"][0]["repository"]) == (["quality.defect"], "Codertocat/Hello-World")
    detail = (await admin.get(f"/integrations/{integration['integration_id']}")).json()
    counts = {one["outcome"]: one["deliveries"] for one in detail["counts"]}
    assert counts == {"mapped": 1, "repeated": 1, "ignored": 1, "refused": 2}


async def test_a_parked_webhook_shows_what_it_waits_for_until_it_is_told(
    admin: httpx.AsyncClient, company: Any, database: Database, ledger: Any
) -> None:
    integration = await integrate(admin, rules=[])
    await deliver(admin, integration)
    await write_journal(admin, database)
    (parked,) = await deliveries(admin, integration)
    assert (parked["outcome"], parked["parked"]) == ("parked", 1)
    assert "no rule" in parked["reason"]
    await ledger.run("DELETE FROM parked")
    assert (await deliveries(admin, integration))[0]["parked"] == 0


async def test_addresses_of_people_are_not_noted(admin: httpx.AsyncClient, company: Any, database: Database) -> None:
    bug = json.loads((PAYLOADS / "jira" / "created_v2.json").read_bytes())
    bug["issue"]["fields"]["assignee"] = {"emailAddress": "dana@x.example"}
    integration = await integrate(admin, "jira", rules=[])
    assert (await deliver(admin, integration, json.dumps(bug).encode())).json()["status"] == "accepted"
    await write_journal(admin, database)
    assert [one["facts"] for one in await deliveries(admin, integration)] == [[{"project": "BUG", "issue_type": "Bug"}]]


async def test_a_paused_integration_takes_nothing_until_it_is_resumed(admin: httpx.AsyncClient, company: Any) -> None:
    integration = await integrate(admin)
    path = f"/integrations/{integration['integration_id']}"
    assert (await admin.post(f"{path}/pause")).json()["paused"] is True
    answer = await deliver(admin, integration)
    assert (answer.status_code, answer.json()["status"]) == (202, "ignored")
    assert (await admin.post(f"{path}/resume")).json()["paused"] is False
    assert (await deliver(admin, integration)).json()["status"] == "accepted"


async def test_a_deleted_integration_is_not_found_any_more(admin: httpx.AsyncClient, company: Any, ledger: Any) -> None:
    integration = await integrate(admin)
    path = f"/integrations/{integration['integration_id']}"
    assert (await admin.delete(path)).status_code == 204
    assert (await admin.delete(path)).status_code == 404
    assert (await deliver(admin, integration)).status_code == 404


async def test_a_tool_may_bring_its_own_secret(admin: httpx.AsyncClient, company: Any) -> None:
    integration = await integrate(admin, secret="made by the tool")
    assert (await deliver(admin, integration, secret="made by the tool")).status_code == 202
    path = f"/integrations/{integration['integration_id']}/rotate"
    assert (await admin.post(path, json={"secret": "another one"})).json()["secret"] == "another one"
    assert (await deliver(admin, integration, BUG + b" ", secret="another one")).status_code == 202


async def test_rules_are_tried_on_recent_webhooks_before_they_are_in_force(
    admin: httpx.AsyncClient, company: Any, database: Database
) -> None:
    integration = await integrate(admin, rules=[])
    await deliver(admin, integration)
    await deliver(admin, integration, BUG + b" ")
    await write_journal(admin, database)
    path = f"/integrations/{integration['integration_id']}"
    (tried,) = (await admin.post(f"{path}/try-rules", json={"rules": RULES})).json()
    assert (tried["team"], tried["new_team"], tried["observations"]) == (None, "payments", 2)
    assert (await admin.get(path)).json()["rules"] == []


async def test_a_webhook_is_tried_without_being_taken(admin: httpx.AsyncClient, company: Any, ledger: Any) -> None:
    integration = await integrate(admin)
    sample = {"headers": {"X-GitHub-Event": "issues"}, "payload": json.loads(BUG)}
    tried = (await admin.post(f"/integrations/{integration['integration_id']}/try", json=sample)).json()
    assert (tried["outcome"], tried["teams"], tried["signals"][0]["kind"]) == ("mapped", ["payments"], "quality.defect")
    assert await ledger.count("outbox") == 4  # the directory and the catalogue


async def test_a_mapping_is_tried_on_a_sample_before_it_is_saved(admin: httpx.AsyncClient) -> None:
    tried = await admin.post("/integrations/try-mapping", json={"mapping": MAPPING, "payload": BUILD})
    assert (tried.status_code, tried.json()["outcome"]) == (200, "mapped")
    broken = {**MAPPING, "signals": [_signal(when="a =")]}
    answer = await admin.post("/integrations/try-mapping", json={"mapping": broken, "payload": BUILD})
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert answer.json()["errors"][0]["pointer"] == "#/mapping/signals/0/when"


async def test_only_the_generic_tool_has_a_mapping(admin: httpx.AsyncClient) -> None:
    for body in ({"tool": "generic"}, {"tool": "github", "mapping": MAPPING}):
        answer = await admin.post("/integrations", json={"name": uuid4().hex, **body})
        assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)


async def test_one_integration_cannot_take_the_time_of_others(admin: httpx.AsyncClient, company: Any) -> None:
    one, other = await integrate(admin), await integrate(admin)
    admin._transport.app.state.rate_limit = RateLimit(0.01, burst=2)  # type: ignore[attr-defined]
    answers = [await deliver(admin, one) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert (await deliver(admin, other)).status_code == 202


async def test_a_tool_that_looks_whether_somebody_is_there_is_answered(admin: httpx.AsyncClient) -> None:
    integration = await integrate(admin)
    assert (await admin.head(integration["path"])).status_code == 204
    assert (await admin.head(f"/webhooks/{uuid4()}")).status_code == 404


async def test_who_cannot_sign_uses_up_nobodys_rate(admin: httpx.AsyncClient, company: Any) -> None:
    integration = await integrate(admin)
    admin._transport.app.state.rate_limit = RateLimit(0.01, burst=1)  # type: ignore[attr-defined]
    forged = [await deliver(admin, integration, secret="wrong") for _ in range(3)]
    assert [answer.status_code for answer in forged] == [401, 401, 401]
    assert (await deliver(admin, integration)).status_code == 202


@pytest.mark.parametrize("path", ["", "/deliveries"])
async def test_an_unknown_integration_is_not_found(admin: httpx.AsyncClient, path: str) -> None:
    assert (await admin.get(f"/integrations/{uuid4()}{path}")).status_code == 404


def _signal(**changes: Any) -> dict[str, Any]:
    signal: dict[str, Any] = {**MAPPING["signals"][0], **changes}
    return signal
