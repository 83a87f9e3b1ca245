"""What other services ask to be said to managers: once, within the same budget, never to the wrong one, never lost without a word."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.contracts.assignment import AssignmentRequested
from kinetic.contracts.ids import ContentId, PersonId, TeamId
from kinetic.contracts.ingestion import PersonErased
from kinetic.contracts.notices import Urgency
from kinetic.contracts.recommendation import NoticeComposed, NoticeEnded
from kinetic.recommendation import handlers
from services.recommendation.tests.company import (
    BEN,
    COURSE,
    DANA,
    LEE,
    OTHER_TEAM,
    RAVI,
    TEAM,
    allow,
    course,
    enter,
    envelope,
    fetch,
    fire,
    offer,
    opened,
    person,
    run,
    team,
    tell,
    told,
    told_types,
    until_done_or_waiting,
)
from services.recommendation.tests.delivering import DANAS, deliver
from services.recommendation.tests.notices import ask, found, reconsider, reinforcement
from services.recommendation.tests.test_left_out import LMS, assignment
from services.recommendation.tests.test_policy import ADMIN, OPEN_WIDE
from tests.support.offering import offer_all

ALL_DAY = "UPDATE policy SET quiet_start = '00:00', quiet_end = '23:59:59.999999'"
NEVER_QUIET = "UPDATE policy SET quiet_start = NULL, quiet_end = NULL"


async def test_what_is_asked_for_stands_before_the_manager_and_is_told_in_the_life_that_led_to_it(
    database: Database,
) -> None:
    request = envelope(reinforcement())
    await ask(database, request)
    (composed,) = await told(database)
    assert isinstance(composed.data, NoticeComposed)
    assert (composed.data.manager_id, composed.data.team_id, composed.data.request_id) == (DANA, TEAM, request.id)
    assert (composed.correlation_id, composed.causation_id) == (request.correlation_id, request.id)
    assert await found(database) == [("composed", DANA, None)]


async def test_a_request_that_is_read_again_changes_nothing(database: Database) -> None:
    request = envelope(reinforcement())
    await ask(database, request, request)
    await ask(database, request)
    assert await told_types(database) == ["notice.composed"]
    assert len(await fetch(database, "SELECT FROM delivery")) == 1


async def test_fifty_readers_at_once_compose_it_once(database: Database) -> None:
    request = envelope(reinforcement())
    await asyncio.gather(*(ask(database, request) for _ in range(50)))
    assert await told_types(database) == ["notice.composed"]


async def test_nudges_and_notices_spend_the_same_budget(database: Database) -> None:
    await allow(database, weekly_budget=2)
    await tell(database, opened())
    await ask(database, reinforcement(), reinforcement(), reinforcement())
    assert (await told_types(database)).count("notice.composed") == 1
    assert sorted(await found(database)) == sorted(
        [("composed", DANA, None), ("waiting", None, "weekly_budget"), ("waiting", None, "weekly_budget")]
    )


async def test_a_notice_leaves_a_nudge_no_budget(database: Database) -> None:
    await allow(database, weekly_budget=1)
    await ask(database, reinforcement())
    await tell(database, opened())
    assert await told_types(database) == ["notice.composed", "nudge.deferred"]


async def test_what_was_over_budget_comes_in_a_later_week(database: Database) -> None:
    await allow(database, weekly_budget=1)
    await ask(database, reinforcement(), reinforcement())
    await reconsider(database)
    assert (await told_types(database)).count("notice.composed") == 1
    await run(database, "UPDATE notice SET composed_at = composed_at - interval '8 days'")
    await reconsider(database)
    assert [state for state, _, _ in await found(database)] == ["composed", "composed"]


async def test_a_new_policy_and_new_wishes_free_what_waits(database: Database, http: httpx.AsyncClient) -> None:
    await allow(database, weekly_budget=0)
    await ask(database, reinforcement())
    await http.put("/policy", headers=ADMIN, json=OPEN_WIDE)
    async with database.transaction() as tx:
        assert await fire(tx, "notices") == 1
    assert await found(database) == [("composed", DANA, None)]
    await http.put("/preferences", headers=DANAS, json={"weekly_budget": 1})
    await ask(database, reinforcement())
    await http.put("/preferences", headers=DANAS, json={"weekly_budget": 2})
    async with database.transaction() as tx:
        assert await fire(tx, "notices") == 2
    assert await found(database) == [("composed", DANA, None)] * 2


@pytest.mark.parametrize(
    ("sql", "why"), [("UPDATE policy SET weekly_budget = 0", "weekly_budget"), (ALL_DAY, "quiet_hours")]
)
async def test_what_never_found_attention_ends_with_what_kept_it(database: Database, sql: str, why: str) -> None:
    await run(database, sql)
    await ask(database, reinforcement())
    assert await found(database) == [("waiting", None, why)]
    await _expire(database)
    ended = (await told(database))[-1].data
    assert isinstance(ended, NoticeEnded)
    assert (ended.manager_id, ended.reason, await found(database)) == (DANA, why, [("ended", None, why)])
    assert await fetch(database, "SELECT FROM delivery") == []


async def test_what_stands_expires(database: Database) -> None:
    await ask(database, reinforcement())
    await _expire(database)
    assert await found(database) == [("ended", DANA, "expired")]


async def test_what_arrives_too_late_is_told_to_have_expired(database: Database) -> None:
    await ask(database, reinforcement(expires_at=datetime.now(UTC)))
    assert (await told_types(database), await fetch(database, "SELECT FROM delivery")) == (["notice.ended"], [])


@pytest.mark.parametrize(("urgency", "state"), [(Urgency.DAILY_SLOT, "waiting"), (Urgency.IMMEDIATE, "composed")])
async def test_only_what_is_urgent_does_not_wait_for_the_daily_slot(
    database: Database, urgency: Urgency, state: str
) -> None:
    await run(
        database,
        """INSERT INTO preference (person_id, daily_from, channels, set_at)
           VALUES ($1, '23:59:59.999999', '{}', now())""",
        DANA,
    )
    await ask(database, reinforcement(urgency=urgency))
    assert [one[0] for one in await found(database)] == [state]


async def test_quiet_hours_hold_for_what_is_urgent_too(database: Database) -> None:
    await run(database, ALL_DAY)
    await ask(database, reinforcement(urgency=Urgency.IMMEDIATE))
    assert await found(database) == [("waiting", None, "quiet_hours")]
    await run(database, NEVER_QUIET)
    await reconsider(database)
    assert await found(database) == [("composed", DANA, None)]


async def test_it_goes_to_who_manages_the_team_by_now(database: Database) -> None:
    await enter(database, person(LEE, version=2), team(manager_id=LEE, version=2))
    await ask(database, reinforcement())
    assert await found(database) == [("composed", LEE, None)]


async def test_without_a_team_it_goes_to_who_is_named(database: Database) -> None:
    await ask(database, reinforcement(team_id=None, manager_id=RAVI))
    assert await found(database) == [("composed", RAVI, None)]


async def test_what_stands_before_a_former_manager_is_withdrawn_and_asked_of_the_new_one(database: Database) -> None:
    await ask(database, reinforcement())
    await enter(database, person(LEE, version=2), team(manager_id=LEE, version=2))
    async with database.transaction() as tx:
        await fire(tx, "notices")
    assert await found(database) == [("ended", DANA, "manager_changed"), ("composed", LEE, None)]
    assert await told_types(database) == ["notice.composed", "notice.ended", "notice.composed"]


async def test_a_team_without_a_manager_waits_for_one(database: Database) -> None:
    await enter(database, team(manager_id=None, version=2))
    await ask(database, reinforcement())
    assert await found(database) == [("waiting", None, "no_manager")]
    await enter(database, team(manager_id=LEE, version=3))
    async with database.transaction() as tx:
        await fire(tx, "notices")
    assert await found(database) == [("composed", LEE, None)]


async def test_who_stands_in_gets_it_and_who_is_back_gets_it_anew(database: Database) -> None:
    await enter(database, person(DANA, RAVI, version=2))
    await run(
        database,
        """INSERT INTO preference (person_id, delegate_id, away_until, channels, set_at)
           VALUES ($1, $2, now() + interval '1 day', '{}', now())""",
        DANA,
        RAVI,
    )
    await ask(database, reinforcement(), reinforcement(team_id=None))
    assert {manager for _, manager, _ in await found(database)} == {RAVI}
    await run(database, "DELETE FROM preference")
    await reconsider(database)
    standing = [one for one in await found(database) if one[0] == "composed"]
    assert standing == [("composed", DANA, None)] * 2


@pytest.mark.parametrize(
    ("lacking", "arriving"),
    [
        ({"manager_id": PersonId("01890000-0000-7000-8000-000000000001")}, "person"),
        ({"team_id": TeamId("01890000-0000-7000-8000-000000000002")}, "team"),
        ({"content_id": ContentId("01890000-0000-7000-8000-000000000003")}, "content"),
    ],
)
async def test_a_request_waits_for_what_it_names(database: Database, lacking: dict[str, str], arriving: str) -> None:
    await ask(database, reinforcement(**lacking))
    assert [row["waits_for"] for row in await fetch(database, "SELECT waits_for FROM waiting")] == [
        f"{arriving}/{next(iter(lacking.values()))}"
    ]
    (unknown,) = lacking.values()
    if arriving == "person":
        await enter(database, person(PersonId(unknown)))
    elif arriving == "team":
        await enter(database, team(TeamId(unknown)))
    else:
        await offer(database, course(ContentId(unknown)))
    await offer_all(database, handlers.doors)
    assert await found(database) == [("composed", DANA, None)]


async def test_what_assignment_tells_besides_is_kept_in_the_same_batch(database: Database) -> None:
    await ask(database, reinforcement(), assignment(AssignmentRequested, None, BEN, 2, **LMS))
    assert await found(database) == [("composed", DANA, None)]
    assert [row["content_id"] for row in await fetch(database, "SELECT content_id FROM taken")] == [COURSE]


async def test_nothing_is_kept_for_the_erased(database: Database) -> None:
    await ask(database, reinforcement())
    await enter(database, PersonErased(person_id=DANA, version=9))
    assert (await found(database), await fetch(database, "SELECT FROM delivery")) == ([], [])
    await ask(database, reinforcement())
    assert await found(database) == []


async def test_an_erased_stand_in_leaves_nothing_behind_and_who_is_away_gets_it(database: Database) -> None:
    await enter(database, person(DANA, RAVI, version=2))
    await run(
        database,
        """INSERT INTO preference (person_id, delegate_id, away_until, channels, set_at)
           VALUES ($1, $2, now() + interval '1 day', '{}', now())""",
        DANA,
        RAVI,
    )
    await ask(database, reinforcement())
    await enter(database, PersonErased(person_id=RAVI, version=9))
    assert await found(database) == [("waiting", None, None)]
    async with database.transaction() as tx:
        await fire(tx, "notices")
    assert await found(database) == [("composed", DANA, None)]
    assert [row["manager_id"] for row in await fetch(database, "SELECT manager_id FROM delivery")] == [DANA]


async def test_what_is_asked_while_its_manager_is_erased_is_not_kept(database: Database) -> None:
    async with database.transaction() as tx:
        await handlers.on_assignments(tx, [envelope(reinforcement())])
        erasing = asyncio.create_task(enter(database, PersonErased(person_id=DANA, version=9)))
        await until_done_or_waiting(database, erasing)
    await erasing
    assert await found(database) == []


async def test_what_ended_is_forgotten_a_month_later_and_what_stands_is_not(database: Database) -> None:
    await ask(database, reinforcement(), reinforcement(expires_at=datetime.now(UTC)))
    await run(database, "UPDATE notice SET changed_at = changed_at - interval '31 days'")
    async with database.transaction() as tx:
        await handlers.sweep(tx)
    assert await found(database) == [("composed", DANA, None)]


async def test_several_managers_in_one_batch_each_have_their_own_budget(database: Database) -> None:
    await allow(database, weekly_budget=1)
    others = reinforcement(team_id=OTHER_TEAM, manager_id=RAVI)
    await ask(database, reinforcement(), others, reinforcement())
    assert sorted(str(one[1]) for one in await found(database)) == sorted([DANA, RAVI, "None"])


async def _expire(database: Database) -> None:
    past = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    await run(database, "UPDATE notice SET told = jsonb_set(told, '{data,expires_at}', to_jsonb($1::text))", past)
    await reconsider(database)
    await deliver(database)
