"""The rows of feedback."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Float, Index, Integer, MetaData, SmallInteger, Text
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
    """The newest state of one nudge. What managers make of theirs, week by week, is read from it."""

    __tablename__ = "nudge_outcome"
    __table_args__ = (
        Index("nudge_outcome_composed", "composed_at"),
        Index("nudge_outcome_manager", "manager_id", "composed_at"),
    )

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
    seen_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))


class AssignmentOutcomeRow(Feedback, table=True):
    """The newest state of one assignment. `person_id` only serves to know whose review it may carry.

    `team_id` and `gap_id` say in which draw of the holdout an assignment counts that no nudge led to.
    """

    __tablename__ = "assignment_outcome"
    __table_args__ = (Index("assignment_outcome_nudge", "nudge_id"),)

    assignment_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    nudge_id: str | None = Field(sa_column=Column(UUID(as_uuid=False)))
    content_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    person_id: str | None = Field(sa_column=Column(UUID(as_uuid=False)))
    state: str = Field(sa_column=Column(Text, nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    was_requested: bool = Field(sa_column=Column(Boolean, nullable=False))
    team_id: str | None = Field(sa_column=Column(UUID(as_uuid=False)))
    gap_id: str | None = Field(sa_column=Column(UUID(as_uuid=False)))


class HoldoutDrawRow(Feedback, table=True):
    """What the holdout has drawn for a team, a competency and a quarter, in both arms: what effects are analysed by."""

    __tablename__ = "holdout_draw"
    __table_args__ = (Index("holdout_drawn_at", "drawn_at"),)

    team_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    competency: str = Field(sa_column=Column(Text, primary_key=True))
    quarter: str = Field(sa_column=Column(Text, primary_key=True))
    arm: str = Field(sa_column=Column(Text, nullable=False))
    share: float = Field(sa_column=Column(Float, nullable=False))
    policy_version: int = Field(sa_column=Column(Integer, nullable=False))
    drawn_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class WithheldRow(Feedback, table=True):
    """A gap about which no manager was nudged."""

    __tablename__ = "withheld"
    __table_args__ = (Index("withheld_unit", "team_id", "competency", "quarter"), Index("withheld_at", "withheld_at"))

    gap_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    team_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    competency: str = Field(sa_column=Column(Text, nullable=False))
    quarter: str = Field(sa_column=Column(Text, nullable=False))
    until: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    withheld_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


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
