"""What the capability map does not know is kept, so that somebody can teach it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "skill_gap_0007"
down_revision = "skill_gap_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unmapped_signal",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("seen", sa.BigInteger, nullable=False),
        sa.Column("statement", sa.Text, nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("unmapped_signal")
