"""The directory projection."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "directory_0001"
down_revision = None
branch_labels = ("directory",)
depends_on = None

_ID = pg.UUID(as_uuid=False)


def upgrade() -> None:
    op.create_table(
        "directory_team",
        sa.Column("team_id", _ID, primary_key=True),
        sa.Column("slug", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("manager_id", _ID),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "directory_person",
        sa.Column("person_id", _ID, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("time_zone", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("external_ids", pg.JSONB, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_index("directory_person_email", "directory_person", ["email"])
    _create_positions()
    _create_view()


def _create_positions() -> None:
    op.create_table(
        "directory_position",
        sa.Column("person_id", _ID, primary_key=True),
        sa.Column("effective_from", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("team_id", _ID),
        sa.Column("manager_id", _ID),
        sa.Column("role", sa.Text, nullable=False),
    )
    op.create_index("directory_position_team", "directory_position", ["team_id"])
    op.create_index("directory_position_manager", "directory_position", ["manager_id"])
    op.create_table(
        "directory_state",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
    )


def _create_view() -> None:
    op.execute(
        """CREATE VIEW directory_now AS
           SELECT held.person_id, held.team_id, held.manager_id, held.role
           FROM directory_position AS held JOIN directory_person AS person USING (person_id)
           WHERE person.active AND held.effective_from <= now() AND NOT EXISTS (
               SELECT FROM directory_position AS later
               WHERE later.person_id = held.person_id AND later.effective_from <= now()
                 AND later.effective_from > held.effective_from
           )"""
    )


def downgrade() -> None:
    op.execute("DROP VIEW directory_now")
    for table in ("directory_state", "directory_position", "directory_person", "directory_team"):
        op.drop_table(table)
