"""The timers of recommendation: what is broken holds up no other team."""

from __future__ import annotations

from kinetic.common.database import Database
from services.recommendation.tests.company import (
    OTHER_TEAM,
    STRANGER,
    TEAM,
    allow,
    consider,
    course,
    fetch,
    fire,
    offer,
    opened,
    run,
    tell,
    told_types,
)

BREAK = 'UPDATE gap SET told = \'{"type": "kinetic.gap.opened.v1", "data": {}}\' WHERE team_id = $1'


async def test_a_gap_that_was_considered_is_not_due_any_more(database: Database) -> None:
    await allow(database, weekly_budget=0)
    await tell(database, opened())
    await run(database, "UPDATE gap SET due_at = clock_timestamp()")
    assert [await consider(database), await consider(database)] == [1, 0]


async def test_a_gap_that_cannot_be_considered_holds_up_no_other_team(database: Database) -> None:
    await offer(database, course(retired=True, version=2))
    await tell(database, opened(), opened(team_id=OTHER_TEAM, person_ids=(STRANGER,)))
    await offer(database, course(version=3))
    await run(database, BREAK, TEAM)
    assert await consider(database) == 1
    assert await told_types(database) == ["nudge.composed"]


async def test_a_nudge_that_cannot_expire_holds_up_no_other_team(database: Database) -> None:
    await tell(database, opened(), opened(team_id=OTHER_TEAM, person_ids=(STRANGER,)))
    await run(database, "UPDATE nudge SET expires_at = clock_timestamp()")
    await run(database, "UPDATE nudge SET offer = '{}' WHERE team_id = $1", TEAM)
    async with database.transaction() as tx:
        assert await fire(tx, "expire") == 1
    rows = await fetch(database, "SELECT team_id FROM nudge WHERE state = 'expired'")
    assert [row["team_id"] for row in rows] == [OTHER_TEAM]
