"""What may happen to managers, gaps and notices, one thing after the other at random, for the test of everything at once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx

from kinetic.common.database import Database
from kinetic.contracts.assignment import AssignmentHeld, AssignmentWithdrawn
from kinetic.contracts.ids import CompetencyKey, PersonId, TeamId
from kinetic.contracts.ingestion import Teaches
from kinetic.contracts.skill_gap import GapChanged, GapOpened
from kinetic.recommendation.channels.sending import Delayed, Dispatch, Receipt, Unknown
from services.recommendation.tests.company import (
    BEN,
    CARLA,
    DANA,
    LEE,
    OTHER_TEAM,
    RAVI,
    STRANGER,
    TEAM,
    changed,
    closed,
    course,
    enter,
    evidence,
    fetch,
    fire,
    offer,
    opened,
    person,
    run,
    team,
    tell,
)
from services.recommendation.tests.delivering import Outlet
from services.recommendation.tests.notices import ask, reinforcement
from services.recommendation.tests.test_policy import ADMIN, OPEN_WIDE
from services.recommendation.tests.test_taken import assigned
from tests.support.http import token

SKILLS = tuple(CompetencyKey(f"skill-{number}") for number in range(8))
TEAMS = {TEAM: (BEN, CARLA), OTHER_TEAM: (STRANGER,)}
MANAGERS = {DANA: token("dana", "manager"), LEE: token("lee", "manager"), RAVI: token("ravi", "manager")}
AT_ANY_TIME: dict[str, Any] = {
    **OPEN_WIDE,
    "weekly_budget": 50,
    "holdout_share": 0,
    "cool_down_days": 0,
    "bad_timing_days": 0,
}


@dataclass
class Unsteady(Outlet):
    """A channel that takes its time, and takes a message, or not, or breaks off, until it is calm."""

    rng: random.Random = field(default_factory=random.Random)
    is_calm: bool = False

    async def send(self, dispatch: Dispatch) -> Receipt:
        if self.is_calm:
            return await super().send(dispatch)
        await asyncio.sleep(self.rng.random() * 0.03)
        chance = self.rng.random()
        if chance < 0.35:
            return Delayed("down") if chance < 0.2 else Unknown("no answer", 1.0)
        return await super().send(dispatch)


@dataclass
class Walk:
    """A company to which things happen."""

    database: Database
    http: httpx.AsyncClient
    rng: random.Random
    gaps: dict[tuple[TeamId, CompetencyKey], GapOpened | GapChanged] = field(default_factory=dict)
    versions: count[int] = field(default_factory=lambda: count(10))

    async def begin(self) -> None:
        """Content for every skill, and a week that holds all that comes."""
        teaches = tuple(Teaches(competency=skill, level=4) for skill in SKILLS)
        await offer(self.database, course(version=2, teaches=teaches))
        await enter(self.database, team(OTHER_TEAM, manager_id=DANA, version=2), person(STRANGER, DANA, version=2))
        await self.a_policy_is_set()

    async def step(self) -> None:
        """Something happens."""
        await asyncio.sleep(self.rng.random() * 0.02)
        happens = self.rng.choice(
            (
                *(self.gaps_open, self.gaps_open, self.a_gap_moves, self.a_gap_closes, self.somebody_answers),
                *(self.something_is_asked, self.a_notice_is_done, self.a_team_changes_hands, self.lee_goes_or_returns),
                *(self.a_policy_is_set, self.timers_fire, self.a_nudge_expires),
            )
        )
        await happens()

    async def gaps_open(self) -> None:
        wanted = [(self.rng.choice(tuple(TEAMS)), self.rng.choice(SKILLS)) for _ in range(3)]
        new = {key: opened(team_id=key[0], competency=key[1], person_ids=TEAMS[key[0]]) for key in wanted}
        fresh = {key: gap for key, gap in new.items() if key not in self.gaps}
        self.gaps |= fresh
        await tell(self.database, *fresh.values())

    async def a_gap_moves(self) -> None:
        for key in self._some(sorted(self.gaps)):
            gap = self.gaps[key]
            seen = (evidence(seen_at=datetime.now(UTC)),)
            moved = changed(GapOpened(**gap.model_dump()), pressure=gap.pressure + 0.5, evidence=seen)
            self.gaps[key] = moved
            await tell(self.database, moved)

    async def a_gap_closes(self) -> None:
        for key in self._some(sorted(self.gaps)):
            await tell(self.database, closed(self.gaps.pop(key)))

    async def somebody_answers(self) -> None:
        nudges = "SELECT * FROM nudge WHERE state IN ('composed', 'seen', 'snoozed') ORDER BY nudge_id"
        for row in self._some(await fetch(self.database, nudges)):
            how = self.rng.choice(("assign", "snooze", "dismiss"))
            more = {"snooze": {"until": "moved"}, "dismiss": {"reason": "bad_timing"}}.get(how, {})
            body = {"version": row["version"], **more}
            await self.http.post(f"/nudges/{row['nudge_id']}/{how}", headers=MANAGERS[row["manager_id"]], json=body)

    async def something_is_asked(self) -> None:
        kind = self.rng.choice((AssignmentHeld, AssignmentWithdrawn))
        about = self.rng.choice((TEAM, OTHER_TEAM, None))
        await ask(self.database, assigned(kind, next(self.versions)), reinforcement(team_id=about))

    async def a_notice_is_done(self) -> None:
        standing = "SELECT * FROM notice WHERE state = 'composed' ORDER BY notice_id"
        for row in self._some(await fetch(self.database, standing)):
            await self.http.post(f"/notices/{row['notice_id']}/done", headers=MANAGERS[row["manager_id"]])

    async def a_team_changes_hands(self) -> None:
        manager_id: PersonId = self.rng.choice(tuple(MANAGERS))
        which = self.rng.choice(tuple(TEAMS))
        await enter(self.database, team(which, manager_id=manager_id, version=next(self.versions)))

    async def lee_goes_or_returns(self) -> None:
        until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        away = self.rng.choice((None, {"until": until, "delegate_id": DANA}))
        await self.http.put("/preferences", headers=MANAGERS[LEE], json={"absence": away})

    async def a_policy_is_set(self) -> None:
        await self.http.put("/policy", headers=ADMIN, json=AT_ANY_TIME)

    async def timers_fire(self) -> None:
        for name in ("consider", "notices"):
            async with self.database.transaction() as tx:
                await fire(tx, name)

    async def a_nudge_expires(self) -> None:
        await run(
            self.database,
            """UPDATE nudge SET expires_at = now() WHERE nudge_id = (
                   SELECT nudge_id FROM nudge WHERE state IN ('composed', 'seen') ORDER BY nudge_id LIMIT 1)""",
        )
        async with self.database.transaction() as tx:
            await fire(tx, "expire")

    def _some(self, found: Sequence[Any]) -> list[Any]:
        return [self.rng.choice(found)] if found else []


def seed_of(number: int) -> random.Random:
    """What a walk is drawn by; where things happen at once, their order is the machine's."""
    return random.Random(f"walk {number}")
