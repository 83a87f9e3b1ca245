"""Waiting events count how often their handler failed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "machinery_0002"
down_revision = "machinery_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("waiting", sa.Column("failures", sa.Integer, nullable=False, server_default=sa.text("0")))


def downgrade() -> None:
    op.drop_column("waiting", "failures")
