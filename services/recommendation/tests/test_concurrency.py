"""Replicas, doors and timers at the same time: the budget holds, and no nudge stays with a former manager."""

from __future__ import annotations

import asyncio
from typing import Any

from kinetic.common.database import Database
from kinetic.common.events import Envelope
from kinetic.contracts.ids import CompetencyKey
from kinetic.contracts.ingestion import LearningRecorded, LearningVerb, PersonErased
from kinetic.recommendation import handlers
from services.recommendation.tests.company import (
    BEN,
    CARLA,
    COURSE,
    DANA,
    LEE,
    OTHER_TEAM,
    SEEN_AT,
    STRANGER,
    allow,
    consider,
    enter,
    envelope,
    fetch,
    fire,
    opened,
    person,
    run,
    team,
    tell,
    told_types,
    until_done_or_waiting,
)


async def test_many_gaps_at_once_stay_within_the_budget(database: Database) -> None:
    await _give_dana_both_teams(database)
    gaps = [
        *(opened(competency=CompetencyKey("release-engineering"), person_ids=(BEN, CARLA)) for _ in range(5)),
        *(opened(team_id=OTHER_TEAM, person_ids=(STRANGER,)) for _ in range(5)),
    ]
    await asyncio.gather(*(_hand_apart(database, envelope(gap)) for gap in gaps))
    assert sorted(await told_types(database)) == ["nudge.composed"] * 2 + ["nudge.deferred"] * 8


async def test_the_timer_and_a_door_do_not_both_spend_the_last_nudge(database: Database) -> None:
    await _give_dana_both_teams(database)
    await allow(database, weekly_budget=0)
    await tell(database, opened())
    await allow(database, weekly_budget=1)
    await run(database, "UPDATE gap SET due_at = clock_timestamp()")
    async with database.transaction() as tx:
        await fire(tx, "consider")
        other = asyncio.create_task(_hand_apart(database, envelope(opened(team_id=OTHER_TEAM, person_ids=(STRANGER,)))))
        await until_done_or_waiting(database, other)
    await other
    assert len(await fetch(database, "SELECT FROM nudge")) == 1


async def test_a_nudge_composed_while_the_manager_changes_does_not_stay_with_the_former_one(database: Database) -> None:
    async with database.transaction() as tx:
        await handlers.on_gaps(tx, [envelope(opened())])
        other = asyncio.create_task(enter(database, team(manager_id=LEE, version=2)))
        await until_done_or_waiting(database, other)
    await other
    await consider(database)
    rows = await fetch(database, "SELECT state, manager_id FROM nudge ORDER BY composed_at")
    assert [(row["state"], row["manager_id"]) for row in rows] == [("withdrawn", DANA), ("composed", LEE)]


async def test_what_somebody_has_taken_while_they_are_erased_is_not_kept(database: Database) -> None:
    record = LearningRecorded(
        person_id=BEN, content_id=COURSE, verb=LearningVerb.COMPLETED, source="example-lms", occurred_at=SEEN_AT
    )
    async with database.transaction() as tx:
        await handlers.on_learning(tx, [envelope(record)])
        erasing = asyncio.create_task(enter(database, PersonErased(person_id=BEN, version=9)))
        await until_done_or_waiting(database, erasing)
    await erasing
    assert await fetch(database, "SELECT FROM taken") == []


async def _give_dana_both_teams(database: Database) -> None:
    await enter(database, team(OTHER_TEAM, manager_id=DANA, version=2), person(STRANGER, DANA, version=2))


async def _hand_apart(database: Database, event: Envelope[Any]) -> None:
    async with database.transaction() as tx:
        await handlers.on_gaps(tx, [event])
