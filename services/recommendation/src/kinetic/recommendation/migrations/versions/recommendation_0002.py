"""Who was left out of accepted nudges."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "recommendation_0002"
down_revision = "recommendation_0001"
branch_labels = None
depends_on = None

_ID = pg.UUID(as_uuid=False)


def upgrade() -> None:
    op.create_table(
        "left_out",
        sa.Column("assignment_id", _ID, primary_key=True),
        sa.Column("nudge_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("left_out_nudge", "left_out", ["nudge_id"])


def downgrade() -> None:
    op.drop_table("left_out")
