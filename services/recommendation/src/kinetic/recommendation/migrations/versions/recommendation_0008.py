"""Where Teams reaches people: the conversation that each has with the bot."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "recommendation_0008"
down_revision = "recommendation_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "teams_conversation",
        sa.Column("object_id", sa.Text, primary_key=True),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("service_url", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("kept_until", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("teams_conversation_kept", "teams_conversation", ["kept_until"])


def downgrade() -> None:
    op.drop_table("teams_conversation")
