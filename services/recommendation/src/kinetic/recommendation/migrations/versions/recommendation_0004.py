"""Nudges that are snoozed are open too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "recommendation_0004"
down_revision = "recommendation_0003"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('composed', 'seen', 'snoozed')")
_OPEN_BEFORE = sa.text("state IN ('composed', 'seen')")


def upgrade() -> None:
    op.add_column("nudge", sa.Column("snooze", pg.JSONB))
    _index_open(_OPEN)


def _index_open(is_open: sa.TextClause) -> None:
    for name, column in (("nudge_open", "gap_id"), ("nudge_expiring", "expires_at"), ("nudge_content", "content_id")):
        op.drop_index(name, "nudge")
        op.create_index(name, "nudge", [column], unique=name == "nudge_open", postgresql_where=is_open)


def downgrade() -> None:
    op.execute("UPDATE nudge SET state = snooze->>'before' WHERE state = 'snoozed'")
    _index_open(_OPEN_BEFORE)
    op.drop_column("nudge", "snooze")
