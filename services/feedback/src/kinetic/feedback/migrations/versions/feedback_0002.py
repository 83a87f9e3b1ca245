"""What the holdout has drawn, and to which team and gap an assignment belongs that no nudge led to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "feedback_0002"
down_revision = "feedback_0001"
branch_labels = None
depends_on = None

_ID = pg.UUID(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("assignment_outcome", sa.Column("team_id", _ID))
    op.add_column("assignment_outcome", sa.Column("gap_id", _ID))
    op.create_table(
        "holdout_draw",
        sa.Column("team_id", _ID, primary_key=True),
        sa.Column("competency", sa.Text, primary_key=True),
        sa.Column("quarter", sa.Text, primary_key=True),
        sa.Column("arm", sa.Text, nullable=False),
        sa.Column("share", sa.Float, nullable=False),
        sa.Column("policy_version", sa.Integer, nullable=False),
        sa.Column("drawn_at", _MOMENT, nullable=False),
    )
    op.create_index("holdout_drawn_at", "holdout_draw", ["drawn_at"])
    op.create_table(
        "withheld",
        sa.Column("gap_id", _ID, primary_key=True),
        sa.Column("team_id", _ID, nullable=False),
        sa.Column("competency", sa.Text, nullable=False),
        sa.Column("quarter", sa.Text, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("withheld_at", _MOMENT, nullable=False),
    )
    op.create_index("withheld_unit", "withheld", ["team_id", "competency", "quarter"])
    op.create_index("withheld_at", "withheld", ["withheld_at"])


def downgrade() -> None:
    op.drop_table("withheld")
    op.drop_table("holdout_draw")
    op.drop_column("assignment_outcome", "gap_id")
    op.drop_column("assignment_outcome", "team_id")
