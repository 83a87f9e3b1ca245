"""The last place of a week: what presses harder and waits for it comes before a notice, and nothing else does."""

from __future__ import annotations

import pytest

from kinetic.common.database import Database
from kinetic.contracts.ids import PersonId
from kinetic.contracts.notices import Urgency
from kinetic.contracts.skill_gap import GapOpened
from services.recommendation.tests.company import (
    DANA,
    OTHER_TEAM,
    STRANGER,
    allow,
    closed,
    consider,
    fetch,
    fire,
    opened,
    run,
    tell,
    told_types,
)
from services.recommendation.tests.notices import ask, found, reinforcement

GIVES_WAY = [("waiting", None, "weekly_budget")]
COMES = [("composed", DANA, None)]


async def both_wait(database: Database, gap: GapOpened, urgency: Urgency = Urgency.DAILY_SLOT) -> None:
    """A gap and a notice wait for a week that has places again."""
    await allow(database, weekly_budget=0)
    await tell(database, gap)
    await ask(database, reinforcement(urgency=urgency))


async def opens(database: Database, *, places: int) -> None:
    """The week has places by now, and everything is due."""
    await allow(database, weekly_budget=places)
    await run(database, "UPDATE notice SET due_at = clock_timestamp()")
    await run(database, "UPDATE gap SET due_at = clock_timestamp()")


async def notices_come_round(database: Database) -> None:
    """The timer of notices, before that of gaps."""
    async with database.transaction() as tx:
        await fire(tx, "notices")


@pytest.mark.parametrize(
    ("places", "pressure", "urgency", "becomes"),
    [
        (1, 1.4, Urgency.DAILY_SLOT, GIVES_WAY),
        (2, 1.4, Urgency.DAILY_SLOT, COMES),
        (1, 1.4, Urgency.IMMEDIATE, COMES),
        (1, 3.5, Urgency.IMMEDIATE, GIVES_WAY),
    ],
)
async def test_the_last_place_is_left_to_a_gap_that_waits_for_it_and_presses_harder(
    database: Database, places: int, pressure: float, urgency: Urgency, becomes: list[tuple[str, PersonId | None, str]]
) -> None:
    await both_wait(database, opened(pressure=pressure), urgency)
    await opens(database, places=places)
    await notices_come_round(database)
    assert await found(database) == becomes


async def test_whichever_timer_comes_first_the_nudge_has_the_last_place_and_the_notice_waits(
    database: Database,
) -> None:
    await both_wait(database, opened())
    await opens(database, places=1)
    await notices_come_round(database)
    await consider(database)
    assert (await told_types(database)).count("nudge.composed") == 1
    await run(database, "UPDATE notice SET due_at = clock_timestamp()")
    await notices_come_round(database)
    assert await found(database) == GIVES_WAY


async def test_what_gives_way_is_considered_again_before_the_message_of_the_morning_leaves(database: Database) -> None:
    await both_wait(database, opened())
    await opens(database, places=1)
    await notices_come_round(database)
    (row,) = await fetch(database, "SELECT due_at < clock_timestamp() + interval '15 seconds' AS soon FROM notice")
    assert row["soon"]


@pytest.mark.parametrize("is_over", [True, False])
async def test_nothing_is_left_free_for_a_gap_that_waits_no_longer_or_for_somebody_else(
    database: Database, is_over: bool
) -> None:
    gap = opened() if is_over else opened(team_id=OTHER_TEAM, person_ids=(STRANGER,))
    await both_wait(database, gap)
    if is_over:
        await tell(database, closed(gap))
    await opens(database, places=1)
    await notices_come_round(database)
    assert await found(database) == COMES


async def test_a_gap_that_is_never_considered_keeps_no_place_free(database: Database) -> None:
    await both_wait(database, opened())
    await opens(database, places=1)
    await run(database, "UPDATE gap SET obstacle_until = now() - interval '11 minutes'")
    await notices_come_round(database)
    assert await found(database) == COMES
