"""What HR has mandated, and nobody is therefore suggested."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "recommendation_0011"
down_revision = "recommendation_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    none = sa.text("'{}'")
    op.add_column("policy", sa.Column("mandated_content", pg.ARRAY(sa.Text), nullable=False, server_default=none))


def downgrade() -> None:
    op.drop_column("policy", "mandated_content")
