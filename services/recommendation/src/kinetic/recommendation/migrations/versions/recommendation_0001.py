"""The tables of recommendation, and the policy to begin with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "recommendation_0001"
down_revision = None
branch_labels = ("recommendation",)
depends_on = None

_ID = pg.UUID(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)
_OPEN = sa.text("state IN ('composed', 'seen')")


def upgrade() -> None:
    _create_gap()
    _create_nudge()
    _index_nudge()
    _create_content()
    _create_appraisal()
    _create_policy()
    op.execute(
        """INSERT INTO policy VALUES
           (1, 2, '18:00', '08:00', ARRAY[1, 2, 3, 4, 5], 14, 'the first migration', clock_timestamp())"""
    )


def _create_gap() -> None:
    op.create_table(
        "gap",
        sa.Column("gap_id", _ID, primary_key=True),
        sa.Column("team_id", _ID, nullable=False),
        sa.Column("competency", sa.Text, nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("told", pg.JSONB, nullable=False),
        sa.Column("cause", pg.JSONB, nullable=False),
        sa.Column("obstacle", sa.Text),
        sa.Column("obstacle_manager_id", _ID),
        sa.Column("obstacle_until", _MOMENT),
        sa.Column("due_at", _MOMENT),
        sa.Column("changed_at", _MOMENT, nullable=False),
    )
    op.create_index("gap_due", "gap", ["due_at"])
    op.create_index("gap_team", "gap", ["team_id"])
    op.create_index("gap_without_content", "gap", ["competency"], postgresql_where=sa.text("obstacle = 'no_content'"))


def _create_nudge() -> None:
    op.create_table(
        "nudge",
        sa.Column("nudge_id", _ID, primary_key=True),
        sa.Column("gap_id", _ID, nullable=False),
        sa.Column("team_id", _ID, nullable=False),
        sa.Column("manager_id", _ID, nullable=False),
        sa.Column("competency", sa.Text, nullable=False),
        sa.Column("content_id", _ID, nullable=False),
        sa.Column("offer", pg.JSONB, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("offered_version", sa.Integer, nullable=False),
        sa.Column("policy_version", sa.Integer, nullable=False),
        sa.Column("composed_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("cause", pg.JSONB, nullable=False),
        sa.Column("outcome", pg.JSONB),
    )


def _index_nudge() -> None:
    op.create_index("nudge_open", "nudge", ["gap_id"], unique=True, postgresql_where=_OPEN)
    op.create_index("nudge_gap", "nudge", ["gap_id", "composed_at"])
    op.create_index("nudge_manager", "nudge", ["manager_id", "composed_at"])
    op.create_index("nudge_expiring", "nudge", ["expires_at"], postgresql_where=_OPEN)
    op.create_index("nudge_content", "nudge", ["content_id"], postgresql_where=_OPEN)
    op.create_index(
        "nudge_dismissed", "nudge", ["team_id", "competency"], postgresql_where=sa.text("state = 'dismissed'")
    )


def _create_content() -> None:
    op.create_table(
        "content",
        sa.Column("content_id", _ID, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("effort_minutes", sa.Integer, nullable=False),
        sa.Column("teaches", pg.JSONB, nullable=False),
        sa.Column("competencies", pg.ARRAY(sa.Text), nullable=False),
        sa.Column("retired", sa.Boolean, nullable=False),
    )
    op.create_index("content_competencies", "content", ["competencies"], postgresql_using="gin")


def _create_appraisal() -> None:
    op.create_table(
        "appraisal",
        sa.Column("content_id", _ID, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("accepted", sa.BigInteger, nullable=False),
        sa.Column("dismissed", sa.BigInteger, nullable=False),
        sa.Column("expired", sa.BigInteger, nullable=False),
        sa.Column("requested", sa.BigInteger, nullable=False),
        sa.Column("completed", sa.BigInteger, nullable=False),
        sa.Column("mean_rating", sa.Float),
    )


def _create_policy() -> None:
    op.create_table(
        "policy",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("weekly_budget", sa.Integer, nullable=False),
        sa.Column("quiet_start", sa.Time),
        sa.Column("quiet_end", sa.Time),
        sa.Column("working_days", pg.ARRAY(sa.SmallInteger), nullable=False),
        sa.Column("nudge_ttl_days", sa.Integer, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.Column("set_at", _MOMENT, nullable=False),
    )


def downgrade() -> None:
    for table in ("policy", "appraisal", "content", "nudge", "gap"):
        op.drop_table(table)
