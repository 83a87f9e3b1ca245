"""The rows of assignment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Integer, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlmodel import Field, SQLModel

metadata = MetaData()


class Assignments(SQLModel):
    """Base of the service's rows."""

    metadata = metadata


class ContentRow(Assignments, table=True):
    """Under which ids other systems know a content item, as of its newest catalogue version."""

    __tablename__ = "content"

    content_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    external_ids: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    retired: bool = Field(sa_column=Column(Boolean, nullable=False))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))


class AssignmentRow(Assignments, table=True):
    """One content item for one learner. `due_at` is when the request is to be decided; null when nothing is."""

    __tablename__ = "assignment"
    __table_args__ = (
        Index("assignment_once", "nudge_id", "person_id", unique=True),
        Index("assignment_lesson", "person_id", "content_id"),
        Index("assignment_content", "content_id"),
        Index("assignment_due", "due_at"),
    )

    assignment_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    person_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    content_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    team_id: str | None = Field(sa_column=Column(UUID(as_uuid=False)))
    nudge_id: str | None = Field(sa_column=Column(UUID(as_uuid=False)))
    gap_id: str | None = Field(sa_column=Column(UUID(as_uuid=False)))
    assigned_by: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    origin: str = Field(sa_column=Column(Text, nullable=False))
    undo_until: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    state: str = Field(sa_column=Column(Text, nullable=False))
    reason: str | None = Field(sa_column=Column(Text))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    requested_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    due_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    cause: list[Any] = Field(sa_column=Column(JSONB, nullable=False))
