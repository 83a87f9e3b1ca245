"""The KPIs of the capability map, versions of measurements, and feeds of the catalogue."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "ingestion_0005"
down_revision = "ingestion_0004"
branch_labels = None
depends_on = None

_ID = pg.UUID(as_uuid=False)


def _moment(name: str, **arguments: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), **arguments)


def upgrade() -> None:
    op.create_table("kpi", sa.Column("key", sa.Text, primary_key=True))
    op.execute("INSERT INTO publication VALUES ('capabilities', 0, now())")
    op.create_table(
        "measurement",
        sa.Column("team", sa.Text, primary_key=True),
        sa.Column("kpi", sa.Text, primary_key=True),
        _moment("period_start", primary_key=True),
        _moment("period_end", primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("event_id", _ID),
        _moment("taken_at", nullable=False, server_default=sa.text("clock_timestamp()")),
    )
    op.create_index("measurement_taken_at", "measurement", ["taken_at"], postgresql_using="brin")
    _create_catalogue_feed()


def _create_catalogue_feed() -> None:
    op.create_table(
        "catalogue_feed",
        sa.Column("feed_id", _ID, primary_key=True),
        sa.Column("system", sa.Text, nullable=False, unique=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("format", sa.Text, nullable=False),
        sa.Column("every_minutes", sa.Integer, nullable=False),
        sa.Column("secret", sa.LargeBinary),
        sa.Column("etag", sa.Text),
        _moment("created_at", nullable=False),
        _moment("due_at", nullable=False),
        _moment("read_at"),
        sa.Column("changed", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("failures", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("error", sa.Text),
    )
    op.create_index("catalogue_feed_due_at", "catalogue_feed", ["due_at"])


def downgrade() -> None:
    op.drop_table("catalogue_feed")
    op.drop_table("measurement")
    op.execute("DELETE FROM publication WHERE subject = 'capabilities'")
    op.drop_table("kpi")
