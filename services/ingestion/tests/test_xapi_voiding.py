"""Statements that take others back (xAPI, Data 2.3.2): before they come, while they wait, and after they were told."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.contracts import topics
from kinetic.contracts.ingestion import LearningRecorded, LearningVoided
from kinetic.ingestion.handlers import expire_parked
from kinetic.ingestion.intake import release_due_lane
from kinetic.ingestion.store import handles, statements
from services.ingestion.tests.xapi_statements import Lms, add_course, connect, statement, voiding

EVE = {"email": "eve@x.example", "name": "Eve", "role": "engineer", "time_zone": "Europe/Berlin"}
OF_EVE = {"mbox": "mailto:eve@x.example"}


@pytest.fixture
async def lms(admin: httpx.AsyncClient, company: Any) -> Lms:
    await add_course(admin)
    return await connect(admin)


async def learning(ledger: Any) -> list[dict[str, Any]]:
    return [row for row in await ledger.told() if row["topic"] == topics.LEARNING]


async def types(ledger: Any) -> list[str]:
    return [row["headers"]["ce_type"] for row in await learning(ledger)]


async def release(database: Database) -> None:
    async with database.transaction() as tx:
        while await release_due_lane(tx):
            pass


async def test_what_was_told_is_told_to_be_void_once(lms: Lms, company: Any, ledger: Any) -> None:
    said = statement()
    taking_back = voiding(said["id"])
    await lms.post(said)

    await asyncio.gather(*(lms.post(taking_back) for _ in range(10)))
    await lms.post(voiding(said["id"]))

    recorded, voided = await learning(ledger)
    assert voided["headers"]["ce_type"] == LearningVoided.type
    assert voided["key"] == company["dana@x.example"]
    assert json.loads(voided["value"])["voided_event_id"] == recorded["headers"]["ce_id"]
    assert voided["headers"]["ce_causationid"] == recorded["headers"]["ce_id"]


async def test_what_waits_is_dropped_and_what_waits_behind_it_is_told(
    lms: Lms, admin: Any, ledger: Any, database: Database
) -> None:
    first, second = statement(actor=OF_EVE), statement("passed", actor=OF_EVE)
    await lms.post(first, second)

    assert (await lms.post(voiding(first["id"]))).status_code == 200
    await admin.put("/directory", json={"people": [EVE]})
    await release(database)

    assert [json.loads(row["value"])["verb"] for row in await learning(ledger)] == ["passed"]
    assert (await ledger.count("parked"), await ledger.count("parking_lane")) == (0, 0)


async def test_what_was_parked_first_and_told_later_is_told_to_be_void(
    lms: Lms, admin: Any, ledger: Any, database: Database
) -> None:
    said = statement(actor=OF_EVE)
    await lms.post(said)
    await admin.put("/directory", json={"people": [EVE]})
    await release(database)

    await lms.post(voiding(said["id"]))

    assert await types(ledger) == [LearningRecorded.type, LearningVoided.type]


async def test_what_expired_is_shown_no_more(lms: Lms, admin: Any, ledger: Any, database: Database) -> None:
    said = statement(actor=OF_EVE)
    await lms.post(said)
    await ledger.run("UPDATE parked SET accepted_at = clock_timestamp() - interval '25 hours'")
    async with database.transaction() as tx:
        assert await expire_parked(tx) == 1

    await lms.post(voiding(said["id"]))

    assert (await admin.get("/parked")).json() == []
    assert await types(ledger) == []


async def test_what_comes_after_it_was_taken_back_is_told_never(lms: Lms, ledger: Any) -> None:
    said = statement()
    await lms.post(voiding(said["id"]))

    assert [(await lms.post(said)).status_code for _ in range(2)] == [200, 200]
    assert (await lms.post({**said, "verb": statement("failed")["verb"]})).status_code == 409
    assert await types(ledger) == []


@pytest.mark.parametrize("is_first", [True, False])
async def test_what_is_taken_back_in_the_same_request_is_told_never(lms: Lms, ledger: Any, is_first: bool) -> None:
    said, other = statement(), statement("passed")
    pair = (said, voiding(said["id"])) if is_first else (voiding(said["id"]), said)

    assert (await lms.post(*pair, other)).status_code == 200

    assert [json.loads(row["value"])["verb"] for row in await learning(ledger)] == ["passed"]


async def test_what_takes_back_cannot_be_taken_back(lms: Lms, ledger: Any) -> None:
    said = statement()
    taking_back = voiding(said["id"])
    await lms.post(said)
    await lms.post(taking_back)

    assert (await lms.post(voiding(taking_back["id"]))).status_code == 200

    assert await types(ledger) == [LearningRecorded.type, LearningVoided.type]


async def test_nobody_takes_back_what_another_platform_said(lms: Lms, admin: Any, ledger: Any) -> None:
    said = statement()
    await lms.post(said)

    await (await connect(admin, "other")).post(voiding(said["id"]))

    assert await types(ledger) == [LearningRecorded.type]


async def test_statement_and_its_taking_back_that_meet_leave_nothing_or_both(lms: Lms, ledger: Any) -> None:
    pairs = [(said := statement(), voiding(said["id"])) for _ in range(15)]

    answers = await asyncio.gather(*(lms.post(one) for pair in pairs for one in pair))

    assert {answer.status_code for answer in answers} == {200}
    told = await learning(ledger)
    recorded = [row["headers"]["ce_id"] for row in told if row["headers"]["ce_type"] == LearningRecorded.type]
    void = [json.loads(r["value"])["voided_event_id"] for r in told if r["headers"]["ce_type"] == LearningVoided.type]
    assert sorted(recorded) == sorted(void)


async def test_taking_back_and_release_that_meet_leave_nothing_or_both(
    lms: Lms, admin: Any, ledger: Any, database: Database
) -> None:
    said = [statement(actor=OF_EVE) for _ in range(10)]
    await lms.post(*said)
    await admin.put("/directory", json={"people": [EVE]})

    answers, _ = await asyncio.gather(
        asyncio.gather(*(lms.post(voiding(one["id"])) for one in said)), release(database)
    )
    await release(database)

    assert {answer.status_code for answer in answers} == {200}
    told = await types(ledger)
    assert told.count(LearningRecorded.type) == told.count(LearningVoided.type)
    assert (await ledger.count("parked"), await ledger.count("parking_lane")) == (0, 0)


async def test_taking_back_waits_for_the_release_that_has_read_the_lane(
    lms: Lms, admin: Any, ledger: Any, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = statement(actor=OF_EVE)
    await lms.post(said)
    await admin.put("/directory", json={"people": [EVE]})
    has_read, may_go_on = asyncio.Event(), asyncio.Event()

    async def load_known_later(*arguments: Any) -> Any:
        if not has_read.is_set():
            has_read.set()
            await may_go_on.wait()
        return await load_known(*arguments)

    load_known = handles.load_known
    monkeypatch.setattr(handles, "load_known", load_known_later)
    releasing = asyncio.create_task(release(database))
    await has_read.wait()
    taking_back = asyncio.create_task(lms.post(voiding(said["id"])))
    await asyncio.sleep(0.5)
    may_go_on.set()
    await asyncio.gather(releasing, taking_back)

    assert await types(ledger) == [LearningRecorded.type, LearningVoided.type]


async def test_statements_are_forgotten_after_their_time_and_hold_no_handle(
    lms: Lms, ledger: Any, database: Database
) -> None:
    await lms.post(statement(), statement())
    await ledger.run(
        "UPDATE statement SET received_at = clock_timestamp() - interval '401 days' WHERE digest IN (SELECT min(digest::text)::uuid FROM statement)"
    )

    async with database.transaction() as tx:
        (row,) = await tx.fetch("SELECT row_to_json(statement)::text AS row FROM statement LIMIT 1")
        assert "dana" not in str(row["row"])
        assert await statements.sweep(tx) == 1
    assert await ledger.count("statement") == 1
