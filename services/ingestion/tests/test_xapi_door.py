"""`/xapi/statements`: a learning platform pushes what was learned, all of a request or none of it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from kinetic.contracts import topics
from kinetic.ingestion.intake import release_due_lane
from services.ingestion.tests.test_xapi_cases import CASES
from services.ingestion.tests.xapi_statements import COURSE, DANA, Lms, add_course, connect, statement

HASH = hashlib.sha256(b"certificate").hexdigest()
ATTACHED = {
    "usageType": "https://x.example/certificate",
    "display": {"en": "Certificate"},
    "contentType": "text/plain",
    "length": 11,
    "sha2": HASH,
}


@pytest.fixture
async def lms(admin: httpx.AsyncClient, company: Any) -> Lms:
    await add_course(admin)
    return await connect(admin)


async def learned(ledger: Any) -> list[dict[str, Any]]:
    return [json.loads(row["value"]) for row in await ledger.told() if row["topic"] == topics.LEARNING]


async def test_statement_becomes_a_learning_record(lms: Lms, company: Any, ledger: Any, admin: Any) -> None:
    registration = str(uuid4())
    said = statement("passed", result={"score": {"scaled": 0.8}}, context={"registration": registration})

    answer = await lms.post(said)

    assert (answer.status_code, answer.json()) == (200, [said["id"]])
    assert answer.headers["x-experience-api-version"] == "1.0.3"
    (record,) = await learned(ledger)
    assert record == {
        "person_id": company["dana@x.example"],
        "content_id": await add_course(admin),
        "verb": "passed",
        "score": 0.8,
        "registration": registration,
        "source": "lms",
        "occurred_at": "2026-05-04T07:30:00Z",
    }


@pytest.mark.parametrize(
    "actor",
    [
        {"mbox": "mailto:Dana@X.example"},
        {"mbox_sha1sum": hashlib.sha1(DANA.encode()).hexdigest()},  # noqa: S324  # as xAPI names people
        {"account": {"homePage": "https://lms.example", "name": "L-1"}},
    ],
    ids=["mbox", "mbox_sha1sum", "account"],
)
async def test_learner_is_found_by_each_identifier(lms: Lms, company: Any, ledger: Any, actor: Any) -> None:
    assert (await lms.post(statement(actor={"name": "Dana", **actor}))).status_code == 200

    assert [record["person_id"] for record in await learned(ledger)] == [company["dana@x.example"]]


async def test_unknown_address_is_parked_by_its_digest_and_told_when_it_arrives(
    lms: Lms, admin: Any, ledger: Any, database: Any
) -> None:
    digest = hashlib.sha1(b"mailto:eve@x.example").hexdigest()  # noqa: S324
    await lms.post(statement(actor={"mbox_sha1sum": digest}))
    (parked,) = (await admin.get("/parked")).json()
    assert "does not know the learner" in parked["reason"]

    eve = {"email": "eve@x.example", "name": "Eve", "role": "engineer", "time_zone": "Europe/Berlin"}
    assert (await admin.put("/directory", json={"people": [eve]})).status_code == 200
    async with database.transaction() as tx:
        await release_due_lane(tx)

    assert len(await learned(ledger)) == 1


async def test_what_is_in_no_catalogue_holds_up_no_other_course(lms: Lms, ledger: Any, admin: Any) -> None:
    await lms.post(statement(object={"id": "https://lms.example/unknown"}))
    await lms.post(statement())

    assert len(await learned(ledger)) == 1
    assert len((await admin.get("/parked")).json()) == 1


async def test_repetition_changes_nothing_also_in_parallel_and_within_another_batch(lms: Lms, ledger: Any) -> None:
    said = statement()
    answers = await asyncio.gather(*(lms.post(said) for _ in range(20)))
    reworded = {**said, "verb": {**said["verb"], "display": {"en": "done"}}, "stored": "2026-06-01T00:00:00Z"}

    again = await lms.post(statement("progressed"), reworded)

    assert {answer.status_code for answer in (*answers, again)} == {200}
    assert [record["verb"] for record in await learned(ledger)] == ["completed", "progressed"]


async def test_other_content_under_an_id_is_409_and_takes_the_whole_batch_with_it(lms: Lms, ledger: Any) -> None:
    said = statement("completed")
    await lms.post(said)

    answer = await lms.post(statement("progressed"), {**said, "verb": statement("failed")["verb"]})

    assert answer.status_code == 409
    assert said["id"] in answer.json()["detail"]
    assert [record["verb"] for record in await learned(ledger)] == ["completed"]
    assert await ledger.count("statement") == 1


async def test_id_of_one_platform_is_free_for_another(lms: Lms, admin: Any, ledger: Any) -> None:
    other = await connect(admin, "other")
    said = statement()
    await lms.post(said)

    assert (await other.post({**said, "verb": statement("failed")["verb"]})).status_code == 200


async def test_one_bad_statement_refuses_the_batch_and_is_named(lms: Lms, ledger: Any) -> None:
    answer = await lms.post(
        statement(), statement(actor={"mbox": "dana@x.example"}), statement(object={"id": "course"})
    )

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-experience-api-version"] == "1.0.3"
    assert [error["pointer"] for error in answer.json()["errors"]] == ["#/1/actor/mbox", "#/2/object/id"]
    assert (await learned(ledger), await ledger.count("statement")) == ([], 0)


async def test_two_statements_of_one_id_in_a_batch_are_refused(lms: Lms) -> None:
    said = statement()
    assert (await lms.post(said, said)).status_code == 400


async def test_statement_without_an_id_gets_one_and_the_same_when_it_is_repeated(lms: Lms, ledger: Any) -> None:
    said = statement(id=None)

    first, again = await lms.post(said), await lms.post(said)

    assert first.json() == again.json()
    assert len(await learned(ledger)) == 1


async def test_put_takes_one_statement_under_its_id(lms: Lms, ledger: Any) -> None:
    said = statement()
    without = {name: value for name, value in said.items() if name != "id"}

    assert [(await lms.put(said["id"], body)).status_code for body in (without, said)] == [204, 204]
    assert (await lms.put(str(uuid4()), said)).status_code == 400
    assert (await lms.put("no-uuid", without)).status_code == 400
    assert (await lms.put("", without)).status_code == 400
    assert len(await learned(ledger)) == 1


@pytest.mark.parametrize(
    ("version", "status", "answered"),
    [
        ("1.0", 200, "1.0.3"),
        ("1.0.0", 200, "1.0.3"),
        ("2.0.0", 200, "2.0.0"),
        ("0.95", 400, "1.0.3"),
        ("1.1", 400, "1.0.3"),
        ("", 400, "1.0.3"),
    ],
)
async def test_version_header_is_asked_for_and_answered(lms: Lms, version: str, status: int, answered: str) -> None:
    answer = await lms.post(statement(), **{"x-experience-api-version": version})

    assert (answer.status_code, answer.headers["x-experience-api-version"]) == (status, answered)


async def test_about_names_the_versions(lms: Lms, admin: Any) -> None:
    answer = await admin.get("/xapi/about", headers=lms.headers)

    assert answer.json() == {"version": ["1.0.3", "2.0.0"]}


async def test_statements_cannot_be_read_back(lms: Lms, admin: Any) -> None:
    assert (await admin.get("/xapi/statements", headers=lms.headers)).status_code == 405


def multipart(said: Any, digest: str = HASH) -> tuple[bytes, dict[str, str]]:
    parts = (
        b"--b\r\ncontent-type: application/json\r\n\r\n" + json.dumps(said).encode(),
        b"\r\n--b\r\ncontent-type: text/plain\r\ncontent-transfer-encoding: binary\r\nx-experience-api-hash: ",
        digest.encode() + b"\r\n\r\ncertificate\r\n--b--\r\n",
    )
    return b"".join(parts), {"content-type": "multipart/mixed; boundary=b"}


async def test_attachments_are_taken_and_dropped(lms: Lms, admin: Any, ledger: Any) -> None:
    said = statement(attachments=[ATTACHED])
    content, headers = multipart(said)

    answer = await admin.post("/xapi/statements", content=content, headers={**lms.headers, **headers})

    assert (answer.status_code, answer.json()) == (200, [said["id"]])
    assert len(await learned(ledger)) == 1


@pytest.mark.parametrize(
    ("attachments", "digest"), [([ATTACHED], "0" * 64), (None, HASH)], ids=["missing", "belongs to none"]
)
async def test_attachment_that_is_missing_or_belongs_to_none_is_refused(
    lms: Lms, admin: Any, attachments: Any, digest: str
) -> None:
    content, headers = multipart(statement(attachments=attachments), digest)

    answer = await admin.post("/xapi/statements", content=content, headers={**lms.headers, **headers})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe{}", "application/json", 400),
        (b'"\\ud800"', "application/json", 400),
        (b"[" * 10_000, "application/json", 400),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "application/json", 400),
        (b"null", "application/json", 400),
        (b"7", "application/json", 400),
        (b"", "application/json", 400),
        (b"{}", "text/plain", 400),
        (b"{}", "", 400),
        (b"--b\r\n", "multipart/mixed; boundary=b", 400),
        (b"--b--", "multipart/mixed; boundary=b", 400),
        (b"--b\r\n\r\n\r\n--b--", "multipart/mixed; boundary=b", 400),
        (b"x", "multipart/mixed", 400),
        (b"--b" + b"\r\n--b" * 1000, "multipart/mixed; boundary=b", 413),
        (json.dumps([{}] * 1001).encode(), "application/json", 413),
        (b" " * 10_000_000, "application/json", 413),
    ],
)
async def test_broken_bodies_are_refused(lms: Lms, admin: Any, body: bytes, media_type: str, status: int) -> None:
    headers = {**lms.headers, "content-type": media_type}

    assert (await admin.post("/xapi/statements", content=body, headers=headers)).status_code == status


@pytest.mark.parametrize(
    "fields",
    [
        {"actor": {"account": {"homePage": "https://x.example", "name": "a\x00b"}}},
        {"actor": {"account": {"homePage": "https://x.example", "name": "n" * 100_000}}},
        {"object": {"id": "urn:" + "o" * 100_000}},
        {"object": {"id": COURSE + "/\x00"}},
        {"result": {"score": {"raw": 1e308, "min": -1e308, "max": 1.7e308}}},
        {"result": {"extensions": {"urn:x": [1e300, 10**30, None]}}},
        {"timestamp": "0001-01-01T00:00:00+14:00"},
        {"timestamp": "9999-12-31T23:59:59-12:00"},
        {"timestamp": "2026-02-30T00:00:00Z"},
        {"actor": {"objectType": ["Agent"], "mbox": DANA}},
        {"object": {"objectType": {}, "id": COURSE}},
        {"context": {"contextActivities": {"parent": [[]]}}},
    ],
)
async def test_strange_values_are_never_an_error_of_ours(lms: Lms, fields: dict[str, Any]) -> None:
    assert (await lms.post(statement(**fields))).status_code in {200, 400}


async def test_every_case_of_the_standard_is_answered_as_it_demands(lms: Lms) -> None:
    for case in CASES:
        assert (await lms.post(case["statement"])).status_code in case["expect"], case["name"]


async def test_empty_batch_is_taken(lms: Lms, admin: Any) -> None:
    answer = await admin.post("/xapi/statements", json=[], headers=lms.headers)

    assert (answer.status_code, answer.json()) == (200, [])
