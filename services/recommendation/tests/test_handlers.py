"""From gap to nudge, against real Postgres."""

from __future__ import annotations

import pytest

from kinetic.common.database import Database
from kinetic.common.events import new_id
from kinetic.contracts import topics
from kinetic.contracts.ids import CompetencyKey, ContentId, EventId
from kinetic.contracts.ingestion import Teaches
from kinetic.contracts.recommendation import NudgeComposed, NudgeWithdrawn, WithdrawalReason
from kinetic.recommendation import handlers
from services.recommendation.tests.company import (
    BEN,
    CARLA,
    COURSE,
    DANA,
    LEE,
    RAVI,
    allow,
    changed,
    closed,
    consider,
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
)
from tests.support.offering import offer_all

OBSTACLES = "SELECT obstacle FROM gap WHERE is_open"
NUDGES = "SELECT state, version, manager_id, offer FROM nudge ORDER BY composed_at"


async def test_a_gap_becomes_a_nudge_to_the_teams_manager(database: Database) -> None:
    signal = EventId(new_id())
    await tell(database, envelope(opened(), signal))
    (composed,) = await told(database)
    assert isinstance(composed.data, NudgeComposed)
    assert (composed.data.manager_id, composed.data.content_id, composed.data.version) == (DANA, COURSE, 1)
    assert set(composed.data.person_ids) == {BEN, CARLA}
    assert composed.correlation_id == signal


async def test_a_replayed_gap_changes_nothing(database: Database) -> None:
    gap = opened()
    await tell(database, gap, changed(gap))
    await tell(database, gap, changed(gap))
    assert await told_types(database) == ["nudge.composed"]


async def test_a_changed_gap_refreshes_its_open_nudge_and_costs_no_budget(database: Database) -> None:
    await allow(database, weekly_budget=1)
    gap = opened()
    await tell(database, gap)
    await tell(database, changed(gap, person_ids=(BEN,)))
    ((state, version, _, refreshed),) = await fetch(database, NUDGES)
    assert (state, version, refreshed["person_ids"]) == ("composed", 2, [BEN])
    assert await told_types(database) == ["nudge.composed"]


async def test_a_closed_gap_withdraws_its_open_nudge(database: Database) -> None:
    gap, signal = opened(), EventId(new_id())
    await tell(database, envelope(gap, signal))
    closing = envelope(closed(gap))
    await tell(database, closing)
    withdrawn = (await told(database))[-1]
    assert isinstance(withdrawn.data, NudgeWithdrawn)
    assert withdrawn.data.reason is WithdrawalReason.GAP_CLOSED
    assert (withdrawn.correlation_id, withdrawn.causation_id) == (signal, closing.id)


async def test_an_opening_that_comes_after_its_closing_is_no_news(database: Database) -> None:
    gap = opened()
    await tell(database, closed(gap))
    await tell(database, gap)
    assert await told_types(database) == []


async def test_only_those_who_report_to_the_manager_are_concerned(database: Database) -> None:
    await enter(database, person(BEN, RAVI, version=2))
    await tell(database, opened())
    assert (await told(database))[0].data.person_ids == (CARLA,)


@pytest.mark.parametrize("known", [[], [team()], [team(), person(DANA), person(BEN), person(LEE)]])
async def test_a_gap_that_comes_before_its_team_or_people_waits_for_them(empty: Database, known: list[object]) -> None:
    await allow(empty, weekly_budget=2)
    await offer(empty, course())
    await enter(empty, *known)  # type: ignore[arg-type]
    gap = opened()
    await tell(empty, gap, closed(gap))
    assert await told_types(empty) == []
    await enter(empty, team(), *(person(person_id) for person_id in (DANA, LEE, BEN, CARLA)))
    assert await _offered(empty) == 2
    assert await told_types(empty) == ["nudge.composed", "nudge.withdrawn"]


async def test_a_gap_without_content_is_taken_up_when_content_arrives(database: Database) -> None:
    await offer(database, course(retired=True, version=2))
    await tell(database, opened())
    assert await _obstacles(database) == ["no_content"]
    await offer(database, course(version=3))
    assert await consider(database) == 1
    assert await told_types(database) == ["nudge.composed"]


async def test_a_gap_of_a_team_without_manager_is_taken_up_when_one_is_named(database: Database) -> None:
    await enter(database, team(manager_id=None, version=2))
    await tell(database, opened())
    assert await _obstacles(database) == ["no_manager"]
    await enter(database, team(manager_id=DANA, version=3))
    assert await consider(database) == 1
    assert await told_types(database) == ["nudge.composed"]


async def test_a_gap_of_people_who_report_to_nobody_here_says_so(database: Database) -> None:
    await enter(database, team(manager_id=RAVI, version=2))
    await tell(database, opened())
    assert await _obstacles(database) == ["no_reports"]


async def test_an_open_nudge_to_a_former_manager_is_withdrawn_and_its_gap_goes_to_the_new_one(
    database: Database,
) -> None:
    await tell(database, opened())
    await enter(database, team(manager_id=LEE, version=2))
    assert await consider(database) == 1
    assert [(row["state"], row["manager_id"]) for row in await fetch(database, NUDGES)] == [
        ("withdrawn", DANA),
        ("composed", LEE),
    ]
    _, withdrawn, composed = await told(database)
    assert withdrawn.data.reason is WithdrawalReason.MANAGER_CHANGED
    assert composed.data.person_ids == (CARLA,)


async def test_an_open_nudge_to_a_manager_who_has_left_is_withdrawn(database: Database) -> None:
    await tell(database, opened())
    await enter(database, person(DANA, active=False, version=2))
    await consider(database)
    assert await told_types(database) == ["nudge.composed", "nudge.withdrawn"]
    assert await _obstacles(database) == ["no_manager"]


async def test_a_person_who_moves_away_leaves_the_open_nudge(database: Database) -> None:
    await tell(database, opened())
    await enter(database, person(BEN, RAVI, version=2))
    await consider(database)
    ((_, version, _, refreshed),) = await fetch(database, NUDGES)
    assert (version, refreshed["person_ids"]) == (2, [CARLA])


async def test_a_nudge_for_retired_content_gives_way_to_other_content(database: Database) -> None:
    await tell(database, opened())
    other = course(ContentId(new_id()), title="Rolling back")
    await offer(database, other, course(retired=True, version=2))
    await consider(database)
    _, withdrawn, composed = await told(database)
    assert withdrawn.data.reason is WithdrawalReason.CONTENT_RETIRED
    assert composed.data.content_id == other.content_id


async def test_a_nudge_for_retired_content_without_another_is_withdrawn(database: Database) -> None:
    await tell(database, opened())
    await offer(database, course(retired=True, version=2))
    assert await consider(database) == 1
    assert await told_types(database) == ["nudge.composed", "nudge.withdrawn"]
    assert await _obstacles(database) == ["no_content"]


async def test_a_nudge_for_content_that_now_teaches_something_else_is_withdrawn(database: Database) -> None:
    await tell(database, opened())
    await offer(database, course(teaches=(Teaches(competency=CompetencyKey("test-design"), level=3),), version=2))
    assert await consider(database) == 1
    assert await told_types(database) == ["nudge.composed", "nudge.withdrawn"]
    assert await _obstacles(database) == ["no_content"]


async def test_content_that_is_tagged_again_makes_the_gaps_due_that_it_may_help(database: Database) -> None:
    await offer(database, course(teaches=(Teaches(competency=CompetencyKey("test-design"), level=3),), version=2))
    await tell(database, opened())
    assert await _obstacles(database) == ["no_content"]
    await offer(database, course(version=3))
    assert await consider(database) == 1
    assert await told_types(database) == ["nudge.composed"]


async def test_a_gap_over_the_weekly_budget_is_deferred_once_and_taken_up_next_week(database: Database) -> None:
    await allow(database, weekly_budget=1)
    await tell(database, opened())
    deferred = opened(competency="test-design")
    await offer(database, course(ContentId(new_id()), teaches=({"competency": "test-design", "level": 3},)))
    await tell(database, deferred, changed(deferred))
    assert await told_types(database) == ["nudge.composed", "nudge.deferred"]
    await run(database, "UPDATE nudge SET composed_at = composed_at - interval '8 days'")
    await run(database, "UPDATE gap SET due_at = clock_timestamp() WHERE obstacle IS NOT NULL")
    await consider(database)
    assert await told_types(database) == ["nudge.composed", "nudge.deferred", "nudge.composed"]


async def test_a_dismissed_suggestion_never_comes_again(database: Database) -> None:
    gap = opened()
    await tell(database, gap)
    await run(database, "UPDATE nudge SET state = 'dismissed'")
    again = opened()
    await tell(database, closed(gap), again)
    assert await told_types(database) == ["nudge.composed"]
    assert await _obstacles(database) == ["no_content"]


async def test_nobody_acts_and_the_nudge_expires_for_good(database: Database) -> None:
    gap = opened()
    await tell(database, gap)
    await run(database, "UPDATE nudge SET expires_at = clock_timestamp() - interval '1 second'")
    async with database.transaction() as tx:
        assert await fire(tx, "expire") == 1
        assert await fire(tx, "expire") == 0
    await tell(database, changed(gap))
    assert await told_types(database) == ["nudge.composed", "nudge.expired"]


async def test_a_gap_that_closed_a_month_ago_is_forgotten_and_its_nudge_is_not(database: Database) -> None:
    gap = opened()
    await tell(database, gap, closed(gap))
    await run(database, "UPDATE gap SET changed_at = changed_at - interval '31 days'")
    async with database.transaction() as tx:
        await fire(tx, "outlived")
    assert await fetch(database, "SELECT * FROM gap") == []
    assert len(await fetch(database, NUDGES)) == 1


async def _obstacles(database: Database) -> list[str]:
    return [row["obstacle"] for row in await fetch(database, OBSTACLES)]


async def _offered(database: Database) -> int:
    assert {row["topic"] for row in await fetch(database, "SELECT topic FROM waiting")} == {topics.GAPS}
    return await offer_all(database, handlers.doors)
