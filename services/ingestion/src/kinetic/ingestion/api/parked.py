"""`GET /parked`: accepted events that cannot be told yet, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from kinetic.common.auth import Principal, Role, require
from kinetic.common.operations import database_of
from kinetic.ingestion.store import parking

router = APIRouter(tags=["parked"])


class ParkedEvent(BaseModel):
    """An accepted event that nobody was told of. When its team, person or content arrives, it is told by itself."""

    event_id: str
    type: str
    sender: str = Field(description="`integration/<id>` or `principal/<subject>`.")
    accepted_at: datetime
    reason: str
    waits_for: str | None = Field(description="Null when it has expired.")
    expired: bool = Field(description="It has waited for a day and is no longer tried.")


@router.get("/parked")
async def list_parked(
    request: Request,
    _: Annotated[Principal, Depends(require(Role.ADMIN))],
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[ParkedEvent]:
    """The newest parked events."""
    async with database_of(request).transaction() as tx:
        return [ParkedEvent(**dict(row)) for row in await parking.latest(tx, limit)]
