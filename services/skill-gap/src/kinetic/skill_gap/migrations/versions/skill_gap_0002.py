"""Mastery knows the one learning record that it rests on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "skill_gap_0002"
down_revision = "skill_gap_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mastery", sa.Column("rests_on", pg.UUID(as_uuid=False)))


def downgrade() -> None:
    op.drop_column("mastery", "rests_on")
