"""The consumer stages behind skill-gap: gaps become nudges, clicks become assignments, and all is counted."""

from __future__ import annotations

from benchmarks import records
from benchmarks.company import Company
from benchmarks.floors import decisions, nudging
from benchmarks.stages import Fill, Stage, know_company
from kinetic.assignment.app import create_service as create_assignment
from kinetic.common.database import Database
from kinetic.common.service import Service
from kinetic.contracts import topics
from kinetic.feedback.app import create_service as create_feedback
from kinetic.recommendation.app import create_service as create_recommendation


def fill_with_company(service: Service) -> Fill:
    """The company alone."""

    async def fill(database: Database, company: Company) -> None:
        await know_company(database, service, company)

    return fill


async def fill_recommendation(database: Database, company: Company) -> None:
    """The company, and attention at any hour: no gap is deferred."""
    await know_company(database, create_recommendation(), company)
    async with database.transaction() as tx:
        await tx.execute(
            """UPDATE policy SET weekly_budget = 50, quiet_start = NULL, quiet_end = NULL,
                                 working_days = ARRAY[1, 2, 3, 4, 5, 6, 7]"""
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
        lambda: decisions.hold,
        "SELECT count(*), sum(version) FROM assignment",
        fill_with_company(create_assignment()),
    ),
    Stage(
        "feedback nudges",
        create_feedback,
        topics.NUDGES,
        records.nudges,
        lambda: decisions.note,
        "SELECT (SELECT sum(version) FROM nudge_outcome), (SELECT sum(nudges_accepted) FROM appraisal)",
        fill_with_company(create_feedback()),
    ),
)
