"""The consumer stages behind skill-gap: gaps become nudges, clicks become assignments, and all is counted."""

from __future__ import annotations

from benchmarks import records
from benchmarks.company import Company
from benchmarks.floors import assigning, counting, nudging
from benchmarks.ground import TRACE
from benchmarks.stages import Fill, Stage, know_company
from kinetic.assignment.app import create_service as create_assignment
from kinetic.assignment.domain.assignment import Assignment, State
from kinetic.assignment.store import save_assignments
from kinetic.common.database import Database
from kinetic.common.events import Cause, new_id
from kinetic.common.service import Service
from kinetic.contracts import topics
from kinetic.contracts.assignment import Origin
from kinetic.contracts.ids import EventId
from kinetic.feedback.app import create_service as create_feedback
from kinetic.recommendation.app import create_service as create_recommendation


def fill_with_company(service: Service) -> Fill:
    """The company alone."""

    async def fill(database: Database, company: Company) -> None:
        await know_company(database, service, company)

    return fill


async def fill_recommendation(database: Database, company: Company) -> None:
    """The company, attention at any hour, so that no gap is deferred, and one salt, so that both sides draw the same."""
    await know_company(database, create_recommendation(), company)
    async with database.transaction() as tx:
        await tx.execute(
            """UPDATE policy SET weekly_budget = 50, cool_down_days = 0, quiet_start = NULL, quiet_end = NULL,
                                 working_days = ARRAY[1, 2, 3, 4, 5, 6, 7], salt = 'benchmark', holdout_share = 0"""
        )


async def fill_with_requests(database: Database, company: Company) -> None:
    """The company, and assignments that the LMS was asked for: those that `records.lessons` reports about."""
    await know_company(database, create_assignment(), company)
    async with database.transaction() as tx:
        await save_assignments(tx, [_requested(lesson) for lesson in records.requests(company)])


def _requested(lesson: records.Lesson) -> Assignment:
    return Assignment(
        assignment_id=lesson.assignment_id,
        person_id=lesson.person_id,
        content_id=lesson.content_id,
        team_id=None,
        nudge_id=None,
        gap_id=None,
        assigned_by=lesson.manager_id,
        origin=Origin.CHOSEN,
        undo_until=records.NOW,
        cause=Cause(EventId(new_id()), EventId(new_id()), TRACE.format(1)),
        state=State.REQUESTED,
        version=2,
        requested_at=records.NOW,
    )


DOWNSTREAM = (
    Stage(
        "recommendation gaps",
        create_recommendation,
        topics.GAPS,
        records.gaps,
        lambda: nudging.nudge,
        """SELECT (SELECT count(*) FROM gap), (SELECT count(*) FROM gap WHERE due_at IS NULL), count(*), sum(version),
                  count(*) FILTER (WHERE state = 'withdrawn'), count(DISTINCT content_id), sum(length(offer::text))
           FROM nudge""",
        fill_recommendation,
    ),
    Stage(
        "assignment nudges",
        create_assignment,
        topics.NUDGES,
        records.clicks,
        lambda: assigning.hold,
        "SELECT count(*), sum(version) FROM assignment",
        fill_with_company(create_assignment()),
    ),
    Stage(
        "assignment learning",
        create_assignment,
        topics.LEARNING,
        records.lessons,
        lambda: assigning.advance,
        "SELECT count(*), sum(version), count(*) FILTER (WHERE state = 'completed') FROM assignment",
        fill_with_requests,
    ),
    Stage(
        "feedback nudges",
        create_feedback,
        topics.NUDGES,
        records.nudges,
        lambda: counting.nudges,
        "SELECT (SELECT sum(version) FROM nudge_outcome), (SELECT sum(nudges_accepted) FROM appraisal)",
        fill_with_company(create_feedback()),
    ),
    Stage(
        "feedback assignments",
        create_feedback,
        topics.ASSIGNMENTS,
        records.assignments,
        lambda: counting.assignments,
        """SELECT (SELECT sum(version) FROM assignment_outcome), sum(assignments_requested), sum(assignments_completed)
           FROM appraisal""",
        fill_with_company(create_feedback()),
    ),
)
