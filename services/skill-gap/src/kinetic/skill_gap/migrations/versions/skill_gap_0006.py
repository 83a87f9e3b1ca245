"""Verdicts are kept one by one, so that gaps can be shown beside the numbers they answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "skill_gap_0006"
down_revision = "skill_gap_0005"
branch_labels = None
depends_on = None

_ID = pg.UUID(as_uuid=False)


def upgrade() -> None:
    op.create_table(
        "verdict",
        sa.Column("verdict_id", _ID, primary_key=True),
        sa.Column("team_id", _ID, nullable=False),
        sa.Column("competency", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("gap_id", _ID),
        sa.Column("reason", sa.Text),
        sa.Column("pressure", sa.Float, nullable=False),
        sa.Column("coverage", sa.Float),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("verdict_about", "verdict", ["team_id", "competency", "decided_at"])
    op.create_index("verdict_gap", "verdict", ["gap_id"])
    op.create_index("verdict_decided", "verdict", ["decided_at"])


def downgrade() -> None:
    op.drop_table("verdict")
