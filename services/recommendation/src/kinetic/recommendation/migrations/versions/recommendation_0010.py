"""Who stands in for a manager, and until when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "recommendation_0010"
down_revision = "recommendation_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("preference", sa.Column("away_until", sa.DateTime(timezone=True)))
    op.add_column("preference", sa.Column("delegate_id", pg.UUID(as_uuid=False)))
    named = sa.text("delegate_id IS NOT NULL")
    op.create_index("preference_delegate", "preference", ["delegate_id"], postgresql_where=named)


def downgrade() -> None:
    op.drop_index("preference_delegate", "preference")
    op.drop_column("preference", "delegate_id")
    op.drop_column("preference", "away_until")
