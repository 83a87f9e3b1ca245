"""Test events of learning platforms: statements that go through the door and are not kept."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from kinetic.common.database import Database
from services.ingestion.tests.test_integrations import deliveries, write_journal
from services.ingestion.tests.test_rehearsals import send, traces
from services.ingestion.tests.xapi_statements import add_course, connect, statement, voiding


async def test_the_sample_is_read_and_waits_for_a_learner_whom_nobody_knows(
    admin: httpx.AsyncClient, company: Any, database: Database, ledger: Any
) -> None:
    lms = await connect(admin)
    before = await traces(ledger)
    tested = await send(admin, lms.integration)
    assert (tested["outcome"], tested["answered"]) == ("parked", 200)
    assert (tested["kinds"], tested["reason"]) == (
        ["learning.completed"],
        "the directory does not know the learner",
    )
    assert tested["address"] == "http://door/xapi/statements"
    await write_journal(admin, database)
    assert [(one["test"], one["outcome"]) for one in await deliveries(admin, lms.integration)] == [(True, "parked")]
    assert await traces(ledger) == before


async def test_a_statement_of_ones_own_about_somebody_known_would_be_told(
    admin: httpx.AsyncClient, company: Any, ledger: Any
) -> None:
    lms = await connect(admin)
    await add_course(admin)
    before, own = await traces(ledger), statement()
    tested = await send(admin, lms.integration, payload=own)
    assert (tested["outcome"], tested["kinds"], tested["reason"]) == ("mapped", ["learning.completed"], None)
    assert await traces(ledger) == before
    assert (await lms.post(own)).status_code == 200
    assert (await traces(ledger))["statement"] == 1


async def test_a_statement_that_is_not_valid_is_refused_with_the_place(admin: httpx.AsyncClient, company: Any) -> None:
    lms = await connect(admin)
    tested = await send(admin, lms.integration, payload=statement(verb="x:y", actor={"mbox": "dana"}))
    assert (tested["outcome"], tested["answered"]) == ("refused", 400)
    assert "#/actor/mbox" in tested["reason"]
    spoken = await send(admin, lms.integration, headers={"X-Experience-API-Version": "0.9"})
    assert (spoken["outcome"], spoken["answered"]) == ("refused", 400)


@pytest.mark.parametrize("own", [voiding("01a20f04-9444-712a-927e-a6e5107a6ee3"), statement("liked"), []])
async def test_a_statement_that_is_no_learning_record_is_ignored_for_a_reason(
    own: Any, admin: httpx.AsyncClient, company: Any
) -> None:
    tested = await send(admin, (await connect(admin)).integration, payload=own)
    assert (tested["outcome"], tested["kinds"]) == ("ignored", [])
    assert tested["reason"]


async def test_a_paused_platform_says_so(admin: httpx.AsyncClient, company: Any) -> None:
    lms = await connect(admin)
    await admin.post(f"/integrations/{lms.integration['integration_id']}/pause")
    tested = await send(admin, lms.integration)
    assert (tested["outcome"], tested["reason"]) == ("ignored", "the integration is paused")
