"""Directory and catalogue are loaded whole or not at all, and published as full state."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.contracts import topics
from kinetic.contracts.ingestion import ContentChanged, DirectoryConfirmed, PersonChanged, TeamChanged
from kinetic.ingestion.handlers import confirm_directory

YAML = {"content-type": "application/yaml"}
DIRECTORY = b"""
teams:
  - {slug: payments, name: Payments, unit: commerce, manager: dana@x.example}
people:
  - {email: Dana@X.example, name: Dana, role: lead, time_zone: Europe/Berlin}
  - email: eve@x.example
    name: Eve
    role: engineer
    team: payments
    manager: dana@x.example
    time_zone: UTC
    effective_from: 2026-01-01T00:00:00Z
    external_ids: {lms: L-2}
"""


async def told(ledger: Any, topic: str = topics.DIRECTORY) -> list[tuple[str, dict[str, Any]]]:
    """(type, data) of what was published on a topic."""
    rows = [row for row in await ledger.told() if row["topic"] == topic]
    return [(row["headers"]["ce_type"], json.loads(row["value"])) for row in rows]


async def test_yaml_directory_is_published_as_full_state(admin: httpx.AsyncClient, ledger: Any) -> None:
    answer = await admin.put("/directory", content=DIRECTORY, headers=YAML)

    assert (answer.status_code, answer.json()) == (200, {"version": 1, "teams": 1, "people": 2})
    published = await told(ledger)
    assert [kind for kind, _ in published] == [TeamChanged.type, PersonChanged.type, PersonChanged.type]
    team, dana, eve = (data for _, data in published)
    assert team["manager_id"] == dana["person_id"] == eve["positions"][0]["manager_id"]
    assert eve["positions"][0]["team_id"] == team["team_id"]
    assert dana["email"] == "dana@x.example"


async def test_same_directory_again_publishes_nothing(admin: httpx.AsyncClient, ledger: Any) -> None:
    for _ in range(2):
        answer = await admin.put("/directory", content=DIRECTORY, headers=YAML)

    assert answer.json() == {"version": 1, "teams": 0, "people": 0}
    assert len(await told(ledger)) == 3


async def test_republishing_repeats_everything_with_its_version(admin: httpx.AsyncClient, ledger: Any) -> None:
    await admin.put("/directory", content=DIRECTORY, headers=YAML)

    assert (await admin.post("/directory/republish")).status_code == 200

    published = await told(ledger)
    assert published[3:] == published[:3] or sorted(map(str, published[3:])) == sorted(map(str, published[:3]))


async def test_wrong_directory_changes_nothing_and_names_the_place(admin: httpx.AsyncClient, ledger: Any) -> None:
    wrong = DIRECTORY.replace(b"manager: dana@x.example\n    time_zone", b"manager: ghost@x.example\n    time_zone")

    answer = await admin.put("/directory", content=wrong, headers=YAML)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["#/people/1/manager"]
    assert (await told(ledger), await ledger.count("person"), await ledger.count("team")) == ([], 0, 0)


async def test_concurrent_loads_get_versions_of_their_own(admin: httpx.AsyncClient, ledger: Any) -> None:
    documents = [{"teams": [{"slug": f"t{number}", "name": "T", "unit": "u"}]} for number in range(8)]

    answers = await asyncio.gather(*(admin.put("/directory", json=document) for document in documents))

    assert sorted(answer.json()["version"] for answer in answers) == list(range(1, 9))
    assert [data["version"] for _, data in await told(ledger)] == list(range(1, 9))


async def test_external_ids_can_be_exchanged(admin: httpx.AsyncClient) -> None:
    def people(one: str, other: str) -> dict[str, Any]:
        fixed = {"name": "N", "role": "r", "time_zone": "UTC"}
        return {
            "people": [
                {"email": "a@x.example", "external_ids": {"lms": one}, **fixed},
                {"email": "b@x.example", "external_ids": {"lms": other}, **fixed},
            ]
        }

    await admin.put("/directory", json=people("1", "2"))

    assert (await admin.put("/directory", json=people("2", "1"))).json()["people"] == 2


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {"content-type": "application/json"}, 400),
        (b"teams: [", YAML, 400),
        (b"a: &a [x]\nb: *a", YAML, 400),
        (b"[" * 50 + b"]" * 50, YAML, 400),
        (b"\xff\xfe\xfa", YAML, 400),
        (b"teams: !!python/object:os.system {}", YAML, 400),
        (b"", YAML, 422),
        (b"[]", YAML, 422),
        (b"teams: [{slug: 7}]", YAML, 422),
        (b"people: [{email: a@x.example, effective_from: 2026-01-01}]", YAML, 422),
    ],
)
async def test_bad_document_is_a_problem(admin: Any, body: bytes, headers: dict[str, str], status: int) -> None:
    for path in ("/directory", "/catalogue"):
        answer = await admin.put(path, content=body, headers=headers)

        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"


async def test_catalogue_is_published_and_republished(admin: httpx.AsyncClient, ledger: Any) -> None:
    catalogue = b"""
content:
  - external_ids: {lms: C-1}
    title: Testing
    url: https://learn.example/1
    teaches: [{competency: testing, level: 2}]
    effort_minutes: 20
    language: en
"""
    for _ in range(2):
        await admin.put("/catalogue", content=catalogue, headers=YAML)
    await admin.post("/catalogue/republish")

    published = await told(ledger, topics.CATALOGUE)
    assert [kind for kind, _ in published] == [ContentChanged.type] * 2
    assert published[0] == published[1]


async def confirm(database: Database) -> int:
    async with database.transaction() as tx:
        return await confirm_directory(tx)


async def test_one_replica_confirms_the_directory_at_a_time(admin: Any, ledger: Any, database: Database) -> None:
    fired = await asyncio.gather(*(confirm(database) for _ in range(4)))

    assert sum(fired) == 1
    ((kind, data),) = await told(ledger)
    assert (kind, data["version"]) == (DirectoryConfirmed.type, 0)


async def test_directory_is_confirmed_again_when_the_time_has_come(ledger: Any, database: Database) -> None:
    for _ in range(2):
        await ledger.run("UPDATE publication SET due_at = clock_timestamp()")
        assert await confirm(database) == 1
        await ledger.run("DELETE FROM outbox")
        assert await confirm(database) == 0


async def test_directory_is_not_confirmed_while_its_changes_wait_for_kafka(
    admin: httpx.AsyncClient, ledger: Any, database: Database
) -> None:
    await admin.put("/directory", content=DIRECTORY, headers=YAML)
    assert await confirm(database) == 0

    await ledger.run("DELETE FROM outbox")

    assert await confirm(database) == 1
    assert (await told(ledger))[0][1]["version"] == 1


async def test_services_may_load_and_not_read_the_directory(sender: httpx.AsyncClient) -> None:
    assert (await sender.put("/directory", content=DIRECTORY, headers=YAML)).status_code == 200
    assert (await sender.get("/directory")).status_code == 403
