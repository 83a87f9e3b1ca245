"""Who wants no mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "recommendation_0009"
down_revision = "recommendation_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_stopped",
        sa.Column("person_id", UUID(as_uuid=False), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("mail_stopped")
