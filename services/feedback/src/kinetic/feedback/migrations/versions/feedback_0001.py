"""The tables of feedback."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "feedback_0001"
down_revision = None
branch_labels = ("feedback",)
depends_on = None

_ID = pg.UUID(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)
_COUNTS = (
    "nudges_accepted",
    "nudges_dismissed",
    "nudges_expired",
    "assignments_requested",
    "assignments_completed",
    "ratings",
    "rating_sum",
    "version",
)


def upgrade() -> None:
    op.create_table("content", sa.Column("content_id", _ID, primary_key=True))
    _create_outcomes()
    _create_review()
    op.create_table(
        "appraisal",
        sa.Column("content_id", _ID, primary_key=True),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in _COUNTS),
    )


def _create_outcomes() -> None:
    op.create_table(
        "nudge_outcome",
        sa.Column("nudge_id", _ID, primary_key=True),
        sa.Column("gap_id", _ID, nullable=False),
        sa.Column("team_id", _ID, nullable=False),
        sa.Column("manager_id", _ID),
        sa.Column("content_id", _ID, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("composed_at", _MOMENT),
        sa.Column("ended_at", _MOMENT),
    )
    op.create_table(
        "assignment_outcome",
        sa.Column("assignment_id", _ID, primary_key=True),
        sa.Column("nudge_id", _ID),
        sa.Column("content_id", _ID, nullable=False),
        sa.Column("person_id", _ID),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("was_requested", sa.Boolean, nullable=False),
    )
    op.create_index("assignment_outcome_nudge", "assignment_outcome", ["nudge_id"])


def _create_review() -> None:
    op.create_table(
        "review",
        sa.Column("content_id", _ID, primary_key=True),
        sa.Column("person_id", _ID, primary_key=True),
        sa.Column("review_id", _ID, nullable=False),
        sa.Column("assignment_id", _ID),
        sa.Column("rating", sa.SmallInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("reviewed_at", _MOMENT, nullable=False),
    )


def downgrade() -> None:
    for table in ("appraisal", "review", "assignment_outcome", "nudge_outcome", "content"):
        op.drop_table(table)
