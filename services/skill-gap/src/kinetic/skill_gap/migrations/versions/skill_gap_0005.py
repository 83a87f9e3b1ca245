"""Control charts take the place of single measurements, and assessments know what is usual."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "skill_gap_0005"
down_revision = "skill_gap_0004"
branch_labels = None
depends_on = None

_ID = pg.UUID(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.drop_table("measurement")
    op.create_table(
        "kpi_chart",
        sa.Column("team_id", _ID, primary_key=True),
        sa.Column("kpi", sa.Text, primary_key=True),
        sa.Column("chart", pg.JSONB, nullable=False),
        sa.Column("slip", pg.JSONB, nullable=False),
        sa.Column("versions", pg.JSONB, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("measured_at", _MOMENT, nullable=False),
    )
    op.create_index("kpi_chart_kpi", "kpi_chart", ["kpi"])
    op.add_column("assessment", sa.Column("surge", pg.JSONB))
    op.add_column("assessment", sa.Column("surge_score", sa.Float, nullable=False, server_default="0"))
    op.create_index("assessment_competency", "assessment", ["competency"])
    op.execute(
        """UPDATE assessment SET told = jsonb_set(told, '{type}', '"kinetic.gap.ruled_out.v2"')
           WHERE told->>'type' = 'kinetic.gap.ruled_out.v1'"""
    )


def downgrade() -> None:
    """What single measurements pressed is not known any more: the table comes back empty. A verdict whose reason the
    code before does not know is forgotten.
    """
    op.execute(
        """UPDATE assessment SET told = jsonb_set(told, '{type}', '"kinetic.gap.ruled_out.v1"')
           WHERE told->>'type' = 'kinetic.gap.ruled_out.v2'
             AND told->'data'->>'reason' IN ('already_covered', 'not_required')"""
    )
    op.execute("UPDATE assessment SET told = NULL, standing = 'quiet' WHERE told->>'type' = 'kinetic.gap.ruled_out.v2'")
    op.drop_index("assessment_competency", "assessment")
    op.drop_column("assessment", "surge_score")
    op.drop_column("assessment", "surge")
    op.drop_table("kpi_chart")
    op.create_table(
        "measurement",
        sa.Column("team_id", _ID, primary_key=True),
        sa.Column("kpi", sa.Text, primary_key=True),
        sa.Column("period_start", _MOMENT, primary_key=True),
        sa.Column("period_end", _MOMENT, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("pressed", pg.JSONB, nullable=False),
        sa.Column("pressed_at", _MOMENT, nullable=False),
    )
    op.create_index("measurement_period_end", "measurement", ["period_end"])
