"""The HTTP doors of assignment: where assignments stand, and taking one back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field

from kinetic.assignment import store
from kinetic.assignment.domain.assignment import Assignment, Reason, State, Step
from kinetic.assignment.domain.withdrawal import TooLate, decide_withdrawal
from kinetic.assignment.steps import take_steps
from kinetic.common.auth import Principal, Role, require
from kinetic.common.database import Transaction
from kinetic.common.locks import lock_keys
from kinetic.common.operations import database_of
from kinetic.common.problems import Problem
from kinetic.common.web import api_router
from kinetic.contracts.assignment import Origin
from kinetic.contracts.ids import AssignmentId, ContentId, NudgeId, PersonId, TeamId
from kinetic.directory import store as directory
from kinetic.directory.actors import require_actor, require_person

router = api_router(tags=["assignment"])

Person = Annotated[Principal, Depends(require())]
Manager = Annotated[Principal, Depends(require(Role.MANAGER))]


class AssignmentView(BaseModel):
    """Where one assignment stands."""

    assignment_id: AssignmentId
    person_id: PersonId
    content_id: ContentId
    team_id: TeamId | None
    nudge_id: NudgeId | None
    assigned_by: PersonId
    origin: Origin
    state: State
    reason: Reason | None = Field(description="Why it is blocked or was refused.")
    undo_until: datetime = Field(description="Until when the LMS is not asked.")
    requested_at: datetime | None = Field(description="When the LMS was asked.")
    was_requested: bool = Field(description="Whether the LMS has ever been asked.")
    version: int


@router.get("/assignments")
async def list_assignments(
    request: Request,
    caller: Person,
    nudge_id: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[AssignmentView]:
    """The newest assignments of the caller and, for a manager, of everybody who reports to them."""
    async with database_of(request).transaction() as tx:
        visible = await _visible_people(tx, caller)
        found = await store.assignments_of(tx, visible, str(nudge_id) if nudge_id else None, limit)
    return [_view(assignment) for assignment in found]


@router.get("/assignments/{assignment_id}")
async def read_assignment(request: Request, caller: Person, assignment_id: UUID) -> AssignmentView:
    """One assignment of the caller or of somebody who reports to them."""
    async with database_of(request).transaction() as tx:
        visible = await _visible_people(tx, caller)
        assignment = await store.find_assignment(tx, str(assignment_id))
    if assignment is None or assignment.person_id not in visible:
        raise _not_found(assignment_id)
    return _view(assignment)


@router.post("/assignments/{assignment_id}/withdraw")
async def withdraw_assignment(request: Request, caller: Manager, assignment_id: UUID) -> AssignmentView:
    """Take an assignment of a report back. An LMS that was asked already is told to remove it.

    409 when it is too late, 404 when the learner does not report to the caller, 503 while the directory is stale.
    A repeated withdrawal answers as the first did.
    """
    async with database_of(request).transaction() as tx:
        actor = await require_actor(tx, caller)
        assignment = await _lock_report_of(tx, actor.person_id, assignment_id)
        withdrawal = decide_withdrawal(assignment, actor.person_id, await tx.now())
        match withdrawal:
            case TooLate():
                raise Problem(409, "Too late", f"The assignment is {withdrawal.state} already.", slug="too-late")
            case Step():
                await take_steps(tx, [withdrawal])
                return _view(withdrawal.assignment)
            case None:
                return _view(assignment)


async def _lock_report_of(tx: Transaction, manager_id: PersonId, assignment_id: UUID) -> Assignment:
    """The assignment with its learner locked. Problem 404 when the learner does not report to the manager."""
    reports = await directory.reports_of(tx, manager_id)
    found = await store.find_assignment(tx, str(assignment_id))
    if found is None or found.person_id not in reports:
        raise _not_found(assignment_id)
    await lock_keys(tx, "person", [found.person_id])
    assignment = await store.load_assignment(tx, str(assignment_id))
    if assignment is None:
        raise _not_found(assignment_id)
    return assignment


async def _visible_people(tx: Transaction, caller: Principal) -> set[PersonId]:
    person_id = await require_person(tx, caller)
    reports = await directory.reports_of(tx, person_id) if Role.MANAGER in caller.roles else set()
    return {person_id, *reports}


def _not_found(assignment_id: UUID) -> Problem:
    return Problem(
        404, "No such assignment", f"You have no assignment {assignment_id}, nor has anybody who reports to you."
    )


def _view(assignment: Assignment) -> AssignmentView:
    return AssignmentView(
        assignment_id=assignment.assignment_id,
        person_id=assignment.person_id,
        content_id=assignment.content_id,
        team_id=assignment.team_id,
        nudge_id=assignment.nudge_id,
        assigned_by=assignment.assigned_by,
        origin=assignment.origin,
        state=assignment.state,
        reason=assignment.reason,
        undo_until=assignment.undo_until,
        requested_at=assignment.requested_at,
        was_requested=assignment.requested_at is not None,
        version=assignment.version,
    )
