"""The ledger of what is sent to managers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

revision = "recommendation_0007"
down_revision = "recommendation_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_ledger()
    op.create_index("delivery_occasion", "delivery", ["nudge_id", "occasion"], unique=True)
    due = sa.text("standing IN ('planned', 'sending')")
    op.create_index("delivery_due", "delivery", ["due_at"], postgresql_where=due)
    op.create_index("delivery_unknown", "delivery", ["changed_at"], postgresql_where=sa.text("standing = 'unknown'"))
    op.create_index("delivery_manager", "delivery", ["manager_id"])
    op.create_index("delivery_changed", "delivery", ["changed_at"])


def downgrade() -> None:
    op.drop_table("delivery")


def _create_ledger() -> None:
    op.create_table(
        "delivery",
        sa.Column("delivery_id", UUID(as_uuid=False), primary_key=True),
        sa.Column("nudge_id", UUID(as_uuid=False), nullable=False),
        sa.Column("manager_id", UUID(as_uuid=False), nullable=False),
        sa.Column("occasion", sa.Integer, nullable=False),
        sa.Column("wanted_version", sa.Integer, nullable=False),
        sa.Column("standing", sa.Text, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.Text),
        sa.Column("reference", JSONB),
        sa.Column("shown_version", sa.Integer),
        sa.Column("in_doubt", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("trying_since", sa.DateTime(timezone=True)),
        sa.Column("passed", JSONB, nullable=False),
        sa.Column("problem", sa.Text),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
