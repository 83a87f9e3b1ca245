"""Test events: signed as the tool signs, taken the way of a real one, and nothing of it is kept but a line for administrators."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from kinetic.common import metrics
from kinetic.common.database import Database
from kinetic.contracts.ids import EventId, IntegrationId
from kinetic.ingestion.api import rehearsals as door
from kinetic.ingestion.api.intake_topics import write_command
from kinetic.ingestion.cloud_events import read_text
from kinetic.ingestion.committer import Committer
from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Mapped, Reading, Webhook
from kinetic.ingestion.connectors.samples import sample_of
from kinetic.ingestion.domain.intake import Arrival, Origin
from kinetic.ingestion.domain.occurrences import Signal, UnruledPlace
from kinetic.ingestion.journal import NOTED_AT_ONCE, Journal, Note, Outcome
from kinetic.ingestion.limits import RateLimit
from kinetic.ingestion.reception import Refusal, read_webhook
from kinetic.ingestion.rehearsals import rehearse
from kinetic.ingestion.reports import TYPES
from kinetic.ingestion.store.integrations import Integration, create
from services.ingestion.tests.test_generic import BUILD, MAPPING
from services.ingestion.tests.test_integrations import PROBLEM, deliveries, write_journal
from services.ingestion.tests.test_webhook_door import BUG, PAYLOADS, deliver, integrate

NOW = datetime(2026, 11, 24, 12, 30, 15, tzinfo=UTC)
SILENT_ABOUT_TIME = {"freshdesk"}
TRACES = ("outbox", "receipt", "parked", "parking_lane", "statement", "delivery_count")
GITHUB = {"headers": {"X-GitHub-Event": "issues"}, "payload": json.loads(BUG)}


def path_of(integration: dict[str, Any]) -> str:
    return f"/integrations/{integration['integration_id']}/test-event"


async def send(admin: httpx.AsyncClient, integration: dict[str, Any], **event: Any) -> dict[str, Any]:
    answer = await admin.post(path_of(integration), json=event) if event else await admin.post(path_of(integration))
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def traces(ledger: Any) -> dict[str, int]:
    return {table: await ledger.count(table) for table in TRACES}


def read_sample(tool: str) -> Mapped:
    sample = sample_of(tool, NOW)
    reading = CONNECTORS[tool].read(sample.headers, sample.payload)
    assert isinstance(reading, Mapped), reading
    return reading


def app_of(client: httpx.AsyncClient) -> Any:
    return client._transport.app  # type: ignore[attr-defined]


@pytest.mark.parametrize("tool", sorted(CONNECTORS))
async def test_the_sample_of_a_tool_is_believed_read_and_given_to_the_team_of_the_rule(
    tool: str, admin: httpx.AsyncClient, company: Any, database: Database, ledger: Any
) -> None:
    facts = dict(read_sample(tool).facts[0])
    integration = await integrate(admin, tool, rules=[{"match": facts, "team": "payments"}])
    before = await traces(ledger)

    tested = await send(admin, integration)

    assert (tested["outcome"], tested["reason"], tested["answered"]) == ("mapped", None, 202)
    assert (tested["kinds"], tested["facts"], tested["team"]) == ([*read_sample(tool).kinds], [facts], "payments")
    await write_journal(admin, database)
    (shown,) = await deliveries(admin, integration)
    assert (shown["test"], shown["outcome"], shown["facts"], shown["event_ids"]) == (True, "mapped", [facts], [])
    assert await traces(ledger) == before


@pytest.mark.parametrize("tool", sorted(CONNECTORS))
def test_a_sample_means_one_thing_that_happens_now(tool: str) -> None:
    (observation,) = read_sample(tool).observations
    assert observation.occurred_at == (None if tool in SILENT_ABOUT_TIME else NOW)
    assert observation.attribution
    assert "person" not in observation.attribution
    assert not observation.unknown


async def test_where_no_rule_fits_the_reason_names_the_facts_that_rules_could_use(
    admin: httpx.AsyncClient, company: Any, ledger: Any
) -> None:
    before = await traces(ledger)
    tested = await send(admin, await integrate(admin, rules=[]))
    assert (tested["outcome"], tested["team"], tested["answered"]) == ("parked", None, 202)
    assert "no rule" in tested["reason"]
    assert "repository acme/checkout" in tested["reason"]
    assert await traces(ledger) == before


async def test_a_rule_for_a_team_that_is_not_there_is_told(admin: httpx.AsyncClient, company: Any) -> None:
    tested = await send(admin, await integrate(admin, rules=[{"match": {}, "team": "ghosts"}]))
    assert (tested["outcome"], tested["team"]) == ("parked", "ghosts")
    assert tested["reason"] == "the directory has no team ghosts"


@pytest.mark.parametrize(
    ("address", "outcome", "team"), [("dana@x.example", "mapped", "payments"), ("nobody@x.example", "parked", None)]
)
async def test_without_a_rule_the_team_is_that_of_the_person_whose_address_is_shown_nowhere(
    address: str, outcome: str, team: str | None, admin: httpx.AsyncClient, company: Any, database: Database
) -> None:
    bug = json.loads((PAYLOADS / "jira" / "created_v2.json").read_bytes())
    bug["issue"]["fields"]["assignee"] = {"emailAddress": address}
    integration = await integrate(admin, "jira", rules=[])

    tested = await send(admin, integration, payload=bug)

    assert (tested["outcome"], tested["team"]) == (outcome, team)
    assert outcome == "mapped" or tested["reason"].endswith("rules could use issue_type Bug, project BUG")
    await write_journal(admin, database)
    assert address not in json.dumps([tested, await deliveries(admin, integration)])


async def test_a_payload_of_ones_own_goes_the_same_way(admin: httpx.AsyncClient, company: Any, ledger: Any) -> None:
    integration = await integrate(admin)
    tested = await send(admin, integration, **GITHUB)
    assert (tested["outcome"], tested["facts"][0]["repository"]) == ("mapped", "Codertocat/Hello-World")
    assert (await deliver(admin, integration)).json()["status"] == "accepted"  # nobody has signed for it before
    again = await send(admin, integration, **GITHUB)
    assert again == tested


@pytest.mark.parametrize("payload", [{}, [], None, "x", {"webhookEvent": "jira:issue_deleted"}])
async def test_a_payload_that_means_nothing_is_ignored_for_a_reason(
    payload: Any, admin: httpx.AsyncClient, company: Any
) -> None:
    tested = await send(admin, await integrate(admin, "jira"), payload=payload)
    assert (tested["outcome"], tested["kinds"]) == ("ignored", [])
    assert tested["reason"]


async def test_what_the_door_refuses_is_refused_and_not_counted(
    admin: httpx.AsyncClient, company: Any, database: Database
) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    integration = await integrate(admin)
    before = _refusals()

    as_form = await send(admin, integration, headers=form)
    app_of(admin).state.rate_limit = RateLimit(0.01, burst=1)
    in_time, too_fast = [await send(admin, integration, **GITHUB) for _ in range(2)]

    assert [one["outcome"] for one in (as_form, in_time, too_fast)] == ["refused", "mapped", "refused"]
    assert [one["answered"] for one in (as_form, in_time, too_fast)] == [415, 202, 429]
    assert "application/json" in as_form["reason"]
    assert _refusals() == before
    await write_journal(admin, database)
    shown = await deliveries(admin, integration)
    assert [(one["outcome"], one["test"]) for one in shown] == [
        ("refused", True),
        ("mapped", True),
        ("refused", True),
    ]


def _refusals() -> dict[str, float]:
    reasons = ("signature", "media type", "malformed", "rate", "overloaded", "parking full")
    return {reason: metrics.DOOR_REFUSED.labels(reason)._value.get() for reason in reasons}


async def test_what_cannot_be_signed_in_time_is_not_believed(admin: httpx.AsyncClient, company: Any) -> None:
    tested = await send(admin, await integrate(admin, "linear"), payload={"type": "Issue"})  # has no webhookTimestamp
    assert (tested["outcome"], tested["answered"]) == ("refused", 401)
    assert "time" in tested["reason"]


async def test_a_paused_integration_says_so(admin: httpx.AsyncClient, company: Any) -> None:
    integration = await integrate(admin)
    await admin.post(f"/integrations/{integration['integration_id']}/pause")
    tested = await send(admin, integration)
    assert (tested["outcome"], tested["reason"]) == ("ignored", "the integration is paused")
    assert metrics.DOOR_IGNORED.labels(integration["name"])._value.get() == 0


async def test_while_secrets_change_the_present_one_signs(
    admin: httpx.AsyncClient, company: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Webhook] = []

    def watch(sender: Any, webhook: Webhook, *others: Any) -> Reading | Refusal:
        sent.append(webhook)
        return read_webhook(sender, webhook, *others)

    monkeypatch.setattr(door, "read_webhook", watch)
    integration = await integrate(admin)
    rotated = (await admin.post(f"/integrations/{integration['integration_id']}/rotate")).json()

    assert (await send(admin, integration, **GITHUB))["outcome"] == "mapped"

    (webhook,) = sent
    digest = hmac.new(rotated["secret"].encode(), webhook.body, hashlib.sha256).hexdigest()
    assert webhook.headers["x-hub-signature-256"] == f"sha256={digest}"


async def test_rules_that_another_replica_has_changed_are_in_force(
    admin: httpx.AsyncClient, company: Any, ledger: Any
) -> None:
    integration = await integrate(admin, rules=[{"match": {}, "team": "payments"}])
    assert (await send(admin, integration))["team"] == "payments"
    await ledger.run("UPDATE integration SET rules = $1", [{"match": {}, "team": "checkout"}])
    assert (await send(admin, integration))["team"] == "checkout"


async def test_only_administrators_send_test_events_and_only_to_what_is_there(
    admin: httpx.AsyncClient, sender: httpx.AsyncClient, company: Any, ledger: Any
) -> None:
    integration = await integrate(admin)
    assert (await sender.post(path_of(integration))).status_code == 403
    assert (await admin.post(path_of({"integration_id": uuid4()}))).status_code == 404
    answer = await admin.post(path_of(integration), json={"body": {}})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/body")
    await ledger.run("UPDATE integration SET tool = 'fax'")
    assert (await admin.post(path_of(integration))).status_code == 409


@pytest.mark.parametrize("event", [None, {}, {"headers": {"x-event": "build"}}])
async def test_what_a_mapping_explains_is_tested_with_ones_own_payload_alone(
    event: Any, admin: httpx.AsyncClient, company: Any
) -> None:
    integration = await integrate(admin, "generic", mapping=MAPPING, rules=[{"match": {}, "team": "payments"}])
    answer = await admin.post(path_of(integration), json=event)
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert answer.json()["errors"][0]["pointer"] == "#/payload"
    assert (await send(admin, integration, payload=BUILD))["team"] == "payments"


async def test_a_tool_that_writes_to_kafka_is_told_how_to_write_an_event(
    admin: httpx.AsyncClient, company: Any, database: Database
) -> None:
    kept = Integration(IntegrationId(str(uuid4())), "kafka", "ci", (), (), NOW, None, types=(TYPES[2],))
    async with database.transaction() as tx:
        assert await create(tx, kept)
    answer = await admin.post(path_of({"integration_id": kept.integration_id}))
    assert (answer.status_code, answer.headers["content-type"]) == (409, PROBLEM)
    assert "--topic kinetic.intake.ci" in answer.json()["detail"]
    assert "paused" not in answer.json()["detail"]
    await admin.post(f"/integrations/{kept.integration_id}/pause")
    answer = await admin.post(path_of({"integration_id": kept.integration_id}))
    assert "the integration is paused" in answer.json()["detail"]


@pytest.mark.parametrize("event_type", TYPES)
def test_the_event_in_the_command_is_one_that_is_taken(event_type: str) -> None:
    headers, event = write_command("ci", event_type, datetime.now(UTC)).split("'")[1:4:2]
    assert headers == r"content-type:application/cloudevents+json\t%s\n"
    assert read_text(event.encode()).type == event_type


async def test_test_events_say_nothing_about_other_rules(
    admin: httpx.AsyncClient, company: Any, database: Database
) -> None:
    integration = await integrate(admin)
    await send(admin, integration)
    await write_journal(admin, database)
    path = f"/integrations/{integration['integration_id']}"
    assert (await admin.post(f"{path}/try-rules", json={"rules": []})).json() == []
    assert (await admin.get(path)).json()["counts"] == []


async def test_a_test_event_is_shown_however_much_comes_in_the_same_second(database: Database, ledger: Any) -> None:
    journal, integration_id = Journal(), str(uuid4())
    journal.note(Note(integration_id, Outcome.MAPPED, is_test=True))
    for _ in range(NOTED_AT_ONCE + 1):
        journal.note(Note(integration_id, Outcome.MAPPED))
    await journal.write(database)
    assert await ledger.count("delivery WHERE test") == 1
    assert await ledger.count("delivery WHERE NOT test") == NOTED_AT_ONCE


async def test_what_could_be_neither_taken_nor_parked_now_is_refused(database: Database) -> None:
    place = UnruledPlace(str(uuid4()), {"repository": "acme/checkout"})
    signal = Signal(place, "github", "quality.defect", 0.5, "x", None, NOW - timedelta(days=1))
    arrivals = [Arrival.of(EventId(str(uuid4())), signal, Origin("integration/1"))]
    full, overloaded = Committer(500, 500, 1), Committer(500, 500, 1)
    full.full_senders, overloaded.is_backlog_full = frozenset({"integration/1"}), True

    for committer, status in ((full, 429), (overloaded, 503)):
        became = await rehearse(database, committer, arrivals, place.facts, 202)
        assert (became.outcome, became.answered) == (Outcome.REFUSED, status)
        assert became.reason
