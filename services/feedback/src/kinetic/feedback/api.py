"""The HTTP doors of feedback: reviews, the appraisal of content, and what came of nudges."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from kinetic.common import outbox
from kinetic.common.auth import Principal, Role, require
from kinetic.common.database import Transaction
from kinetic.common.events import Emission, new_id
from kinetic.common.locks import lock_keys
from kinetic.common.operations import database_of
from kinetic.common.problems import Fault, Problem
from kinetic.common.web import api_router
from kinetic.contracts.feedback import Rating
from kinetic.contracts.ids import AssignmentId, ContentId, GapId, NudgeId, PersonId, ReviewId, TeamId
from kinetic.contracts.recommendation import DismissalReason, WithdrawalReason
from kinetic.directory.actors import require_person
from kinetic.directory.privacy import SMALLEST_GROUP
from kinetic.feedback import store
from kinetic.feedback.appraisals import appraise
from kinetic.feedback.domain.appraisal import Appraisal, Change
from kinetic.feedback.domain.nudges import NudgeState
from kinetic.feedback.domain.review import Review, decide_review
from kinetic.feedback.domain.tally import NOTHING

router = api_router(tags=["feedback"])

Person = Annotated[Principal, Depends(require())]
Analyst = Annotated[Principal, Depends(require(Role.LEARNING, Role.ADMIN))]

_PROGRESS = ("requested", "completed", "failed", "withdrawn", "refused", "blocked")


class ReviewRequest(BaseModel):
    """What the caller thinks of a content item."""

    model_config = ConfigDict(extra="forbid")

    content_id: UUID
    rating: Annotated[Rating, Field(strict=True)]
    assignment_id: UUID | None = Field(default=None, description="The caller's assignment of this content, if any.")


class ReviewView(BaseModel):
    """A review as it stands."""

    review_id: ReviewId
    content_id: ContentId
    assignment_id: AssignmentId | None
    rating: Rating
    version: int
    reviewed_at: datetime


class AppraisalView(BaseModel):
    """The counts of a content item since the beginning."""

    content_id: ContentId
    nudges_accepted: int
    nudges_dismissed: int
    nudges_expired: int
    assignments_requested: int
    assignments_completed: int
    ratings: int
    mean_rating: float | None = Field(description=f"Null below {SMALLEST_GROUP} ratings, so that nobody's can be told.")
    version: int


class OutcomeView(BaseModel):
    """What came of a nudge and of the assignments that it led to.

    How far these got is null when there are fewer than five, so that nobody's progress can be told.
    """

    nudge_id: NudgeId
    gap_id: GapId
    team_id: TeamId
    content_id: ContentId
    outcome: NudgeState
    reason: DismissalReason | WithdrawalReason | None
    composed_at: datetime | None
    ended_at: datetime | None
    seconds_to_act: float | None = Field(description="From composed to accepted or dismissed; null when nobody acted.")
    assigned: int = Field(description="How many people were assigned, whatever came of it.")
    requested: int | None = Field(description="For how many the LMS was asked.")
    completed: int | None
    failed: int | None
    withdrawn: int | None
    refused: int | None
    blocked: int | None


@router.post("/reviews")
async def review_content(request: Request, caller: Person, asked: ReviewRequest) -> ReviewView:
    """Rate a content item. A later review of the caller replaces the earlier; the same one again changes nothing."""
    content_id = ContentId(str(asked.content_id))
    async with database_of(request).transaction() as tx:
        wanted = await _wanted(tx, await require_person(tx, caller), asked)
        await lock_keys(tx, "content", [content_id])
        known = await store.load_review(tx, content_id, wanted.person_id)
        review = decide_review(known, wanted)
        if review is not None:
            await _tell(tx, known, review)
    return _review(review or known or wanted)


@router.get("/content/{content_id}/appraisal")
async def read_appraisal(request: Request, _: Person, content_id: UUID) -> AppraisalView:
    """How a content item is taken up, completed and rated."""
    content = ContentId(str(content_id))
    async with database_of(request).transaction() as tx:
        if not await store.is_known_content(tx, content):
            raise Problem(404, "No such content", f"The catalogue has no content {content_id}.")
        appraisals = await store.load_appraisals(tx, [content])
    return _appraisal(appraisals.get(content, Appraisal(content)))


@router.get("/outcomes")
async def list_outcomes(
    request: Request,
    _: Analyst,
    nudge_id: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[OutcomeView]:
    """The newest nudges, what came of each, and how far their assignments got."""
    async with database_of(request).transaction() as tx:
        rows = await store.outcomes(tx, str(nudge_id) if nudge_id else None, limit)
    return [_outcome(row) for row in rows]


async def _wanted(tx: Transaction, person_id: PersonId, asked: ReviewRequest) -> Review:
    """The review that is asked for. Problem 422 naming the field that refers to nothing of the caller's."""
    content_id = ContentId(str(asked.content_id))
    assignment_id = AssignmentId(str(asked.assignment_id)) if asked.assignment_id else None
    if not await store.is_known_content(tx, content_id):
        raise _refers_to_nothing("content_id", "The catalogue has no such content.")
    if assignment_id and not await store.is_assignment_of(tx, assignment_id, person_id, content_id):
        raise _refers_to_nothing("assignment_id", "You have no such assignment of this content.")
    return Review(
        review_id=ReviewId(new_id()),
        content_id=content_id,
        person_id=person_id,
        assignment_id=assignment_id,
        rating=asked.rating,
        version=1,
        reviewed_at=await tx.now(),
    )


async def _tell(tx: Transaction, known: Review | None, review: Review) -> None:
    """Save and tell the review, and the appraisal that follows from it."""
    await store.save_review(tx, review)
    (told,) = await outbox.append(tx, [Emission(review.event)])
    await appraise(tx, [Change(review.content_id, review.tally - (known.tally if known else NOTHING), told.cause)])


def _refers_to_nothing(field: str, detail: str) -> Problem:
    return Problem(422, "The review refers to nothing that exists", errors=[Fault(f"#/{field}", detail)])


def _review(review: Review) -> ReviewView:
    return ReviewView(
        review_id=review.review_id,
        content_id=review.content_id,
        assignment_id=review.assignment_id,
        rating=review.rating,
        version=review.version,
        reviewed_at=review.reviewed_at,
    )


def _appraisal(appraisal: Appraisal) -> AppraisalView:
    tally = appraisal.tally
    return AppraisalView(
        content_id=appraisal.content_id,
        nudges_accepted=tally.nudges_accepted,
        nudges_dismissed=tally.nudges_dismissed,
        nudges_expired=tally.nudges_expired,
        assignments_requested=tally.assignments_requested,
        assignments_completed=tally.assignments_completed,
        ratings=tally.ratings,
        mean_rating=tally.mean_rating if tally.ratings >= SMALLEST_GROUP else None,
        version=appraisal.version,
    )


def _outcome(row: asyncpg.Record) -> OutcomeView:
    acted = row["state"] in (NudgeState.ACCEPTED, NudgeState.DISMISSED)
    is_timed = acted and row["composed_at"] and row["ended_at"]
    seconds = (row["ended_at"] - row["composed_at"]).total_seconds() if is_timed else None
    hidden = dict.fromkeys(_PROGRESS) if row["assigned"] < SMALLEST_GROUP else {}
    return OutcomeView(**{**row, "outcome": row["state"], "seconds_to_act": seconds, **hidden})
