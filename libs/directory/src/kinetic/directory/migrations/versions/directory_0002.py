"""Since when people are gone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "directory_0002"
down_revision = "directory_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("directory_person", sa.Column("inactive_since", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("directory_person", "inactive_since")
