"""Integrations, receipts, parked events, directory and catalogue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "ingestion_0001"
down_revision = None
branch_labels = ("ingestion",)
depends_on = None

_ID = pg.UUID(as_uuid=False)


def _moment(name: str, *, nullable: bool = False, default: sa.TextClause | None = None) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=default)


def upgrade() -> None:
    _create_integration_and_receipt()
    _create_lanes()
    _create_parked()
    _create_publication()
    _create_entries("person")
    _create_entries("content")


def _create_integration_and_receipt() -> None:
    op.create_table(
        "integration",
        sa.Column("integration_id", _ID, primary_key=True),
        sa.Column("tool", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("rules", pg.JSONB, nullable=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("former_secret", sa.LargeBinary),
        _moment("former_until", nullable=True),
        _moment("created_at"),
    )
    op.create_table(
        "receipt",
        sa.Column("digest", _ID, primary_key=True),
        sa.Column("event_ids", pg.ARRAY(_ID), nullable=False),
        _moment("received_at", default=sa.text("clock_timestamp()")),
    )
    op.create_index("receipt_received_at", "receipt", ["received_at"], postgresql_using="brin")


def _create_lanes() -> None:
    op.create_table(
        "parking_lane",
        sa.Column("lane", sa.Text, primary_key=True),
        sa.Column("waits_for", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        _moment("due_at"),
    )
    op.create_index("parking_lane_waits_for", "parking_lane", ["waits_for"])
    op.create_index("parking_lane_due_at", "parking_lane", ["due_at"])


def _create_parked() -> None:
    op.create_table(
        "parked",
        sa.Column("position", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("event_id", _ID, nullable=False, unique=True),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("occurrence", pg.JSONB, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("traceparent", sa.Text),
        _moment("accepted_at"),
        sa.Column("expired_reason", sa.Text),
    )
    op.create_index("parked_lane", "parked", ["lane", "position"])
    op.create_index("parked_accepted_at", "parked", ["accepted_at"])
    op.create_index("parked_sender", "parked", ["sender"], postgresql_where=sa.text("expired_reason IS NULL"))


def _create_publication() -> None:
    op.create_table(
        "publication",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        _moment("due_at"),
    )
    op.execute("INSERT INTO publication SELECT name, 0, now() FROM unnest(ARRAY['directory', 'catalogue']) AS name")
    op.create_table(
        "team",
        sa.Column("team_id", _ID, primary_key=True),
        sa.Column("slug", sa.Text, nullable=False, unique=True),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.Column("state", pg.JSONB, nullable=False),
    )


def _create_entries(noun: str) -> None:
    op.create_table(
        noun,
        sa.Column(f"{noun}_id", _ID, primary_key=True),
        sa.Column("state", pg.JSONB, nullable=False),
    )
    op.create_table(
        f"{noun}_handle",
        sa.Column("system", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column(f"{noun}_id", _ID, nullable=False),
    )
    op.create_index(f"{noun}_handle_{noun}", f"{noun}_handle", [f"{noun}_id"])


def downgrade() -> None:
    for table in ("content_handle", "content", "person_handle", "person", "team", "publication"):
        op.drop_table(table)
    for table in ("parked", "parking_lane", "receipt", "integration"):
        op.drop_table(table)
