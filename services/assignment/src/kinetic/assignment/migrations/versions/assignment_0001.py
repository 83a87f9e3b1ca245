"""The tables of assignment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "assignment_0001"
down_revision = None
branch_labels = ("assignment",)
depends_on = None

_ID = pg.UUID(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "content",
        sa.Column("content_id", _ID, primary_key=True),
        sa.Column("external_ids", pg.JSONB, nullable=False),
        sa.Column("retired", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    _create_assignment()
    op.create_index("assignment_once", "assignment", ["nudge_id", "person_id"], unique=True)
    op.create_index("assignment_lesson", "assignment", ["person_id", "content_id"])
    op.create_index("assignment_content", "assignment", ["content_id"])
    op.create_index("assignment_due", "assignment", ["due_at"])


def _create_assignment() -> None:
    op.create_table(
        "assignment",
        sa.Column("assignment_id", _ID, primary_key=True),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("content_id", _ID, nullable=False),
        sa.Column("team_id", _ID),
        sa.Column("nudge_id", _ID),
        sa.Column("gap_id", _ID),
        sa.Column("assigned_by", _ID, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("undo_until", _MOMENT, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("requested_at", _MOMENT),
        sa.Column("due_at", _MOMENT),
        sa.Column("cause", pg.JSONB, nullable=False),
    )


def downgrade() -> None:
    for table in ("assignment", "content"):
        op.drop_table(table)
