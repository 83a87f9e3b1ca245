"""Both arms of the holdout are kept, and what was assigned without a nudge with them; against real Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from kinetic.common.database import Database
from kinetic.common.events import new_id
from kinetic.contracts.assignment import AssignmentHeld
from kinetic.contracts.ids import AssignmentId, CompetencyKey, GapId, NudgeId
from kinetic.contracts.recommendation import Arm, HoldoutDrawn, NudgeAccepted, NudgeWithheld
from kinetic.feedback import handlers
from services.feedback.tests.loop import GAP, START, TEAM, assignment, hand, nudge, told

SKILL, OTHER_SKILL = CompetencyKey("testing"), CompetencyKey("agile-delivery")


def drawn(arm: Arm, competency: CompetencyKey = SKILL, at: datetime = START) -> HoldoutDrawn:
    """A draw for the team in the first quarter."""
    return HoldoutDrawn(
        team_id=TEAM,
        competency=competency,
        quarter="2026-Q1",
        arm=arm,
        share=0.1,
        policy_version=3,
        gap_id=GAP,
        occurred_at=at,
    )


def withheld(gap_id: GapId = GAP, at: datetime = START) -> NudgeWithheld:
    """A gap about which nobody is nudged."""
    return NudgeWithheld(
        gap_id=gap_id,
        team_id=TEAM,
        competency=SKILL,
        quarter="2026-Q1",
        until=at + timedelta(days=92),
        policy_version=3,
        occurred_at=at,
    )


async def rows(database: Database, sql: str) -> Sequence[Any]:
    async with database.transaction() as tx:
        return await tx.fetch(sql)


async def test_treated_and_withheld_draws_are_kept_once(database: Database) -> None:
    told_twice = [drawn(Arm.WITHHELD), drawn(Arm.TREATED, OTHER_SKILL), withheld()] * 2
    await hand(database, handlers.on_nudges, *told_twice)
    await hand(database, handlers.on_nudges, *told_twice)
    kept = await rows(database, "SELECT competency, arm, share, policy_version FROM holdout_draw ORDER BY competency")
    assert [tuple(row.values()) for row in kept] == [
        (OTHER_SKILL, "treated", 0.1, 3),
        (SKILL, "withheld", 0.1, 3),
    ]
    assert [row["gap_id"] for row in await rows(database, "SELECT gap_id FROM withheld")] == [GAP]


async def test_what_the_holdout_tells_says_nothing_about_content(database: Database) -> None:
    await hand(database, handlers.on_nudges, drawn(Arm.WITHHELD), withheld())
    assert await told(database) == []


async def test_nudges_and_draws_come_in_one_batch(database: Database) -> None:
    await hand(
        database,
        handlers.on_nudges,
        drawn(Arm.TREATED),
        nudge(NudgeAccepted, 2, NudgeId(new_id())),
        drawn(Arm.WITHHELD, OTHER_SKILL),
    )
    assert len(await rows(database, "SELECT FROM nudge_outcome")) == 1
    assert len(await rows(database, "SELECT FROM holdout_draw")) == 2


async def test_an_assignment_that_no_nudge_led_to_counts_for_its_team_and_gap(database: Database) -> None:
    await hand(database, handlers.on_nudges, drawn(Arm.WITHHELD), withheld())
    await hand(database, handlers.on_assignments, assignment(AssignmentHeld, 1, AssignmentId(new_id()), nudge_id=None))
    found = await rows(
        database,
        """SELECT arm FROM assignment_outcome AS given JOIN withheld USING (gap_id)
           JOIN holdout_draw USING (competency, quarter)
           WHERE given.nudge_id IS NULL AND holdout_draw.team_id = given.team_id""",
    )
    assert [row["arm"] for row in found] == ["withheld"]


async def test_draws_and_withheld_gaps_are_forgotten_in_time(database: Database) -> None:
    long_ago, lately = (datetime.now(UTC) - timedelta(days=days) for days in (401, 399))
    other = GapId(new_id())
    await hand(database, handlers.on_nudges, drawn(Arm.TREATED, at=long_ago), drawn(Arm.TREATED, OTHER_SKILL, lately))
    await hand(database, handlers.on_nudges, withheld(at=long_ago), withheld(other, lately))
    async with database.transaction() as tx:
        await handlers.sweep(tx)
    assert [row["competency"] for row in await rows(database, "SELECT competency FROM holdout_draw")] == [OTHER_SKILL]
    assert [row["gap_id"] for row in await rows(database, "SELECT gap_id FROM withheld")] == [other]
