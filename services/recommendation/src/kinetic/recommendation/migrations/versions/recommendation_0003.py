"""Who has taken which content, what a suggestion is worth, formats and measured effects. Ratings decide nothing any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "recommendation_0003"
down_revision = "recommendation_0002"
branch_labels = None
depends_on = None

_ID = pg.UUID(as_uuid=False)
_WITHOUT_SUGGESTION = sa.text("obstacle IN ('no_content', 'not_worth_it')")
_WORTH = (("kpi_sd_hours", "48"), ("interruption_minutes", "25"))


def upgrade() -> None:
    op.create_table(
        "taken",
        sa.Column("taken_id", _ID, primary_key=True),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("content_id", _ID),
        sa.Column("stands", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("taken_person", "taken", ["person_id", "content_id"])
    op.create_index("taken_at", "taken", ["taken_at"])
    op.drop_index("gap_without_content")
    op.create_index("gap_without_suggestion", "gap", ["competency"], postgresql_where=_WITHOUT_SUGGESTION)
    op.add_column("content", sa.Column("format", sa.Text))
    op.add_column("appraisal", sa.Column("effect", pg.JSONB))
    op.drop_column("appraisal", "mean_rating")
    for name, figure in _WORTH:
        op.add_column("policy", sa.Column(name, sa.Float, nullable=False, server_default=figure))
    op.add_column("policy", sa.Column("allowed_formats", pg.ARRAY(sa.Text)))
    op.add_column("policy", sa.Column("salt", sa.Text, nullable=False, server_default=""))
    op.execute("UPDATE policy SET salt = (SELECT gen_random_uuid()::text)")


def downgrade() -> None:
    """The code before knows no gap that is not worth a nudge: it considers it again when content changes."""
    op.execute("UPDATE gap SET obstacle = 'no_content' WHERE obstacle = 'not_worth_it'")
    for name in ("salt", "allowed_formats", "interruption_minutes", "kpi_sd_hours"):
        op.drop_column("policy", name)
    op.add_column("appraisal", sa.Column("mean_rating", sa.Float))
    op.drop_column("appraisal", "effect")
    op.drop_column("content", "format")
    op.drop_index("gap_without_suggestion")
    op.create_index("gap_without_content", "gap", ["competency"], postgresql_where=sa.text("obstacle = 'no_content'"))
    op.drop_table("taken")
