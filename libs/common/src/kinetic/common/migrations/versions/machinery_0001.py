"""The machinery: inbox, outbox, dead letters, waiting events, bootstrap."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "machinery_0001"
down_revision = None
branch_labels = ("machinery",)
depends_on = None

_ID = pg.UUID(as_uuid=False)
_NOW = sa.text("clock_timestamp()")


def _moment(name: str, default: sa.TextClause | None = None) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=default is None, server_default=default)


def upgrade() -> None:
    _create_inbox_and_outbox()
    _create_dead_letters()
    _create_waiting_and_bootstrap()


def _create_inbox_and_outbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("event_id", _ID, primary_key=True),
        sa.Column("dead", sa.Boolean, nullable=False, server_default=sa.text("false")),
        _moment("handled_at", _NOW),
    )
    op.create_index("inbox_handled_at", "inbox", ["handled_at"], postgresql_using="brin")
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("shard", sa.SmallInteger, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("headers", pg.JSONB, nullable=False),
        sa.Column("value", sa.LargeBinary),
        _moment("created_at", _NOW),
    )
    # rows live for milliseconds: vacuum by their number, not by the size of the table
    op.execute("ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)")


def _create_dead_letters() -> None:
    op.create_table(
        "dead_letter",
        sa.Column("dead_letter_id", _ID, primary_key=True),
        sa.Column("event_id", _ID),
        sa.Column("origin", sa.Text, nullable=False, unique=True),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", sa.Text),
        sa.Column("headers", pg.JSONB, nullable=False),
        sa.Column("value", sa.LargeBinary),
        sa.Column("cause", sa.Text, nullable=False),
        _moment("dead_at", _NOW),
        _moment("replayed_at"),
    )
    op.create_index("dead_letter_dead_at", "dead_letter", ["dead_at"])
    op.create_index("dead_letter_event", "dead_letter", ["event_id"])


def _create_waiting_and_bootstrap() -> None:
    op.create_table(
        "waiting",
        sa.Column("position", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("event_id", _ID, nullable=False, unique=True),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("headers", pg.JSONB, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("waits_for", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
        _moment("since", _NOW),
        _moment("due_at"),
    )
    op.create_index("waiting_key", "waiting", ["topic", "key", "position"])
    op.create_index("waiting_due", "waiting", ["due_at"])
    op.create_index("waiting_for", "waiting", ["waits_for"])
    op.create_table(
        "bootstrap",
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True),
        sa.Column("end_offset", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    for table in ("bootstrap", "waiting", "dead_letter", "outbox", "inbox"):
        op.drop_table(table)
