"""The holdout: its share and salt, what it has drawn, and which gaps are told to be withheld; and what managers wish."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "recommendation_0006"
down_revision = "recommendation_0005"
branch_labels = None
depends_on = None

_ID = pg.UUID(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("policy", sa.Column("holdout_share", sa.Float, nullable=False, server_default="0.1"))
    op.add_column("policy", sa.Column("holdout_salt", sa.Text, nullable=False, server_default=""))
    op.execute("UPDATE policy SET holdout_salt = (SELECT gen_random_uuid()::text)")
    op.add_column("gap", sa.Column("withheld_at", _MOMENT))
    op.create_table(
        "holdout_draw",
        sa.Column("team_id", _ID, primary_key=True),
        sa.Column("competency", sa.Text, primary_key=True),
        sa.Column("quarter", sa.Text, primary_key=True),
        sa.Column("arm", sa.Text, nullable=False),
        sa.Column("share", sa.Float, nullable=False),
        sa.Column("policy_version", sa.Integer, nullable=False),
        sa.Column("gap_id", _ID, nullable=False),
        sa.Column("drawn_at", _MOMENT, nullable=False),
    )
    op.create_index("holdout_draw_quarter", "holdout_draw", ["quarter", "drawn_at"])
    op.create_index("holdout_drawn_at", "holdout_draw", ["drawn_at"])
    _create_preference()


def _create_preference() -> None:
    op.create_table(
        "preference",
        sa.Column("person_id", _ID, primary_key=True),
        sa.Column("weekly_budget", sa.SmallInteger),
        sa.Column("quiet_start", sa.Time),
        sa.Column("quiet_end", sa.Time),
        sa.Column("working_days", pg.ARRAY(sa.SmallInteger)),
        sa.Column("daily_from", sa.Time),
        sa.Column("language", sa.Text),
        sa.Column("channels", pg.ARRAY(sa.Text), nullable=False),
        sa.Column("set_at", _MOMENT, nullable=False),
    )


def downgrade() -> None:
    """The code before knows no gap that is withheld: it considers it again at once."""
    op.execute("UPDATE gap SET obstacle = NULL, obstacle_until = NULL, due_at = now() WHERE obstacle = 'withheld'")
    op.drop_table("preference")
    op.drop_table("holdout_draw")
    op.drop_column("gap", "withheld_at")
    for name in ("holdout_salt", "holdout_share"):
        op.drop_column("policy", name)
