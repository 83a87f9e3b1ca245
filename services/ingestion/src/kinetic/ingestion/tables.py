"""The rows of ingestion."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlmodel import Field, SQLModel

metadata = MetaData()


def _moment(**arguments: Any) -> Column[Any]:
    return Column(DateTime(timezone=True), **arguments)


class Ingestion(SQLModel):
    """Base of the service's rows."""

    metadata = metadata


class IntegrationRow(Ingestion, table=True):
    """A tool that sends webhooks, or writes events of some `types` to Kafka and needs no secret.

    Two secrets are valid while one replaces the other; both are encrypted.
    """

    __tablename__ = "integration"

    integration_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    tool: str = Field(sa_column=Column(Text, nullable=False))
    name: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    rules: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    secret: bytes | None = Field(sa_column=Column(LargeBinary))
    former_secret: bytes | None = Field(sa_column=Column(LargeBinary))
    former_until: datetime | None = Field(sa_column=_moment())
    created_at: datetime = Field(sa_column=_moment(nullable=False))
    paused: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    mapping: dict[str, Any] | None = Field(sa_column=Column(JSONB))
    types: list[str] | None = Field(sa_column=Column(ARRAY(Text)))


class DeliveryRow(Ingestion, table=True):
    """What became of one of the latest deliveries of an integration, or of a test event. Nobody's address stands in it."""

    __tablename__ = "delivery"
    __table_args__ = (Index("delivery_integration", "integration_id", "delivery_id"),)

    delivery_id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    integration_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    received_at: datetime = Field(sa_column=_moment(nullable=False))
    outcome: str = Field(sa_column=Column(Text, nullable=False))
    reason: str | None = Field(sa_column=Column(Text))
    kinds: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    facts: list[dict[str, str]] = Field(sa_column=Column(JSONB, nullable=False))
    event_ids: list[str] = Field(sa_column=Column(ARRAY(UUID(as_uuid=False)), nullable=False))
    test: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))


class DeliveryCountRow(Ingestion, table=True):
    """How many deliveries of an integration had an outcome."""

    __tablename__ = "delivery_count"

    integration_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    outcome: str = Field(sa_column=Column(Text, primary_key=True))
    deliveries: int = Field(sa_column=Column(BigInteger, nullable=False))
    latest_at: datetime = Field(sa_column=_moment(nullable=False))


class ReceiptRow(Ingestion, table=True):
    """What was accepted, by a digest of who sent it and what they call it, and the events that it became."""

    __tablename__ = "receipt"
    __table_args__ = (Index("receipt_received_at", "received_at", postgresql_using="brin"),)

    digest: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    event_ids: list[str] = Field(sa_column=Column(ARRAY(UUID(as_uuid=False)), nullable=False))
    received_at: datetime = Field(sa_column=_moment(nullable=False, server_default=text("clock_timestamp()")))


class StatementRow(Ingestion, table=True):
    """A learning statement, by a digest of who sent it and its id, with a digest of what it says.

    `event_id` is the event that it became or will become, `person_id` the learner once it was told. Without a
    `fingerprint` it was taken back before it came.
    """

    __tablename__ = "statement"
    __table_args__ = (
        Index("statement_received_at", "received_at", postgresql_using="brin"),
        Index("statement_event", "event_id", postgresql_where=text("event_id IS NOT NULL")),
    )

    digest: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    fingerprint: str | None = Field(sa_column=Column(UUID(as_uuid=False)))
    event_id: str | None = Field(sa_column=Column(UUID(as_uuid=False)))
    person_id: str | None = Field(sa_column=Column(UUID(as_uuid=False)))
    voided: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    received_at: datetime = Field(sa_column=_moment(nullable=False, server_default=text("clock_timestamp()")))


class ParkingLaneRow(Ingestion, table=True):
    """A team or learner with parked events, and what the first of them waits for."""

    __tablename__ = "parking_lane"
    __table_args__ = (Index("parking_lane_waits_for", "waits_for"), Index("parking_lane_due_at", "due_at"))

    lane: str = Field(sa_column=Column(Text, primary_key=True))
    waits_for: str = Field(sa_column=Column(Text, nullable=False))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    attempts: int = Field(sa_column=Column(Integer, nullable=False))
    due_at: datetime = Field(sa_column=_moment(nullable=False))


class ParkedRow(Ingestion, table=True):
    """An accepted event that cannot be told yet. It expires after a day and is forgotten after a week."""

    __tablename__ = "parked"
    __table_args__ = (
        Index("parked_lane", "lane", "position"),
        Index("parked_accepted_at", "accepted_at"),
        Index("parked_sender", "sender", postgresql_where=text("expired_reason IS NULL")),
    )

    position: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    event_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False, unique=True))
    lane: str = Field(sa_column=Column(Text, nullable=False))
    type: str = Field(sa_column=Column(Text, nullable=False))
    occurrence: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    sender: str = Field(sa_column=Column(Text, nullable=False))
    traceparent: str | None = Field(sa_column=Column(Text))
    accepted_at: datetime = Field(sa_column=_moment(nullable=False))
    expired_reason: str | None = Field(sa_column=Column(Text))


class KpiRow(Ingestion, table=True):
    """A KPI that the capability map in force defines."""

    __tablename__ = "kpi"

    key: str = Field(sa_column=Column(Text, primary_key=True))


class MeasurementRow(Ingestion, table=True):
    """The newest version of a measurement, and the event that it became. 0 while the first is being taken."""

    __tablename__ = "measurement"
    __table_args__ = (Index("measurement_taken_at", "taken_at", postgresql_using="brin"),)

    team: str = Field(sa_column=Column(Text, primary_key=True))
    kpi: str = Field(sa_column=Column(Text, primary_key=True))
    period_start: datetime = Field(sa_column=_moment(primary_key=True))
    period_end: datetime = Field(sa_column=_moment(primary_key=True))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    event_id: str | None = Field(sa_column=Column(UUID(as_uuid=False)))
    taken_at: datetime = Field(sa_column=_moment(nullable=False, server_default=text("clock_timestamp()")))


class CatalogueFeedRow(Ingestion, table=True):
    """A feed of an LMS. Whoever reads it has moved `due_at` first; the secret is encrypted."""

    __tablename__ = "catalogue_feed"
    __table_args__ = (Index("catalogue_feed_due_at", "due_at"),)

    feed_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    system: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    url: str = Field(sa_column=Column(Text, nullable=False))
    format: str = Field(sa_column=Column(Text, nullable=False))
    every_minutes: int = Field(sa_column=Column(Integer, nullable=False))
    secret: bytes | None = Field(sa_column=Column(LargeBinary))
    etag: str | None = Field(sa_column=Column(Text))
    created_at: datetime = Field(sa_column=_moment(nullable=False))
    due_at: datetime = Field(sa_column=_moment(nullable=False))
    read_at: datetime | None = Field(sa_column=_moment())
    changed: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
    failures: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
    error: str | None = Field(sa_column=Column(Text))


class PublicationRow(Ingestion, table=True):
    """The version of the directory, of the catalogue and of the capability map that is read. Whoever changes one of them holds its row."""

    __tablename__ = "publication"

    subject: str = Field(sa_column=Column(Text, primary_key=True))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    due_at: datetime = Field(sa_column=_moment(nullable=False))


class TeamRow(Ingestion, table=True):
    """A team; `state` is the data of its newest TeamChanged."""

    __tablename__ = "team"

    team_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    slug: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    removed: bool = Field(sa_column=Column(Boolean, nullable=False))
    state: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    changed_at: datetime = Field(sa_column=_moment(nullable=False, server_default=text("clock_timestamp()")))


class PersonRow(Ingestion, table=True):
    """A person; `state` is the data of their newest PersonChanged."""

    __tablename__ = "person"
    __table_args__ = (Index("person_positions", text("(state -> 'positions')"), postgresql_using="gin"),)

    person_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    state: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    changed_at: datetime = Field(sa_column=_moment(nullable=False, server_default=text("clock_timestamp()")))


class PersonHandleRow(Ingestion, table=True):
    """How a system names a person; the system `email` names them by their address."""

    __tablename__ = "person_handle"
    __table_args__ = (Index("person_handle_person", "person_id"),)

    system: str = Field(sa_column=Column(Text, primary_key=True))
    id: str = Field(sa_column=Column(Text, primary_key=True))
    person_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))


class ScimResourceRow(Ingestion, table=True):
    """What an identity provider sent of a person or team, in its own spelling, and whether it deleted them."""

    __tablename__ = "scim_resource"

    resource_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    sent: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    deleted: bool = Field(sa_column=Column(Boolean, nullable=False))
    changed_at: datetime = Field(sa_column=_moment(nullable=False, server_default=text("clock_timestamp()")))


class ContentRow(Ingestion, table=True):
    """A content item; `state` is the data of its newest ContentChanged."""

    __tablename__ = "content"

    content_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    state: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class ContentHandleRow(Ingestion, table=True):
    """How a system names a content item."""

    __tablename__ = "content_handle"
    __table_args__ = (Index("content_handle_content", "content_id"),)

    system: str = Field(sa_column=Column(Text, primary_key=True))
    id: str = Field(sa_column=Column(Text, primary_key=True))
    content_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
