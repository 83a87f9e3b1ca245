"""What answers mean for later suggestions: how long each rests, and an index to find them by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "recommendation_0005"
down_revision = "recommendation_0004"
branch_labels = None
depends_on = None

_DAYS = {
    "cool_down_days": "14",
    "already_covered_days": "90",
    "wrong_skill_days": "365",
    "wrong_people_days": "90",
    "bad_timing_days": "30",
}


def upgrade() -> None:
    for name, days in _DAYS.items():
        op.add_column("policy", sa.Column(name, sa.Integer, nullable=False, server_default=days))
    ended = sa.text("outcome IS NOT NULL")
    op.create_index("nudge_ended", "nudge", ["team_id", "competency"], postgresql_where=ended)


def downgrade() -> None:
    op.drop_index("nudge_ended", "nudge")
    for name in _DAYS:
        op.drop_column("policy", name)
