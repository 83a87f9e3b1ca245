"""The HTTP doors of recommendation: a manager's inbox, what hinders gaps, and the policy."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field

from kinetic.common.auth import Principal, Role, require
from kinetic.common.operations import database_of
from kinetic.common.web import api_router
from kinetic.contracts.ids import CompetencyKey, GapId, PersonId, TeamId
from kinetic.contracts.recommendation import DismissalReason, SnoozeUntil
from kinetic.directory.actors import require_actor, require_person
from kinetic.directory.privacy import sight_of
from kinetic.recommendation import clicks
from kinetic.recommendation.cards import Card
from kinetic.recommendation.domain.delivery import Standing
from kinetic.recommendation.domain.gap import Obstacle
from kinetic.recommendation.holdouts import sees_draws
from kinetic.recommendation.ledger import DeliveryView, send_again
from kinetic.recommendation.ledger import view_of as view_of_delivery
from kinetic.recommendation.policy_document import PolicyDocument, PolicyView, policy_of, view_of
from kinetic.recommendation.reckonings import ExplorationView, ReckoningView, exploration_of, reckoning_of
from kinetic.recommendation.store import deliveries, gaps, notices, nudges, policies

router = api_router(tags=["recommendation"])

Manager = Annotated[Principal, Depends(require(Role.MANAGER))]
Observer = Annotated[Principal, Depends(require(Role.LEARNING, Role.ADMIN))]
Admin = Annotated[Principal, Depends(require(Role.ADMIN))]
Reader = Annotated[Principal, Depends(require(Role.MANAGER, Role.LEARNING, Role.ADMIN))]

Limit = Annotated[int, Query(ge=1, le=500)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1, description="The version of the card that was acted on.")]

LONGEST_LOG = 100_000

_FINDS = {"open": nudges.open_of, "snoozed": nudges.snoozed_by, "answered": nudges.answered_by}


class Assign(BaseModel):
    """Assign to the people of the nudge, or to some of them."""

    version: Version
    person_ids: list[UUID] | None = Field(default=None, min_length=1, max_length=500)


class Dismiss(BaseModel):
    """Say no. The reason decides what may be suggested again for this team and competency, and when."""

    version: Version
    reason: DismissalReason


class Snooze(BaseModel):
    """Not now. The nudge comes back on the first open hour of that day, or when its gap moves again."""

    version: Version
    until: SnoozeUntil


class HinderedGap(BaseModel):
    """An open gap that has no nudge. `due_at` is when attention is free again or an answer has rested; what else hinders waits
    for a change.
    """

    gap_id: GapId
    team_id: TeamId
    team_name: str | None
    manager_id: PersonId | None
    competency: CompetencyKey
    obstacle: Obstacle
    due_at: datetime | None
    told_at: datetime


@router.get("/inbox")
async def read_inbox(
    request: Request, caller: Manager, show: Literal["open", "snoozed", "answered"] = "open", limit: Limit = 50
) -> list[Card]:
    """The caller's nudges, the newest first: those that are open, those that rest, or those that were answered or expired."""
    async with database_of(request).transaction() as tx:
        person_id = await require_person(tx, caller)
        return await clicks.show(tx, person_id, await _FINDS[show](tx, person_id, limit))


@router.get("/nudges/{nudge_id}")
async def read_nudge(request: Request, caller: Manager, nudge_id: UUID) -> Card:
    """One of the caller's nudges. 404 when it is another's."""
    async with database_of(request).transaction() as tx:
        return await clicks.read(tx, await require_person(tx, caller), str(nudge_id))


@router.get("/nudges/{nudge_id}/reckoning")
async def read_reckoning(request: Request, caller: Reader, nudge_id: UUID) -> ReckoningView:
    """Why this content: the computation that a nudge rests on, from which every number in it can be computed again.

    Managers see it of their own nudges, learning and admin of all, without what tells of fewer than five people who are not
    their reports. 404 when there is none.
    """
    async with database_of(request).transaction() as tx:
        if caller.roles.isdisjoint({Role.LEARNING, Role.ADMIN}):
            nudge = await clicks.require_own(tx, await require_person(tx, caller), str(nudge_id))
            return reckoning_of(nudge, shows_all=True)
        nudge, sight = await clicks.require_known(tx, str(nudge_id)), await sight_of(tx, caller)
        return reckoning_of(nudge, shows_all=sight.reports.issuperset(nudge.offer.person_ids))


@router.post("/nudges/{nudge_id}/seen")
async def see_nudge(request: Request, caller: Manager, nudge_id: UUID) -> Card:
    """The caller has opened a nudge. Only the first time counts."""
    async with database_of(request).transaction() as tx:
        return await clicks.see(tx, await require_actor(tx, caller), str(nudge_id))


@router.post("/nudges/{nudge_id}/assign")
async def assign_nudge(request: Request, caller: Manager, nudge_id: UUID, wish: Assign) -> Card:
    """One click assigns. A second one answers what the first one did.

    404 when the nudge is another's, 409 with the current card when the click is stale, 422 naming the people who are not
    in the nudge or do not report to the caller, 503 when the directory is not fresh enough to act on.
    """
    chosen = None if wish.person_ids is None else [PersonId(str(person_id)) for person_id in wish.person_ids]
    async with database_of(request).transaction() as tx:
        return await clicks.assign(tx, await require_actor(tx, caller), str(nudge_id), wish.version, chosen)


@router.post("/nudges/{nudge_id}/snooze")
async def snooze_nudge(request: Request, caller: Manager, nudge_id: UUID, wish: Snooze) -> Card:
    """Not now, but then. It can be answered meanwhile. A second click answers what the first one did; 404, 409 and 503
    as for an assignment.
    """
    async with database_of(request).transaction() as tx:
        return await clicks.snooze(tx, await require_actor(tx, caller), str(nudge_id), wish.version, wish.until)


@router.post("/nudges/{nudge_id}/dismiss")
async def dismiss_nudge(request: Request, caller: Manager, nudge_id: UUID, wish: Dismiss) -> Card:
    """Say no, and why. A second click answers what the first one did; 404, 409 and 503 as for an assignment."""
    async with database_of(request).transaction() as tx:
        return await clicks.dismiss(tx, await require_actor(tx, caller), str(nudge_id), wish.version, wish.reason)


@router.get("/deferred")
async def list_deferred(request: Request, caller: Observer, limit: Limit = 100) -> list[HinderedGap]:
    """Open gaps that have no nudge, with what hinders them, the oldest first. Those that the holdout withholds are for admins
    who manage nobody.
    """
    hidden = () if sees_draws(caller) else (Obstacle.WITHHELD,)
    async with database_of(request).transaction() as tx:
        return [HinderedGap.model_validate(dict(row)) for row in await gaps.hindered(tx, hidden, limit)]


@router.get("/deliveries")
async def list_deliveries(
    request: Request, _: Observer, standing: Standing = Standing.UNKNOWN, limit: Limit = 100
) -> list[DeliveryView]:
    """Messages to managers of which this is known, the newest first. `unknown` ones wait for somebody to find out."""
    async with database_of(request).transaction() as tx:
        return [view_of_delivery(one) for one in await deliveries.standing(tx, [standing], limit)]


@router.post("/deliveries/{delivery_id}/again")
async def send_delivery_again(request: Request, _: Admin, delivery_id: UUID) -> DeliveryView:
    """Send a message again that is known not to have arrived. 404 when there is none, 409 when it is on its way or was sent."""
    async with database_of(request).transaction() as tx:
        return await send_again(tx, str(delivery_id))


@router.get("/exploration")
async def read_exploration(request: Request, _: Observer) -> ExplorationView:
    """What exploring costs: how many nudges are accepted, and how many would be had none been an exploration."""
    async with database_of(request).transaction() as tx:
        return exploration_of(await nudges.logged(tx, LONGEST_LOG))


@router.get("/policy")
async def read_policy(request: Request, _: Admin) -> PolicyView:
    """The policy in force."""
    async with database_of(request).transaction() as tx:
        return view_of(await policies.load(tx))


@router.put("/policy")
async def set_policy(request: Request, caller: Admin, document: PolicyDocument) -> PolicyView:
    """Replace the policy. Gaps without a nudge, and notices that wait, are considered again under it at once."""
    async with database_of(request).transaction() as tx:
        await policies.lock(tx)
        policy = policy_of(document, await policies.load(tx))
        await policies.save(tx, policy, caller.subject)
        await notices.mark_waiting_due(tx)
        await gaps.mark_deferred_due(tx)
    return view_of(policy)
