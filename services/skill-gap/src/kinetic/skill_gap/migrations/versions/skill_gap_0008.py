"""Weeks of KPIs and of coverage are kept, and how they go together; assessments know the gap that opened last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "skill_gap_0008"
down_revision = "skill_gap_0007"
branch_labels = None
depends_on = None

_ID = pg.UUID(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_weeks()
    _create_association()
    op.add_column("assessment", sa.Column("last_gap", pg.JSONB))


def _create_weeks() -> None:
    op.create_table(
        "kpi_week",
        sa.Column("kpi", sa.Text, primary_key=True),
        sa.Column("team_id", _ID, primary_key=True),
        sa.Column("week", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("total", sa.Float, nullable=False),
        sa.Column("cases", sa.Float, nullable=False),
    )
    op.create_table(
        "coverage_week",
        sa.Column("competency", sa.Text, primary_key=True),
        sa.Column("team_id", _ID, primary_key=True),
        sa.Column("week", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("share", sa.Float, nullable=False),
    )


def _create_association() -> None:
    op.create_table(
        "association",
        sa.Column("kpi", sa.Text, primary_key=True),
        sa.Column("competency", sa.Text, primary_key=True),
        sa.Column("teams", sa.Integer, nullable=False),
        sa.Column("weeks", sa.Integer, nullable=False),
        sa.Column("estimate", sa.Float),
        sa.Column("low", sa.Float),
        sa.Column("high", sa.Float),
        sa.Column("reckoned_at", _MOMENT),
        sa.Column("due_at", _MOMENT, nullable=False),
    )
    op.create_index("association_due", "association", ["due_at"])


def downgrade() -> None:
    op.drop_column("assessment", "last_gap")
    for table in ("association", "coverage_week", "kpi_week"):
        op.drop_table(table)
