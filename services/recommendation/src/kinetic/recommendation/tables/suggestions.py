"""Gaps, nudges, and what they rest on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from kinetic.recommendation.tables.base import Recommendation, id_column, moment_column

_OPEN = text("state IN ('composed', 'seen', 'snoozed')")
_WITHOUT_SUGGESTION = text("obstacle IN ('no_content', 'not_worth_it')")
_WITHOUT_ATTENTION = text("is_open AND obstacle IN ('weekly_budget', 'quiet_hours')")


class GapRow(Recommendation, table=True):
    """A gap as skill-gap last told it, and what stands between it and a nudge. Swept a month after it closed."""

    __tablename__ = "gap"
    __table_args__ = (
        Index("gap_due", "due_at"),
        Index("gap_team", "team_id"),
        Index("gap_without_suggestion", "competency", postgresql_where=_WITHOUT_SUGGESTION),
        Index("gap_without_attention", "obstacle_manager_id", postgresql_where=_WITHOUT_ATTENTION),
    )

    gap_id: str = Field(sa_column=id_column(primary_key=True))
    team_id: str = Field(sa_column=id_column(nullable=False))
    competency: str = Field(sa_column=Column(Text, nullable=False))
    is_open: bool = Field(sa_column=Column(Boolean, nullable=False))
    told: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    cause: list[str | None] = Field(sa_column=Column(JSONB, nullable=False))
    obstacle: str | None = Field(sa_column=Column(Text))
    obstacle_manager_id: str | None = Field(sa_column=id_column())
    obstacle_until: datetime | None = Field(sa_column=moment_column())
    due_at: datetime | None = Field(sa_column=moment_column())
    withheld_at: datetime | None = Field(sa_column=moment_column())
    changed_at: datetime = Field(sa_column=moment_column(nullable=False))


class NudgeRow(Recommendation, table=True):
    """One suggestion to one manager about one gap. A gap has at most one that is open."""

    __tablename__ = "nudge"
    __table_args__ = (
        Index("nudge_open", "gap_id", unique=True, postgresql_where=_OPEN),
        Index("nudge_gap", "gap_id", "composed_at"),
        Index("nudge_manager", "manager_id", "composed_at"),
        Index("nudge_expiring", "expires_at", postgresql_where=_OPEN),
        Index("nudge_content", "content_id", postgresql_where=_OPEN),
        Index("nudge_ended", "team_id", "competency", postgresql_where=text("outcome IS NOT NULL")),
        Index("nudge_dismissed", "team_id", "competency", postgresql_where=text("state = 'dismissed'")),
    )

    nudge_id: str = Field(sa_column=id_column(primary_key=True))
    gap_id: str = Field(sa_column=id_column(nullable=False))
    team_id: str = Field(sa_column=id_column(nullable=False))
    manager_id: str = Field(sa_column=id_column(nullable=False))
    competency: str = Field(sa_column=Column(Text, nullable=False))
    content_id: str = Field(sa_column=id_column(nullable=False))
    offer: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    state: str = Field(sa_column=Column(Text, nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    offered_version: int = Field(sa_column=Column(Integer, nullable=False))
    policy_version: int = Field(sa_column=Column(Integer, nullable=False))
    composed_at: datetime = Field(sa_column=moment_column(nullable=False))
    expires_at: datetime = Field(sa_column=moment_column(nullable=False))
    cause: list[str | None] = Field(sa_column=Column(JSONB, nullable=False))
    outcome: dict[str, Any] | None = Field(sa_column=Column(JSONB))
    snooze: dict[str, Any] | None = Field(sa_column=Column(JSONB))


class LeftOutRow(Recommendation, table=True):
    """Somebody whom a click assigned and who was left out after all; `reason` is null once they were not."""

    __tablename__ = "left_out"
    __table_args__ = (Index("left_out_nudge", "nudge_id"),)

    assignment_id: str = Field(sa_column=id_column(primary_key=True))
    nudge_id: str = Field(sa_column=id_column(nullable=False))
    person_id: str = Field(sa_column=id_column(nullable=False))
    reason: str | None = Field(sa_column=Column(Text))
    version: int = Field(sa_column=Column(Integer, nullable=False))


class TakenRow(Recommendation, table=True):
    """An assignment or a learning record: while it `stands`, the content is not suggested to the person."""

    __tablename__ = "taken"
    __table_args__ = (Index("taken_person", "person_id", "content_id"), Index("taken_at", "taken_at"))

    taken_id: str = Field(sa_column=id_column(primary_key=True))
    person_id: str = Field(sa_column=id_column(nullable=False))
    content_id: str | None = Field(sa_column=id_column())
    stands: bool = Field(sa_column=Column(Boolean, nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    taken_at: datetime = Field(sa_column=moment_column(nullable=False))


class ContentRow(Recommendation, table=True):
    """A content item as of its newest catalogue version. `competencies` repeats those in `teaches`, for the index."""

    __tablename__ = "content"
    __table_args__ = (Index("content_competencies", "competencies", postgresql_using="gin"),)

    content_id: str = Field(sa_column=id_column(primary_key=True))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    title: str = Field(sa_column=Column(Text, nullable=False))
    url: str = Field(sa_column=Column(Text, nullable=False))
    language: str = Field(sa_column=Column(Text, nullable=False))
    effort_minutes: int = Field(sa_column=Column(Integer, nullable=False))
    teaches: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    competencies: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    retired: bool = Field(sa_column=Column(Boolean, nullable=False))
    format: str | None = Field(sa_column=Column(Text))


class AppraisalRow(Recommendation, table=True):
    """What feedback last told of a content item."""

    __tablename__ = "appraisal"

    content_id: str = Field(sa_column=id_column(primary_key=True))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    accepted: int = Field(sa_column=Column(BigInteger, nullable=False))
    dismissed: int = Field(sa_column=Column(BigInteger, nullable=False))
    expired: int = Field(sa_column=Column(BigInteger, nullable=False))
    requested: int = Field(sa_column=Column(BigInteger, nullable=False))
    completed: int = Field(sa_column=Column(BigInteger, nullable=False))
    effect: dict[str, Any] | None = Field(sa_column=Column(JSONB))


class HoldoutDrawRow(Recommendation, table=True):
    """What the holdout has drawn for a team, a competency and a quarter. The policy of that version holds the salt."""

    __tablename__ = "holdout_draw"
    __table_args__ = (Index("holdout_draw_quarter", "quarter", "drawn_at"), Index("holdout_drawn_at", "drawn_at"))

    team_id: str = Field(sa_column=id_column(primary_key=True))
    competency: str = Field(sa_column=Column(Text, primary_key=True))
    quarter: str = Field(sa_column=Column(Text, primary_key=True))
    arm: str = Field(sa_column=Column(Text, nullable=False))
    share: float = Field(sa_column=Column(Float, nullable=False))
    policy_version: int = Field(sa_column=Column(Integer, nullable=False))
    gap_id: str = Field(sa_column=id_column(nullable=False))
    drawn_at: datetime = Field(sa_column=moment_column(nullable=False))
