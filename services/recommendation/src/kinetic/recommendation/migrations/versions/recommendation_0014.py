"""Gaps that wait for a manager's attention are found by the manager."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "recommendation_0014"
down_revision = "recommendation_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    waiting = sa.text("is_open AND obstacle IN ('weekly_budget', 'quiet_hours')")
    op.create_index("gap_without_attention", "gap", ["obstacle_manager_id"], postgresql_where=waiting)


def downgrade() -> None:
    op.drop_index("gap_without_attention", "gap")
