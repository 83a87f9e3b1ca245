"""Mastery is recomputed from evidence, managers validate it, and content may be valid for a time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "skill_gap_0004"
down_revision = "skill_gap_0003"
branch_labels = None
depends_on = None

_ID = pg.UUID(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)

# What a person was known to hold becomes one completion at that level: a memory of FSRS-6 after one good review.
_ONE_PIECE = """
    UPDATE mastery SET
        evidence = jsonb_build_array(jsonb_build_array(
            coalesce(rests_on, gen_random_uuid()), 'completed', level,
            to_char(as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'), NULL, NULL, NULL)),
        held = level, stability = 2.3065, difficulty = 2.118103970459016
"""


def upgrade() -> None:
    op.add_column("content", sa.Column("valid_for_days", sa.Integer))
    op.add_column("mastery", sa.Column("evidence", pg.JSONB))
    op.add_column("mastery", sa.Column("start", pg.JSONB))
    for column in ("held", "stability", "difficulty"):
        op.add_column("mastery", sa.Column(column, sa.Float))
    op.add_column("mastery", sa.Column("expires_at", _MOMENT))
    op.execute(_ONE_PIECE)
    op.alter_column("mastery", "evidence", nullable=False)
    op.alter_column("mastery", "level", nullable=True)
    op.drop_column("mastery", "rests_on")
    _create_validation()


def _create_validation() -> None:
    op.create_table(
        "validation",
        sa.Column("validation_id", _ID, primary_key=True),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("competency", sa.Text, nullable=False),
        sa.Column("statement", sa.Text, nullable=False),
        sa.Column("level", sa.Float, nullable=False),
        sa.Column("level_before", sa.Float),
        sa.Column("reason", sa.Text),
        sa.Column("said_by", _ID, nullable=False),
        sa.Column("said_at", _MOMENT, nullable=False),
        sa.Column("directory_version", sa.BigInteger, nullable=False),
    )
    op.create_index("validation_about", "validation", ["person_id", "competency", "said_at"])


def downgrade() -> None:
    op.drop_table("validation")
    op.add_column("mastery", sa.Column("rests_on", _ID))
    op.execute("DELETE FROM mastery WHERE level IS NULL")
    op.execute(
        """UPDATE mastery SET level = held,
               rests_on = CASE WHEN jsonb_array_length(evidence) = 1 AND start IS NULL THEN (evidence->0->>0)::uuid END"""
    )
    op.alter_column("mastery", "level", nullable=False)
    for column in ("evidence", "start", "held", "stability", "difficulty", "expires_at"):
        op.drop_column("mastery", column)
    op.drop_column("content", "valid_for_days")
