"""Integrations that can be paused, and what became of their deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "ingestion_0002"
down_revision = "ingestion_0001"
branch_labels = None
depends_on = None

_ID = pg.UUID(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("integration", sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.text("false")))
    op.add_column("integration", sa.Column("mapping", pg.JSONB))
    op.create_table(
        "delivery",
        sa.Column("delivery_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("integration_id", _ID, nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("kinds", pg.ARRAY(sa.Text), nullable=False),
        sa.Column("facts", pg.JSONB, nullable=False),
        sa.Column("event_ids", pg.ARRAY(_ID), nullable=False),
    )
    op.create_index("delivery_integration", "delivery", ["integration_id", "delivery_id"])
    op.create_table(
        "delivery_count",
        sa.Column("integration_id", _ID, primary_key=True),
        sa.Column("outcome", sa.Text, primary_key=True),
        sa.Column("deliveries", sa.BigInteger, nullable=False),
        sa.Column("latest_at", _MOMENT, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("delivery_count")
    op.drop_table("delivery")
    op.drop_column("integration", "mapping")
    op.drop_column("integration", "paused")
