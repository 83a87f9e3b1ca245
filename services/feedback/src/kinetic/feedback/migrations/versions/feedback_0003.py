"""When a manager first looked at a nudge, and indexes to read by week and manager what they make of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "feedback_0003"
down_revision = "feedback_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("nudge_outcome", sa.Column("seen_at", sa.DateTime(timezone=True)))
    op.create_index("nudge_outcome_composed", "nudge_outcome", ["composed_at"])
    op.create_index("nudge_outcome_manager", "nudge_outcome", ["manager_id", "composed_at"])


def downgrade() -> None:
    op.drop_index("nudge_outcome_manager")
    op.drop_index("nudge_outcome_composed")
    op.drop_column("nudge_outcome", "seen_at")
