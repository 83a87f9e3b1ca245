"""The HTTP doors, against real Postgres."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx

from kinetic.assignment import handlers
from kinetic.common.database import Database
from kinetic.common.events import new_id
from kinetic.common.locks import lock_keys
from kinetic.contracts.assignment import AssignmentWithdrawn
from kinetic.contracts.ids import PersonId
from kinetic.contracts.ingestion import LearningVerb
from services.assignment.tests.company import (
    AT_ONCE,
    BEN,
    CARLA,
    RAVI,
    STRANGER,
    assign,
    assignment_ids,
    click,
    confirm,
    fire,
    hand,
    record,
    states,
    told,
    told_types,
    until_it_waits,
)
from tests.support.http import token

PROBLEM = "application/problem+json"


async def withdraw(
    http: httpx.AsyncClient, assignment_id: str, name: str = "dana", role: str = "manager"
) -> httpx.Response:
    return await http.post(f"/assignments/{assignment_id}/withdraw", headers=token(name, role))


async def ids_seen(http: httpx.AsyncClient, name: str, role: str = "", nudge_id: str | None = None) -> list[str]:
    answer = await http.get(
        "/assignments", headers=token(name, role), params={"nudge_id": nudge_id} if nudge_id else {}
    )
    return [view["person_id"] for view in answer.json()]


async def test_undo_before_the_window_closes_sends_nothing_to_the_lms(
    database: Database, http: httpx.AsyncClient
) -> None:
    await assign(database, click(BEN, CARLA))
    (undone,) = await assignment_ids(database, [BEN])
    answer = await withdraw(http, undone)
    assert (answer.status_code, answer.json()["state"], answer.json()["was_requested"]) == (200, "withdrawn", False)
    await _let_the_window_close(database)
    assert await fire(database) == 1
    assert await states(database) == {"ben": "withdrawn", "carla": "requested"}


async def test_a_late_undo_tells_the_lms_to_remove_the_enrolment(database: Database, http: httpx.AsyncClient) -> None:
    assignment_id = await _requested(database)
    await hand(database, handlers.on_learning, record(LearningVerb.ENROLLED, assignment_id))
    assert (await withdraw(http, assignment_id)).json()["was_requested"] is True
    withdrawn = (await told(database))[-1].data
    assert isinstance(withdrawn, AssignmentWithdrawn)
    assert withdrawn.was_requested
    assert withdrawn.version == 4


async def test_fifty_withdrawals_at_once_have_one_effect_and_one_answer(
    database: Database, http: httpx.AsyncClient
) -> None:
    assignment_id = await _requested(database)
    answers = await asyncio.gather(*(withdraw(http, assignment_id) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert (await told_types(database)).count("assignment.withdrawn") == 1


async def test_a_withdrawal_waits_for_whoever_decides_about_the_learner(
    database: Database, http: httpx.AsyncClient
) -> None:
    assignment_id = await _requested(database)
    async with database.transaction() as tx:
        await lock_keys(tx, "person", [BEN])
        withdrawal = asyncio.create_task(withdraw(http, assignment_id))
        await until_it_waits(database, withdrawal)
        assert not withdrawal.done()
    assert (await withdrawal).status_code == 200


async def test_what_is_completed_cannot_be_withdrawn(database: Database, http: httpx.AsyncClient) -> None:
    assignment_id = await _requested(database)
    await hand(database, handlers.on_learning, record(LearningVerb.COMPLETED, assignment_id))
    answer = await withdraw(http, assignment_id)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/too-late")
    assert await states(database) == {"ben": "completed"}


async def test_a_foreign_manager_gets_404(database: Database, http: httpx.AsyncClient) -> None:
    assignment_id = await _requested(database)
    read = await http.get(f"/assignments/{assignment_id}", headers=token("ravi", "manager"))
    acted = await withdraw(http, assignment_id, "ravi")
    unknown = await withdraw(http, new_id(), "ravi")
    assert [read.status_code, acted.status_code, unknown.status_code] == [404, 404, 404]
    assert acted.headers["content-type"] == PROBLEM
    assert await states(database) == {"ben": "requested"}


async def test_learners_may_not_withdraw(database: Database, http: httpx.AsyncClient) -> None:
    assignment_id = await _requested(database)
    assert (await withdraw(http, assignment_id, "ben", "")).status_code == 403
    assert (await withdraw(http, assignment_id, "ben", "manager")).status_code == 404
    assert await states(database) == {"ben": "requested"}


async def test_stale_directory_answers_503(database: Database, http: httpx.AsyncClient) -> None:
    assignment_id = await _requested(database)
    await confirm(database, timedelta(seconds=61))
    answer = await withdraw(http, assignment_id)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert await states(database) == {"ben": "requested"}
    assert (await http.get(f"/assignments/{assignment_id}", headers=token("dana", "manager"))).status_code == 200


async def test_a_manager_sees_all_their_reports_and_a_learner_only_themselves(
    database: Database, http: httpx.AsyncClient
) -> None:
    clicked = click(BEN, CARLA)
    await assign(database, clicked)
    await assign(database, click(STRANGER, accepted_by=RAVI))
    assert set(await ids_seen(http, "dana", "manager")) == {BEN, CARLA}
    assert await ids_seen(http, "lee", "manager") == [CARLA]
    assert await ids_seen(http, "ben") == [BEN]
    assert await ids_seen(http, "dana") == []
    assert set(await ids_seen(http, "dana", "manager", clicked.data.nudge_id)) == {BEN, CARLA}
    assert await ids_seen(http, "dana", "manager", new_id()) == []


async def test_why_an_assignment_did_not_leave_is_shown(database: Database, http: httpx.AsyncClient) -> None:
    await assign(database, click(STRANGER), AT_ONCE)
    await fire(database)
    (assignment_id,) = await assignment_ids(database, [PersonId(STRANGER)])
    answer = await http.get(f"/assignments/{assignment_id}", headers=token("ravi", "manager"))
    assert (answer.json()["state"], answer.json()["reason"]) == ("refused", "not_a_report")


async def test_nobody_comes_in_without_a_token_or_a_place_in_the_directory(http: httpx.AsyncClient) -> None:
    assert (await http.get("/assignments")).status_code == 401
    assert (await http.get("/assignments", headers=token("nobody", "manager"))).status_code == 403
    assert (await http.get("/assignments", headers=token("dana", "service"))).status_code == 403


async def test_a_malformed_id_is_named(http: httpx.AsyncClient) -> None:
    answer = await http.get("/assignments/not-an-id", headers=token("dana", "manager"))
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert answer.json()["errors"][0]["pointer"] == "#/assignment_id"


async def _requested(database: Database) -> str:
    await assign(database, click(BEN), AT_ONCE)
    await fire(database)
    (assignment_id,) = await assignment_ids(database)
    return assignment_id


async def _let_the_window_close(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute("UPDATE assignment SET due_at = clock_timestamp() WHERE due_at IS NOT NULL")
