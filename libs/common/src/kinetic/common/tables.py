"""The tables that every service has in its own schema: inbox, outbox, dead letters, waiting events, bootstrap."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlmodel import Field, SQLModel

metadata = MetaData()
"""The machinery's own metadata: a service adds it to that of its tables."""

_NOW = text("clock_timestamp()")


def _moment(**arguments: Any) -> Column[Any]:
    return Column(DateTime(timezone=True), **arguments)


class Machinery(SQLModel):
    """Base of the machinery's rows."""

    metadata = metadata


class InboxRow(Machinery, table=True):
    """An event that was handled (`done`) or given up (`dead`). Kept longer than the topics keep their records."""

    __tablename__ = "inbox"
    __table_args__ = (Index("inbox_handled_at", "handled_at", postgresql_using="brin"),)

    event_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    dead: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    handled_at: datetime = Field(sa_column=_moment(nullable=False, server_default=_NOW))


class OutboxRow(Machinery, table=True):
    """An event that is told as soon as Kafka takes it. Ids are drawn under the aggregate's lock."""

    __tablename__ = "outbox"

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    shard: int = Field(sa_column=Column(SmallInteger, nullable=False))
    topic: str = Field(sa_column=Column(Text, nullable=False))
    key: str = Field(sa_column=Column(Text, nullable=False))
    headers: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    value: bytes | None = Field(sa_column=Column(LargeBinary))
    created_at: datetime = Field(sa_column=_moment(nullable=False, server_default=_NOW))


class DeadLetterRow(Machinery, table=True):
    """A record that was given up, whole, with its cause. Swept after seven days."""

    __tablename__ = "dead_letter"
    __table_args__ = (Index("dead_letter_dead_at", "dead_at"), Index("dead_letter_event", "event_id"))

    dead_letter_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    event_id: str | None = Field(sa_column=Column(UUID(as_uuid=False)))
    origin: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    topic: str = Field(sa_column=Column(Text, nullable=False))
    key: str | None = Field(sa_column=Column(Text))
    headers: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    value: bytes | None = Field(sa_column=Column(LargeBinary))
    cause: str = Field(sa_column=Column(Text, nullable=False))
    dead_at: datetime = Field(sa_column=_moment(nullable=False, server_default=_NOW))
    replayed_at: datetime | None = Field(sa_column=_moment())


class WaitingRow(Machinery, table=True):
    """An event that waits for a directory or catalogue entry; later events of its key wait behind it."""

    __tablename__ = "waiting"
    __table_args__ = (
        Index("waiting_key", "topic", "key", "position"),
        Index("waiting_due", "due_at"),
        Index("waiting_for", "waits_for"),
    )

    position: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    event_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False, unique=True))
    topic: str = Field(sa_column=Column(Text, nullable=False))
    key: str = Field(sa_column=Column(Text, nullable=False))
    headers: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    value: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    waits_for: str = Field(sa_column=Column(Text, nullable=False))
    attempts: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default=text("0")))
    failures: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default=text("0")))
    since: datetime = Field(sa_column=_moment(nullable=False, server_default=_NOW))
    due_at: datetime | None = Field(sa_column=_moment())


class BootstrapRow(Machinery, table=True):
    """How far a compacted topic reached when the service first started: it must have read that far to begin."""

    __tablename__ = "bootstrap"

    topic: str = Field(sa_column=Column(Text, primary_key=True))
    partition: int = Field(sa_column=Column(Integer, primary_key=True))
    end_offset: int = Field(sa_column=Column(BigInteger, nullable=False))
