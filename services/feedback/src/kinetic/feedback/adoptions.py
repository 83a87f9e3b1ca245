"""Manager adoption over HTTP: the measure of success of the whole, for groups of managers, and for each of themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field

from kinetic.common.auth import Principal, Role, require
from kinetic.common.operations import database_of
from kinetic.common.web import api_router
from kinetic.directory.actors import require_person
from kinetic.directory.privacy import SMALLEST_GROUP
from kinetic.feedback import store
from kinetic.feedback.domain.adoption import Adoption, adoption_of_groups, adoption_of_one

router = api_router(tags=["feedback"])

Manager = Annotated[Principal, Depends(require(Role.MANAGER))]
Analyst = Annotated[Principal, Depends(require(Role.LEARNING, Role.ADMIN))]
Weeks = Annotated[int, Query(ge=1, le=57, description="How many weeks back; this one is the first.")]


class AdoptionView(BaseModel):
    """What managers did with the nudges that were composed in a week of UTC, withdrawn ones aside."""

    week: date = Field(description="Its Monday.")
    unit: str | None = Field(description="Null for the whole organisation, and for the caller's own figures.")
    managers: int = Field(description="Who got a nudge.")
    composed: int
    seen: int = Field(description="Opened, put off or answered.")
    acted: int = Field(description="Accepted or dismissed.")
    median_seconds_to_act: float | None = Field(
        description="From composed to accepted or dismissed; null where fewer than five managers acted."
    )


@router.get("/adoption")
async def read_adoption(request: Request, _: Analyst, weeks: Weeks = 12) -> list[AdoptionView]:
    """The whole organisation and its units, the newest week first.

    Groups of fewer than five managers are left out, and with them a group from which their figures would follow.
    """
    async with database_of(request).transaction() as tx:
        found = await store.manager_weeks(tx, _since(await tx.now(), weeks), None)
    return _views(adoption_of_groups(found, SMALLEST_GROUP))


@router.get("/adoption/mine")
async def read_own_adoption(request: Request, caller: Manager, weeks: Weeks = 12) -> list[AdoptionView]:
    """The caller's own weeks, the newest first. Nobody else sees them."""
    async with database_of(request).transaction() as tx:
        found = await store.manager_weeks(tx, _since(await tx.now(), weeks), await require_person(tx, caller))
    return _views(adoption_of_one(found))


def _since(now: datetime, weeks: int) -> datetime:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=today.weekday(), weeks=weeks - 1)


def _views(found: Iterable[Adoption]) -> list[AdoptionView]:
    return [AdoptionView(**asdict(one)) for one in found]
