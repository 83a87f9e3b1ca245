"""Learning statements, and people by the digests of their addresses."""

from __future__ import annotations

from hashlib import sha1

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "ingestion_0003"
down_revision = "ingestion_0002"
branch_labels = None
depends_on = None

_ID = pg.UUID(as_uuid=False)


def upgrade() -> None:
    op.create_table(
        "statement",
        sa.Column("digest", _ID, primary_key=True),
        sa.Column("fingerprint", _ID),
        sa.Column("event_id", _ID),
        sa.Column("person_id", _ID),
        sa.Column("voided", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column(
            "received_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")
        ),
    )
    op.create_index("statement_received_at", "statement", ["received_at"], postgresql_using="brin")
    op.create_index("statement_event", "statement", ["event_id"], postgresql_where=sa.text("event_id IS NOT NULL"))
    _add_digests()


def _add_digests() -> None:
    handle = sa.table("person_handle", sa.column("system"), sa.column("id"), sa.column("person_id", _ID))
    connection = op.get_bind()
    known = connection.execute(sa.select(handle.c.id, handle.c.person_id).where(handle.c.system == "email")).all()
    digests = [
        {
            "system": "email:sha1",
            "id": sha1(f"mailto:{email}".encode(), usedforsecurity=False).hexdigest(),
            "person_id": person_id,
        }
        for email, person_id in known
    ]
    if digests:
        connection.execute(sa.insert(handle), digests)


def downgrade() -> None:
    op.execute("DELETE FROM person_handle WHERE system = 'email:sha1'")
    op.drop_table("statement")
