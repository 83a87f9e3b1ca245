"""The HTTP doors of recommendation: a manager's inbox, what hinders gaps, and the policy."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field, model_validator

from kinetic.common.auth import Principal, Role, require
from kinetic.common.operations import database_of
from kinetic.common.web import api_router
from kinetic.contracts.ids import CompetencyKey, GapId, PersonId, TeamId
from kinetic.contracts.recommendation import DismissalReason
from kinetic.directory.actors import require_person
from kinetic.recommendation import clicks
from kinetic.recommendation.cards import Card
from kinetic.recommendation.domain.attention import Policy, QuietHours
from kinetic.recommendation.domain.gap import Obstacle
from kinetic.recommendation.store import gaps, nudges, policies

router = api_router(tags=["recommendation"])

Manager = Annotated[Principal, Depends(require(Role.MANAGER))]
Observer = Annotated[Principal, Depends(require(Role.LEARNING, Role.ADMIN))]
Admin = Annotated[Principal, Depends(require(Role.ADMIN))]

Limit = Annotated[int, Query(ge=1, le=500)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1, description="The version of the card that was acted on.")]

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Assign(BaseModel):
    """Assign to the people of the nudge, or to some of them."""

    version: Version
    person_ids: list[UUID] | None = Field(default=None, min_length=1, max_length=500)


class Dismiss(BaseModel):
    """Say no. The same content is not suggested again for this team and competency."""

    version: Version
    reason: DismissalReason


class HinderedGap(BaseModel):
    """An open gap that has no nudge. `due_at` is when attention is free again; the other obstacles wait for a change."""

    gap_id: GapId
    team_id: TeamId
    team_name: str | None
    manager_id: PersonId | None
    competency: CompetencyKey
    obstacle: Obstacle
    due_at: datetime | None
    told_at: datetime


Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["18:00"])]


class QuietHoursDocument(BaseModel):
    """When nobody is interrupted, on the manager's clock; over midnight when `end` is the earlier."""

    start: Clock
    end: Clock

    @model_validator(mode="after")
    def _must_end(self) -> QuietHoursDocument:
        if self.start == self.end:
            raise ValueError("start and end are the same: leave quiet_hours out, or set null, for none")
        return self


class PolicyDocument(BaseModel):
    """How often, and when, a manager may be interrupted."""

    weekly_budget: int = Field(ge=0, le=50, description="Nudges per manager and ISO week, in their time zone.")
    quiet_hours: QuietHoursDocument | None = None
    working_days: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] = Field(min_length=1, max_length=7)
    nudge_ttl_days: int = Field(ge=1, le=90, description="After so many days an unanswered nudge expires.")


class PolicyView(PolicyDocument):
    """The policy in force. Every nudge names the version that it was composed under."""

    version: int


@router.get("/inbox")
async def read_inbox(
    request: Request, caller: Manager, show: Literal["open", "answered"] = "open", limit: Limit = 50
) -> list[Card]:
    """The caller's nudges, the newest first: those that are open, or those that were answered or expired."""
    async with database_of(request).transaction() as tx:
        person_id = await require_person(tx, caller)
        find = nudges.open_of if show == "open" else nudges.answered_by
        return await clicks.show(tx, person_id, await find(tx, person_id, limit))


@router.get("/nudges/{nudge_id}")
async def read_nudge(request: Request, caller: Manager, nudge_id: UUID) -> Card:
    """One of the caller's nudges. 404 when it is another's."""
    async with database_of(request).transaction() as tx:
        return await clicks.read(tx, await require_person(tx, caller), str(nudge_id))


@router.post("/nudges/{nudge_id}/seen")
async def see_nudge(request: Request, caller: Manager, nudge_id: UUID) -> Card:
    """The caller has opened a nudge. Only the first time counts."""
    async with database_of(request).transaction() as tx:
        return await clicks.see(tx, caller, str(nudge_id))


@router.post("/nudges/{nudge_id}/assign")
async def assign_nudge(request: Request, caller: Manager, nudge_id: UUID, wish: Assign) -> Card:
    """One click assigns. A second one answers what the first one did.

    404 when the nudge is another's, 409 with the current card when the click is stale, 422 naming the people who are not
    in the nudge or do not report to the caller, 503 when the directory is not fresh enough to act on.
    """
    chosen = None if wish.person_ids is None else [PersonId(str(person_id)) for person_id in wish.person_ids]
    async with database_of(request).transaction() as tx:
        return await clicks.assign(tx, caller, str(nudge_id), wish.version, chosen)


@router.post("/nudges/{nudge_id}/dismiss")
async def dismiss_nudge(request: Request, caller: Manager, nudge_id: UUID, wish: Dismiss) -> Card:
    """Say no, and why. A second click answers what the first one did; 404, 409 and 503 as for an assignment."""
    async with database_of(request).transaction() as tx:
        return await clicks.dismiss(tx, caller, str(nudge_id), wish.version, wish.reason)


@router.get("/deferred")
async def list_deferred(request: Request, _: Observer, limit: Limit = 100) -> list[HinderedGap]:
    """Open gaps that have no nudge, with what hinders them, the oldest first."""
    async with database_of(request).transaction() as tx:
        return [HinderedGap.model_validate(dict(row)) for row in await gaps.hindered(tx, limit)]


@router.get("/policy")
async def read_policy(request: Request, _: Admin) -> PolicyView:
    """The policy in force."""
    async with database_of(request).transaction() as tx:
        return _view(await policies.load(tx))


@router.put("/policy")
async def set_policy(request: Request, caller: Admin, document: PolicyDocument) -> PolicyView:
    """Replace the policy. Gaps that wait for attention are considered again under it at once."""
    async with database_of(request).transaction() as tx:
        await policies.lock(tx)
        policy = _policy((await policies.load(tx)).version + 1, document)
        await policies.save(tx, policy, caller.subject)
        await gaps.mark_deferred_due(tx)
    return _view(policy)


def _policy(version: int, document: PolicyDocument) -> Policy:
    quiet = document.quiet_hours
    return Policy(
        version=version,
        weekly_budget=document.weekly_budget,
        quiet_hours=QuietHours(time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)) if quiet else None,
        working_days=frozenset(_DAYS.index(day) + 1 for day in document.working_days),
        nudge_ttl_days=document.nudge_ttl_days,
    )


def _view(policy: Policy) -> PolicyView:
    quiet = policy.quiet_hours
    return PolicyView.model_validate(
        {
            "version": policy.version,
            "weekly_budget": policy.weekly_budget,
            "quiet_hours": {"start": f"{quiet.start:%H:%M}", "end": f"{quiet.end:%H:%M}"} if quiet else None,
            "working_days": [_DAYS[day - 1] for day in sorted(policy.working_days)],
            "nudge_ttl_days": policy.nudge_ttl_days,
        }
    )
