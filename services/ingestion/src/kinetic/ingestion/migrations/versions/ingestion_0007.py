"""Deliveries that were test events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "ingestion_0007"
down_revision = "ingestion_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("test", sa.Boolean, nullable=False, server_default=sa.text("false")))


def downgrade() -> None:
    op.drop_column("delivery", "test")
