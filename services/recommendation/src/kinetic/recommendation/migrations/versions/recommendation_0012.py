"""What other services ask to be brought before managers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

revision = "recommendation_0012"
down_revision = "recommendation_0011"
branch_labels = None
depends_on = None

_NOT_ENDED = sa.text("state <> 'ended'")


def _id() -> UUID[str]:
    return UUID(as_uuid=False)


def upgrade() -> None:
    _create_notice()
    op.create_index("notice_open", "notice", ["request_id"], unique=True, postgresql_where=_NOT_ENDED)
    op.create_index("notice_request", "notice", ["request_id"])
    op.create_index("notice_asked_for", "notice", ["asked_for"])
    op.create_index("notice_team", "notice", ["team_id"], postgresql_where=_NOT_ENDED)
    op.create_index("notice_manager", "notice", ["manager_id", "composed_at"])
    op.create_index("notice_due", "notice", ["due_at"])
    op.create_index("notice_state", "notice", ["state", "changed_at"])
    op.add_column("delivery", sa.Column("notice_id", _id()))
    op.alter_column("delivery", "nudge_id", nullable=True)
    op.create_check_constraint("delivery_about", "delivery", "num_nonnulls(nudge_id, notice_id) = 1")
    op.create_index("delivery_notice", "delivery", ["notice_id", "occasion"], unique=True)


def downgrade() -> None:
    """The code before sends nudges only."""
    op.execute("DELETE FROM delivery WHERE nudge_id IS NULL")
    op.drop_index("delivery_notice", "delivery")
    op.drop_constraint("delivery_about", "delivery")
    op.alter_column("delivery", "nudge_id", nullable=False)
    op.drop_column("delivery", "notice_id")
    op.drop_table("notice")


def _create_notice() -> None:
    op.create_table(
        "notice",
        sa.Column("notice_id", _id(), primary_key=True),
        sa.Column("request_id", _id(), nullable=False),
        sa.Column("asked_for", _id(), nullable=False),
        sa.Column("team_id", _id()),
        sa.Column("told", JSONB, nullable=False),
        sa.Column("cause", JSONB, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("manager_id", _id()),
        sa.Column("hindrance", sa.Text),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("composed_at", sa.DateTime(timezone=True)),
        sa.Column("ending", sa.Text),
    )
