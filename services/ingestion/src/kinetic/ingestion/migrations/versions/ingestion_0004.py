"""Integrations that write to Kafka themselves: they have types and no secret."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "ingestion_0004"
down_revision = "ingestion_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("integration", sa.Column("types", pg.ARRAY(sa.Text)))
    op.alter_column("integration", "secret", nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM integration WHERE secret IS NULL")
    op.alter_column("integration", "secret", nullable=False)
    op.drop_column("integration", "types")
