"""Measurements are remembered, so that their corrections take their place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "skill_gap_0003"
down_revision = "skill_gap_0002"
branch_labels = None
depends_on = None

_ID = pg.UUID(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "measurement",
        sa.Column("team_id", _ID, primary_key=True),
        sa.Column("kpi", sa.Text, primary_key=True),
        sa.Column("period_start", _MOMENT, primary_key=True),
        sa.Column("period_end", _MOMENT, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("pressed", pg.JSONB, nullable=False),
        sa.Column("pressed_at", _MOMENT, nullable=False),
    )
    op.create_index("measurement_period_end", "measurement", ["period_end"])


def downgrade() -> None:
    op.drop_table("measurement")
