"""The tables of skill-gap."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "skill_gap_0001"
down_revision = None
branch_labels = ("skill_gap",)
depends_on = None

_ID = pg.UUID(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "capability_map",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("document", pg.JSONB, nullable=False),
        sa.Column("published_by", sa.Text, nullable=False),
        sa.Column("published_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "content",
        sa.Column("content_id", _ID, primary_key=True),
        sa.Column("teaches", pg.JSONB, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "mastery",
        sa.Column("person_id", _ID, primary_key=True),
        sa.Column("competency", sa.Text, primary_key=True),
        sa.Column("level", sa.Float, nullable=False),
        sa.Column("as_of", _MOMENT, nullable=False),
    )
    _create_assessment()


def _create_assessment() -> None:
    op.create_table(
        "assessment",
        sa.Column("team_id", _ID, primary_key=True),
        sa.Column("competency", sa.Text, primary_key=True),
        sa.Column("pressure", pg.JSONB, nullable=False),
        sa.Column("as_of", _MOMENT, nullable=False),
        sa.Column("standing", sa.Text, nullable=False),
        sa.Column("gap_id", _ID),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("told", pg.JSONB),
        sa.Column("evidence", pg.JSONB, nullable=False),
        sa.Column("cause", pg.JSONB),
        sa.Column("due_at", _MOMENT, nullable=False),
    )
    op.create_index("assessment_due", "assessment", ["due_at"])


def downgrade() -> None:
    for table in ("assessment", "mastery", "content", "capability_map"):
        op.drop_table(table)
