"""Doors for whoever operates a service: dead letters, their replay, and events that wait."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol
from uuid import UUID

from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field

from kinetic.common import dead_letters
from kinetic.common.auth import Principal, Role, require
from kinetic.common.database import Database, Transaction
from kinetic.common.doors import Unhandled
from kinetic.common.events import Unreadable
from kinetic.common.failures import is_outage
from kinetic.common.problems import Problem
from kinetic.common.web import api_router

router = api_router(tags=["operations"])

Admin = Annotated[Principal, Depends(require(Role.ADMIN))]


class ReplayingDoor(Protocol):
    """A door whose dead letters can be replayed."""

    async def replay(self, tx: Transaction, letter: Mapping[str, Any]) -> bool:
        """Hand the record of a letter over again; whether it has to wait. Unhandled, Unreadable, or what the handler raises."""
        ...


class DeadLetterSummary(BaseModel):
    """A record that was given up, without its data."""

    dead_letter_id: str
    event_id: str | None
    origin: str
    topic: str
    type: str | None
    cause: str
    dead_at: datetime
    replayed_at: datetime | None


class DeadLetterDetail(DeadLetterSummary):
    """A record that was given up, whole."""

    key: str | None
    headers: dict[str, str]
    value: str | None


class Replayed(BaseModel):
    """What came of a replay."""

    dead_letter_id: str
    outcome: Literal["handled", "waiting"] = Field(
        description="It waits when something that it names is still unknown."
    )


class WaitingEvent(BaseModel):
    """An event that came before what it refers to."""

    event_id: str
    topic: str
    type: str | None
    waits_for: str
    attempts: int
    since: datetime


@router.get("/dead-letters")
async def list_dead_letters(
    request: Request, _: Admin, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> list[DeadLetterSummary]:
    """The newest dead letters of this service."""
    async with database_of(request).transaction() as tx:
        return [DeadLetterSummary(**dict(row)) for row in await dead_letters.latest(tx, limit)]


@router.get("/dead-letters/{dead_letter_id}")
async def read_dead_letter(request: Request, _: Admin, dead_letter_id: UUID) -> DeadLetterDetail:
    """One dead letter with its headers, its data and its cause."""
    async with database_of(request).transaction() as tx:
        row = await _find(tx, dead_letter_id)
    value = None if row["value"] is None else bytes(row["value"]).decode("utf-8", "replace")
    return DeadLetterDetail(**{**row, "type": row["headers"].get("ce_type"), "value": value})


@router.post("/dead-letters/{dead_letter_id}/replay")
async def replay_dead_letter(request: Request, _: Admin, dead_letter_id: UUID) -> Replayed:
    """Hand a dead letter to its handler again, under its own id. 409 when it was replayed, 422 when it fails again."""
    doors: Mapping[str, ReplayingDoor] = request.app.state.doors
    async with database_of(request).transaction() as tx:
        row = await _find(tx, dead_letter_id)
        if row["replayed_at"] is not None:
            raise Problem(
                409, "Already replayed", f"This dead letter was replayed at {row['replayed_at'].isoformat()}."
            )
        waits = await _replay(tx, doors, row)
        await dead_letters.mark_replayed(tx, str(dead_letter_id))
    return Replayed(dead_letter_id=str(dead_letter_id), outcome="waiting" if waits else "handled")


@router.get("/waiting")
async def list_waiting(
    request: Request, _: Admin, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> list[WaitingEvent]:
    """The events that have waited longest."""
    async with database_of(request).transaction() as tx:
        rows = await tx.fetch(
            """SELECT event_id, topic, headers->>'ce_type' AS type, waits_for, attempts, since
               FROM waiting ORDER BY position LIMIT $1""",
            limit,
        )
    return [WaitingEvent(**dict(row)) for row in rows]


def database_of(request: Request) -> Database:
    """The database of the service that answers `request`."""
    database: Database = request.app.state.database
    return database


async def _find(tx: Transaction, dead_letter_id: UUID) -> dict[str, Any]:
    row = await dead_letters.find(tx, str(dead_letter_id))
    if row is None:
        raise Problem(404, "No such dead letter", f"There is no dead letter {dead_letter_id}.")
    return dict(row)


async def _replay(tx: Transaction, doors: Mapping[str, ReplayingDoor], row: dict[str, Any]) -> bool:
    """Hand the letter's record to its door again; whether it has to wait."""
    door = doors.get(row["topic"])
    if door is None:
        raise Problem(409, "Not replayed", f"This service no longer reads {row['topic']}.")
    try:
        async with tx.savepoint():
            return await door.replay(tx, row)
    except Unhandled as error:
        raise Problem(409, "Not replayed", str(error)) from error
    except Unreadable as error:
        raise Problem(422, "Still unreadable", str(error)) from error
    except Exception as error:  # whatever the handler raises is what the operator wants to know
        if is_outage(error):
            raise
        raise Problem(422, "Still failing", f"{type(error).__name__}: {error}") from error
