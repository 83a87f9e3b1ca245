"""SCIM: what was sent of users and groups, when people and teams changed, and the members of a team."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "ingestion_0006"
down_revision = "ingestion_0005"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_NOW = sa.text("clock_timestamp()")

# Who was deleted through SCIM is there again when another door brought them back.
_PEOPLE = """
    CREATE VIEW scim_person AS
    SELECT person_id, state, sent, coalesce(deleted AND NOT (state ->> 'active')::boolean, false) AS deleted,
           greatest(person.changed_at, scim_resource.changed_at) AS changed_at
    FROM person LEFT JOIN scim_resource ON resource_id = person_id
"""


def upgrade() -> None:
    for table in ("team", "person"):
        op.add_column(table, sa.Column("changed_at", _MOMENT, nullable=False, server_default=_NOW))
    op.create_index("person_positions", "person", [sa.text("(state -> 'positions')")], postgresql_using="gin")
    op.create_table(
        "scim_resource",
        sa.Column("resource_id", pg.UUID(as_uuid=False), primary_key=True),
        sa.Column("sent", pg.JSONB, nullable=False),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False, server_default=_NOW),
    )
    op.execute(_PEOPLE)


def downgrade() -> None:
    op.execute("DROP VIEW scim_person")
    op.drop_table("scim_resource")
    op.drop_index("person_positions", "person")
    for table in ("team", "person"):
        op.drop_column(table, "changed_at")
