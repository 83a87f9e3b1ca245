"""What assignment asks to be said to Dana, for the tests of notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from kinetic.common.database import Database
from kinetic.common.events import Envelope, new_id
from kinetic.contracts.assignment import ReinforcementRequested
from kinetic.contracts.event import Event
from kinetic.contracts.ids import NudgeId
from kinetic.contracts.notices import Urgency
from kinetic.recommendation import handlers
from services.recommendation.tests.company import COURSE, DANA, TEAM, fetch, fire, hand, run

IN_A_FORTNIGHT = datetime.now(UTC) + timedelta(days=14)


def reinforcement(**changes: Any) -> ReinforcementRequested:
    """Two of three people of Dana's team have completed the course."""
    asked: dict[str, Any] = {
        "manager_id": DANA,
        "team_id": TEAM,
        "urgency": Urgency.DAILY_SLOT,
        "expires_at": IN_A_FORTNIGHT,
        "path": "/?nudge=n-1",
        "occurred_at": datetime.now(UTC),
        "nudge_id": NudgeId(new_id()),
        "content_id": COURSE,
        "completed": 2,
        "assigned": 3,
    }
    return ReinforcementRequested(**{**asked, **changes})


async def ask(database: Database, *requests: Event | Envelope[Any]) -> None:
    """Let what assignment tells arrive."""
    await hand(database, handlers.on_assignments, *requests)


async def reconsider(database: Database) -> int:
    """Let every notice that has not ended come due once."""
    await run(database, "UPDATE notice SET due_at = clock_timestamp() WHERE state <> 'ended'")
    async with database.transaction() as tx:
        return await fire(tx, "notices")


async def found(database: Database) -> Sequence[tuple[str, str | None, str | None]]:
    """Each notice: its state, before whom it stands, and what it waits for or why it ended."""
    rows = await fetch(
        database, "SELECT state, manager_id, coalesce(ending, hindrance) AS why FROM notice ORDER BY notice_id"
    )
    return [(row["state"], row["manager_id"], row["why"]) for row in rows]
