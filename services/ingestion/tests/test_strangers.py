"""What names somebody or something that is not there, is there twice, or is there under another name."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from kinetic.common.batches import BatchLoop
from kinetic.common.database import Database
from kinetic.contracts import topics
from kinetic.ingestion.domain.directory_rules import mailbox_sha1
from kinetic.ingestion.intake_door import IntakeDoor
from services.ingestion.tests.conftest import DIRECTORY, Ledger
from services.ingestion.tests.intake_records import Consumer, binary
from services.ingestion.tests.test_events_door import STRUCTURED, learning, measurement
from services.ingestion.tests.test_measurements_door import HEADER, row, send, send_csv
from services.ingestion.tests.test_parking import release
from services.ingestion.tests.test_webhook_door import BUG, PAYLOADS, deliver, integrate
from services.ingestion.tests.xapi_statements import COURSE, add_course, connect, statement

DANA = "dana@x.example"
_CSV_ROW = "lead-time,checkout,3,2,2026-01-01T00:00:00Z,2026-01-08T00:00:00Z"


@dataclass(frozen=True)
class World:
    """Everything that a test may speak to."""

    admin: httpx.AsyncClient
    sender: httpx.AsyncClient
    door: IntakeDoor
    database: Database
    ledger: Ledger
    ids: dict[str, str]

    async def told(self) -> list[dict[str, Any]]:
        """What was told of the work of teams and of learning."""
        wanted = (topics.SIGNALS, topics.MEASUREMENTS, topics.LEARNING)
        return [json.loads(row["value"]) for row in await self.ledger.told() if row["topic"] in wanted]

    async def event(self, event: dict[str, Any], status: int = 202) -> httpx.Response:
        answer = await self.sender.post("/events", content=json.dumps(event), headers=STRUCTURED)
        assert answer.status_code == status, answer.text
        return answer


@pytest.fixture
def world(
    admin: httpx.AsyncClient,
    sender: httpx.AsyncClient,
    door: IntakeDoor,
    database: Database,
    ledger: Ledger,
    company: dict[str, str],
) -> World:
    return World(admin, sender, door, database, ledger, company)


async def by_webhook(world: World) -> None:
    opened = await integrate(world.admin, rules=[{"match": {}, "team": "checkout"}])
    assert (await deliver(world.admin, opened, BUG)).json()["status"] == "parked"


async def by_event(world: World) -> None:
    assert (await world.event(measurement("1", "checkout"))).json()["status"] == "parked"


async def by_json(world: World) -> None:
    assert (await send(world.admin, row(team="checkout"))).json()["results"][0]["taken"]["status"] == "parked"


async def by_csv(world: World) -> None:
    answer = await send_csv(world.admin, HEADER, _CSV_ROW)
    assert answer.json()["results"][0]["taken"]["status"] == "parked"


async def by_kafka(world: World) -> None:
    await BatchLoop(world.door, world.database).take([binary(measurement("1", "checkout"))], Consumer())


async def removed_by_document(world: World) -> None:
    await load(world.admin, {"teams": [{"slug": "checkout", "name": "checkout", "unit": "unit", "removed": True}]})


async def removed_by_scim(world: World) -> None:
    assert (await world.sender.delete(f"/scim/v2/Groups/{world.ids['checkout']}")).status_code == 204


async def load(admin: httpx.AsyncClient, document: Any, status: int = 200) -> Any:
    answer = await admin.put("/directory", json=document)
    assert answer.status_code == status, answer.text
    return answer.json()


Step = Callable[[World], Awaitable[None]]


@pytest.mark.parametrize("remove", [removed_by_document, removed_by_scim])
@pytest.mark.parametrize("report", [by_webhook, by_event, by_json, by_csv, by_kafka])
async def test_report_on_a_deleted_team_waits_and_is_told_once_when_it_is_back(
    world: World, report: Step, remove: Step
) -> None:
    await remove(world)

    await report(world)

    (parked,) = (await world.admin.get("/parked")).json()
    assert (parked["waits_for"], await world.told()) == ("team/checkout", [])
    await load(world.admin, {"teams": DIRECTORY["teams"]})
    await release(world.database)
    assert [one["team_id"] for one in await world.told()] == [world.ids["checkout"]]
    assert (await world.admin.get("/parked")).json() == []


async def test_types_that_nobody_knows_are_ignored_or_named(world: World) -> None:
    github, lms = await integrate(world.admin), await connect(world.admin)
    ignored = await deliver(world.admin, github, BUG, headers={"x-github-event": "invented_yesterday"})
    unknown = await world.event({**measurement(), "type": "com.example.invented"}, 422)
    said = await lms.post(statement("https://x.example/verbs/invented"))
    provisioned = await world.sender.post("/scim/v2/Robots", json={"userName": "r2"})
    await BatchLoop(world.door, world.database).take([binary({**measurement(), "type": "invented"})], Consumer())

    assert (ignored.status_code, ignored.json()["status"]) == (202, "ignored")
    assert unknown.json()["errors"][0]["pointer"] == "#/type"
    assert (said.status_code, provisioned.status_code) == (200, 404)
    (letter,) = (await world.admin.get("/dead-letters")).json()
    assert "header #/ce_type" in letter["cause"]
    assert (await world.told(), await world.ledger.count("parked")) == ([], 0)


@pytest.mark.parametrize("written", [DANA, "DANA@X.EXAMPLE", "Dana.Okafor@X.example"])
async def test_person_is_found_by_address_and_alias_in_any_case(world: World, written: str) -> None:
    ids = {"lms": "L-1", "email-alias": "dana.okafor@x.example"}
    await load(world.admin, {"people": [{**DIRECTORY["people"][0], "external_ids": ids}]})
    await add_course(world.admin)
    digest = mailbox_sha1(written.lower())
    bug = json.loads((PAYLOADS / "jira" / "created_v2.json").read_bytes())
    bug["issue"]["fields"]["assignee"] = {"emailAddress": written}
    jira, lms = await integrate(world.admin, "jira", rules=[]), await connect(world.admin)

    webhook = await deliver(world.admin, jira, json.dumps(bug).encode())
    await world.event(learning("1", person={"email": written}))
    for actor in ({"mbox": f"mailto:{written}"}, {"mbox_sha1sum": digest.upper()}):
        assert (await lms.post(statement(actor=actor, object={"id": COURSE}))).status_code == 200
    await BatchLoop(world.door, world.database).take([binary(learning("2", person={"email": written}))], Consumer())

    assert webhook.json()["status"] == "accepted"
    told = await world.told()
    assert [one["person_id"] for one in told if "person_id" in one] == [world.ids[DANA]] * 4
    assert [one["team_id"] for one in told if "team_id" in one] == [world.ids["payments"]]


def person(email: str, **fields: Any) -> dict[str, Any]:
    return {"email": email, "name": "N", "role": "engineer", "time_zone": "UTC", **fields}


WRONG_PEOPLE = {
    "a circle of two": (
        [person("a@x.example", manager="b@x.example"), person("b@x.example", manager="a@x.example")],
        "manager",
    ),
    "a circle of one": ([person("a@x.example", manager="A@x.example")], "manager"),
    "a circle with whom is there": (
        [person("a@x.example", manager=DANA), {**DIRECTORY["people"][0], "manager": "a@x.example"}],
        "manager",
    ),
    "one person in two teams": (
        [person("a@x.example", team="payments"), person("A@X.example", team="checkout")],
        "email",
    ),
    "the alias of somebody": ([person("a@x.example", external_ids={"email-alias": "DANA@x.example"})], "external_ids"),
}


@pytest.mark.parametrize("media_type", ["application/json", "application/yaml"])
@pytest.mark.parametrize("name", WRONG_PEOPLE)
async def test_document_that_contradicts_itself_is_named_and_changes_nothing(
    world: World, name: str, media_type: str
) -> None:
    people, field = WRONG_PEOPLE[name]
    before = await world.ledger.count("outbox")

    answer = await world.admin.put(
        "/directory", content=json.dumps({"people": people}), headers={"content-type": media_type}
    )

    assert answer.status_code == 422, answer.text
    assert any(error["pointer"].split("/")[3] == field for error in answer.json()["errors"])
    assert await world.ledger.count("outbox") == before


@pytest.mark.parametrize("moment", ["1969-12-31T23:59:59Z", "2201-01-01T00:00:00Z", "2026-01-01T00:00:00"])
async def test_position_from_a_time_that_is_none_is_named(world: World, moment: str) -> None:
    problem = await load(world.admin, {"people": [person("a@x.example", effective_from=moment)]}, 422)

    assert [error["pointer"] for error in problem["errors"]] == ["#/people/0/effective_from"]
