"""The rows of feedback."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Integer, MetaData, SmallInteger, Text
from sqlalchemy.dialects.postgresql import UUID
from sqlmodel import Field, SQLModel

metadata = MetaData()


def _count() -> Column[int]:
    return Column(BigInteger, nullable=False)


class Feedback(SQLModel):
    """Base of the service's rows."""

    metadata = metadata


class ContentRow(Feedback, table=True):
    """A content item that the catalogue has told of."""

    __tablename__ = "content"

    content_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))


class NudgeOutcomeRow(Feedback, table=True):
    """The newest state of one nudge."""

    __tablename__ = "nudge_outcome"

    nudge_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    gap_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    team_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    manager_id: str | None = Field(sa_column=Column(UUID(as_uuid=False)))
    content_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    state: str = Field(sa_column=Column(Text, nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    reason: str | None = Field(sa_column=Column(Text))
    composed_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    ended_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))


class AssignmentOutcomeRow(Feedback, table=True):
    """The newest state of one assignment. `person_id` only serves to know whose review it may carry."""

    __tablename__ = "assignment_outcome"
    __table_args__ = (Index("assignment_outcome_nudge", "nudge_id"),)

    assignment_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    nudge_id: str | None = Field(sa_column=Column(UUID(as_uuid=False)))
    content_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    person_id: str | None = Field(sa_column=Column(UUID(as_uuid=False)))
    state: str = Field(sa_column=Column(Text, nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    was_requested: bool = Field(sa_column=Column(Boolean, nullable=False))


class ReviewRow(Feedback, table=True):
    """What one person thinks of one content item."""

    __tablename__ = "review"

    content_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    person_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    review_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    assignment_id: str | None = Field(sa_column=Column(UUID(as_uuid=False)))
    rating: int = Field(sa_column=Column(SmallInteger, nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    reviewed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class AppraisalRow(Feedback, table=True):
    """The counts of one content item, as last told: the sum over its outcomes and reviews."""

    __tablename__ = "appraisal"

    content_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    nudges_accepted: int = Field(sa_column=_count())
    nudges_dismissed: int = Field(sa_column=_count())
    nudges_expired: int = Field(sa_column=_count())
    assignments_requested: int = Field(sa_column=_count())
    assignments_completed: int = Field(sa_column=_count())
    ratings: int = Field(sa_column=_count())
    rating_sum: int = Field(sa_column=_count())
    version: int = Field(sa_column=_count())
