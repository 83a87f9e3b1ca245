"""What other services asked to be brought before managers, over HTTP: what stands before the caller, and what operators see of all."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field

from kinetic.common.auth import Principal, Role, require
from kinetic.common.database import Transaction
from kinetic.common.locks import lock_keys
from kinetic.common.operations import database_of
from kinetic.common.problems import Problem
from kinetic.common.web import api_router
from kinetic.contracts.ids import EventId, NoticeId, PersonId, TeamId
from kinetic.contracts.notices import Urgency
from kinetic.contracts.recommendation import NoticeEnding
from kinetic.directory import store as directory
from kinetic.directory.actors import require_actor, require_person
from kinetic.recommendation import asking
from kinetic.recommendation.addressees import addressee_of, notice_message_for
from kinetic.recommendation.channels.notice import page_of
from kinetic.recommendation.domain.notice import Notice, State, close
from kinetic.recommendation.store import notices

router = api_router(tags=["recommendation"])

Manager = Annotated[Principal, Depends(require(Role.MANAGER))]
Observer = Annotated[Principal, Depends(require(Role.LEARNING, Role.ADMIN))]
Limit = Annotated[int, Query(ge=1, le=500)]


class NoticeCard(BaseModel):
    """What another service asked to be said to the caller."""

    notice_id: NoticeId
    subject: str = Field(
        description="The type of the event that asked for it, e.g. `kinetic.reinforcement.requested.v1`."
    )
    team_id: TeamId | None
    version: int
    state: State
    title: str
    why: str
    url: str = Field(description="The page of the console that shows more.")
    outcome: str | None = Field(description="How it ended, e.g. `Done on 30 Nov 08:00.`")
    composed_at: datetime | None
    expires_at: datetime


class NoticeView(BaseModel):
    """A request for a message, and what became of it: ids and times, no words. `waits_for` is what keeps it from its manager."""

    notice_id: NoticeId
    request_id: EventId
    subject: str
    urgency: Urgency
    asked_for: PersonId
    manager_id: PersonId | None
    team_id: TeamId | None
    state: State
    waits_for: NoticeEnding | None
    ending: NoticeEnding | None
    due_at: datetime | None
    composed_at: datetime | None
    expires_at: datetime
    changed_at: datetime


@router.get("/inbox/notices")
async def read_notices(request: Request, caller: Manager, limit: Limit = 50) -> list[NoticeCard]:
    """What other services asked to be said to the caller and still stands, the newest first."""
    async with database_of(request).transaction() as tx:
        person_id = await require_person(tx, caller)
        standing = await notices.standing_before(tx, person_id, limit)
        to_whom, _ = await notices.addressed(tx, {one.request_id: one.told for one in standing})
        return [await _card(tx, person_id, one) for one in standing if to_whom.get(one.request_id) == person_id]


@router.post("/notices/{notice_id}/done")
async def close_notice(request: Request, caller: Manager, notice_id: UUID) -> NoticeCard:
    """The caller is done with it. A second time it answers what the first one did.

    404 when it is another's, 503 when the directory is not fresh enough to tell.
    """
    async with database_of(request).transaction() as tx:
        person_id = (await require_actor(tx, caller)).person_id
        found = await _require_own(tx, person_id, await notices.find(tx, str(notice_id)))
        await lock_keys(tx, "person", [found.told.manager_id])
        held = await _require_own(tx, person_id, await notices.hold(tx, str(notice_id)))
        await lock_keys(tx, "manager", [person_id])
        await asking.save_decision(tx, close(held, await tx.now()))
        return await _card(tx, person_id, await notices.find(tx, str(notice_id)) or held)


@router.get("/notices")
async def list_notices(
    request: Request, _: Observer, state: State = State.WAITING, limit: Limit = 100
) -> list[NoticeView]:
    """Messages that other services asked for, in one state: by default those that wait for a manager's attention."""
    async with database_of(request).transaction() as tx:
        return [_view(one) for one in await notices.in_state(tx, state, limit)]


async def _require_own(tx: Transaction, person_id: PersonId, notice: Notice | None) -> Notice:
    """One that stands, or stood, before this manager. One that goes to somebody else by now is theirs no longer."""
    if notice is None or notice.manager_id != person_id or (notice.is_open and not await notices.is_theirs(tx, notice)):
        raise Problem(404, "No such notice", "You have no such notice.")
    return notice


async def _card(tx: Transaction, person_id: PersonId, notice: Notice) -> NoticeCard:
    reader = await addressee_of(tx, (await directory.people(tx, [person_id]))[person_id], "")
    message = await notice_message_for(tx, notice, reader)
    return NoticeCard(
        notice_id=notice.notice_id,
        subject=notice.told.type,
        team_id=notice.told.team_id,
        version=notice.version,
        state=notice.state,
        title=message.title,
        why=message.why,
        url=page_of(notice.told.path, ""),
        outcome=message.outcome,
        composed_at=notice.composed_at,
        expires_at=notice.told.expires_at,
    )


def _view(notice: Notice) -> NoticeView:
    told = notice.told
    return NoticeView(
        notice_id=notice.notice_id,
        request_id=notice.request_id,
        subject=told.type,
        urgency=told.urgency,
        asked_for=told.manager_id,
        manager_id=notice.manager_id,
        team_id=told.team_id,
        state=notice.state,
        waits_for=notice.hindrance if notice.state is State.WAITING else None,
        ending=notice.ending,
        due_at=notice.due_at,
        composed_at=notice.composed_at,
        expires_at=told.expires_at,
        changed_at=notice.changed_at,
    )
