"""The holdout over HTTP, for those who analyse it. No manager sees any of it: who knows of a draw acts on it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import asyncpg
from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field

from kinetic.common.auth import Principal, Role, require
from kinetic.common.operations import database_of
from kinetic.common.problems import Problem
from kinetic.common.web import api_router
from kinetic.contracts.ids import CompetencyKey, GapId, TeamId
from kinetic.contracts.recommendation import Arm
from kinetic.directory.privacy import SMALLEST_GROUP
from kinetic.recommendation.domain.holdout import Draw, number_of
from kinetic.recommendation.store import holdout, policies

router = api_router(tags=["recommendation"])

Observer = Annotated[Principal, Depends(require(Role.LEARNING, Role.ADMIN))]
Admin = Annotated[Principal, Depends(require(Role.ADMIN))]
Quarter = Annotated[str, Query(pattern=r"^[0-9]{4}-Q[1-4]$", examples=["2026-Q4"])]
Limit = Annotated[int, Query(ge=1, le=10_000)]


class QuarterView(BaseModel):
    """How many teams and competencies fell into each arm; null where there are fewer than five in all."""

    quarter: str
    treated: int | None
    withheld: int | None


class HoldoutView(BaseModel):
    """The holdout in force, and what was drawn in each quarter, the newest first."""

    share: float
    quarters: list[QuarterView]


class DrawView(BaseModel):
    """One draw. `number` is computed again from the salt: it is below `share` where the arm is `withheld`."""

    team_id: TeamId
    competency: CompetencyKey
    quarter: str
    number: float
    share: float
    arm: Arm
    policy_version: int
    gap_id: GapId = Field(description="The gap because of which it was drawn.")
    drawn_at: datetime


class DrawsView(BaseModel):
    """The draws of a quarter. `number` = first 53 bits of SHA-256("salt|team_id|competency|quarter") / 2^53."""

    salt: str
    draws: list[DrawView]


def sees_draws(caller: Principal) -> bool:
    """Whether the caller may see what was drawn for single teams: an admin who manages nobody."""
    return Role.ADMIN in caller.roles and Role.MANAGER not in caller.roles


def _refuse_managers(caller: Principal) -> None:
    """Problem 403 for who is a manager too. Counts tell, looked at before and after a gap of their own has opened."""
    if Role.MANAGER in caller.roles:
        raise Problem(403, "Not for managers", "Whoever manages a team and knows its draws would act on them.")


@router.get("/holdout")
async def read_holdout(request: Request, caller: Observer) -> HoldoutView:
    """How much is withheld, and how many draws fell into each arm. 403 for who is a manager too."""
    _refuse_managers(caller)
    async with database_of(request).transaction() as tx:
        share = (await policies.load(tx)).holdout.share
        return HoldoutView(share=share, quarters=[_quarter(row) for row in await holdout.counts(tx)])


@router.get("/holdout/draws")
async def list_draws(request: Request, caller: Admin, quarter: Quarter, limit: Limit = 1000) -> DrawsView:
    """What was drawn in a quarter, the newest first, with all that is needed to draw again. 403 for who is a manager too."""
    _refuse_managers(caller)
    async with database_of(request).transaction() as tx:
        salt = (await policies.load(tx)).holdout.salt
        return DrawsView(salt=salt, draws=[_draw(draw, salt) for draw in await holdout.of_quarter(tx, quarter, limit)])


def _quarter(row: asyncpg.Record) -> QuarterView:
    is_shown = row["treated"] + row["withheld"] >= SMALLEST_GROUP
    return QuarterView(
        quarter=row["quarter"],
        treated=row["treated"] if is_shown else None,
        withheld=row["withheld"] if is_shown else None,
    )


def _draw(draw: Draw, salt: str) -> DrawView:
    return DrawView(
        team_id=draw.unit.team_id,
        competency=draw.unit.competency,
        quarter=draw.unit.quarter,
        number=number_of(draw.unit, salt),
        share=draw.share,
        arm=draw.arm,
        policy_version=draw.policy_version,
        gap_id=draw.gap_id,
        drawn_at=draw.drawn_at,
    )
