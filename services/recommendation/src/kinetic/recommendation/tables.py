"""The rows of recommendation."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Text,
    Time,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlmodel import Field, SQLModel

metadata = MetaData()

_OPEN = text("state IN ('composed', 'seen', 'snoozed')")
_WITHOUT_SUGGESTION = text("obstacle IN ('no_content', 'not_worth_it')")


def _id(**arguments: Any) -> Column[Any]:
    return Column(UUID(as_uuid=False), **arguments)


def _moment(**arguments: Any) -> Column[Any]:
    return Column(DateTime(timezone=True), **arguments)


class Recommendation(SQLModel):
    """Base of the service's rows."""

    metadata = metadata


class GapRow(Recommendation, table=True):
    """A gap as skill-gap last told it, and what stands between it and a nudge. Swept a month after it closed."""

    __tablename__ = "gap"
    __table_args__ = (
        Index("gap_due", "due_at"),
        Index("gap_team", "team_id"),
        Index("gap_without_suggestion", "competency", postgresql_where=_WITHOUT_SUGGESTION),
    )

    gap_id: str = Field(sa_column=_id(primary_key=True))
    team_id: str = Field(sa_column=_id(nullable=False))
    competency: str = Field(sa_column=Column(Text, nullable=False))
    is_open: bool = Field(sa_column=Column(Boolean, nullable=False))
    told: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    cause: list[str | None] = Field(sa_column=Column(JSONB, nullable=False))
    obstacle: str | None = Field(sa_column=Column(Text))
    obstacle_manager_id: str | None = Field(sa_column=_id())
    obstacle_until: datetime | None = Field(sa_column=_moment())
    due_at: datetime | None = Field(sa_column=_moment())
    withheld_at: datetime | None = Field(sa_column=_moment())
    changed_at: datetime = Field(sa_column=_moment(nullable=False))


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

    nudge_id: str = Field(sa_column=_id(primary_key=True))
    gap_id: str = Field(sa_column=_id(nullable=False))
    team_id: str = Field(sa_column=_id(nullable=False))
    manager_id: str = Field(sa_column=_id(nullable=False))
    competency: str = Field(sa_column=Column(Text, nullable=False))
    content_id: str = Field(sa_column=_id(nullable=False))
    offer: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    state: str = Field(sa_column=Column(Text, nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    offered_version: int = Field(sa_column=Column(Integer, nullable=False))
    policy_version: int = Field(sa_column=Column(Integer, nullable=False))
    composed_at: datetime = Field(sa_column=_moment(nullable=False))
    expires_at: datetime = Field(sa_column=_moment(nullable=False))
    cause: list[str | None] = Field(sa_column=Column(JSONB, nullable=False))
    outcome: dict[str, Any] | None = Field(sa_column=Column(JSONB))
    snooze: dict[str, Any] | None = Field(sa_column=Column(JSONB))


class DeliveryRow(Recommendation, table=True):
    """One time that a nudge comes before its manager, and what is known of the message: written before anything is sent.

    `due_at` is when it is sent next or, while it is being sent, when that counts as lost. Swept a week after the nudge ended.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index("delivery_occasion", "nudge_id", "occasion", unique=True),
        Index("delivery_due", "due_at", postgresql_where=text("standing IN ('planned', 'sending')")),
        Index("delivery_unknown", "changed_at", postgresql_where=text("standing = 'unknown'")),
        Index("delivery_manager", "manager_id"),
        Index("delivery_changed", "changed_at"),
    )

    delivery_id: str = Field(sa_column=_id(primary_key=True))
    nudge_id: str = Field(sa_column=_id(nullable=False))
    manager_id: str = Field(sa_column=_id(nullable=False))
    occasion: int = Field(sa_column=Column(Integer, nullable=False))
    wanted_version: int = Field(sa_column=Column(Integer, nullable=False))
    standing: str = Field(sa_column=Column(Text, nullable=False))
    due_at: datetime = Field(sa_column=_moment(nullable=False))
    channel: str | None = Field(sa_column=Column(Text))
    reference: dict[str, str] | None = Field(sa_column=Column(JSONB))
    shown_version: int | None = Field(sa_column=Column(Integer))
    in_doubt: bool = Field(sa_column=Column(Boolean, nullable=False))
    attempts: int = Field(sa_column=Column(Integer, nullable=False))
    trying_since: datetime | None = Field(sa_column=_moment())
    passed: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    problem: str | None = Field(sa_column=Column(Text))
    changed_at: datetime = Field(sa_column=_moment(nullable=False))


class LeftOutRow(Recommendation, table=True):
    """Somebody whom a click assigned and who was left out after all; `reason` is null once they were not."""

    __tablename__ = "left_out"
    __table_args__ = (Index("left_out_nudge", "nudge_id"),)

    assignment_id: str = Field(sa_column=_id(primary_key=True))
    nudge_id: str = Field(sa_column=_id(nullable=False))
    person_id: str = Field(sa_column=_id(nullable=False))
    reason: str | None = Field(sa_column=Column(Text))
    version: int = Field(sa_column=Column(Integer, nullable=False))


class TakenRow(Recommendation, table=True):
    """An assignment or a learning record: while it `stands`, the content is not suggested to the person."""

    __tablename__ = "taken"
    __table_args__ = (Index("taken_person", "person_id", "content_id"), Index("taken_at", "taken_at"))

    taken_id: str = Field(sa_column=_id(primary_key=True))
    person_id: str = Field(sa_column=_id(nullable=False))
    content_id: str | None = Field(sa_column=_id())
    stands: bool = Field(sa_column=Column(Boolean, nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    taken_at: datetime = Field(sa_column=_moment(nullable=False))


class TeamsConversationRow(Recommendation, table=True):
    """Where Teams reaches somebody. Swept a week after the directory has known them last."""

    __tablename__ = "teams_conversation"
    __table_args__ = (Index("teams_conversation_kept", "kept_until"),)

    object_id: str = Field(sa_column=Column(Text, primary_key=True))
    conversation_id: str = Field(sa_column=Column(Text, nullable=False))
    service_url: str = Field(sa_column=Column(Text, nullable=False))
    tenant_id: str = Field(sa_column=Column(Text, nullable=False))
    kept_until: datetime = Field(sa_column=_moment(nullable=False))


class ContentRow(Recommendation, table=True):
    """A content item as of its newest catalogue version. `competencies` repeats those in `teaches`, for the index."""

    __tablename__ = "content"
    __table_args__ = (Index("content_competencies", "competencies", postgresql_using="gin"),)

    content_id: str = Field(sa_column=_id(primary_key=True))
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

    content_id: str = Field(sa_column=_id(primary_key=True))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    accepted: int = Field(sa_column=Column(BigInteger, nullable=False))
    dismissed: int = Field(sa_column=Column(BigInteger, nullable=False))
    expired: int = Field(sa_column=Column(BigInteger, nullable=False))
    requested: int = Field(sa_column=Column(BigInteger, nullable=False))
    completed: int = Field(sa_column=Column(BigInteger, nullable=False))
    effect: dict[str, Any] | None = Field(sa_column=Column(JSONB))


class PolicyRow(Recommendation, table=True):
    """A version of the policy. Old versions stay: nudges name the version that they used."""

    __tablename__ = "policy"

    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    weekly_budget: int = Field(sa_column=Column(Integer, nullable=False))
    quiet_start: time | None = Field(sa_column=Column(Time))
    quiet_end: time | None = Field(sa_column=Column(Time))
    working_days: list[int] = Field(sa_column=Column(ARRAY(SmallInteger), nullable=False))
    nudge_ttl_days: int = Field(sa_column=Column(Integer, nullable=False))
    kpi_sd_hours: float = Field(sa_column=Column(Float, nullable=False, server_default="48"))
    interruption_minutes: float = Field(sa_column=Column(Float, nullable=False, server_default="25"))
    allowed_formats: list[str] | None = Field(sa_column=Column(ARRAY(Text)))
    salt: str = Field(sa_column=Column(Text, nullable=False, server_default=""))
    mandated_content: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'")))
    set_by: str = Field(sa_column=Column(Text, nullable=False))
    set_at: datetime = Field(sa_column=_moment(nullable=False))
    cool_down_days: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("14")))
    already_covered_days: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("90")))
    wrong_skill_days: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("365")))
    wrong_people_days: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("90")))
    bad_timing_days: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("30")))
    holdout_share: float = Field(sa_column=Column(Float, nullable=False, server_default="0.1"))
    holdout_salt: str = Field(sa_column=Column(Text, nullable=False, server_default=""))


class HoldoutDrawRow(Recommendation, table=True):
    """What the holdout has drawn for a team, a competency and a quarter. The policy of that version holds the salt."""

    __tablename__ = "holdout_draw"
    __table_args__ = (Index("holdout_draw_quarter", "quarter", "drawn_at"), Index("holdout_drawn_at", "drawn_at"))

    team_id: str = Field(sa_column=_id(primary_key=True))
    competency: str = Field(sa_column=Column(Text, primary_key=True))
    quarter: str = Field(sa_column=Column(Text, primary_key=True))
    arm: str = Field(sa_column=Column(Text, nullable=False))
    share: float = Field(sa_column=Column(Float, nullable=False))
    policy_version: int = Field(sa_column=Column(Integer, nullable=False))
    gap_id: str = Field(sa_column=_id(nullable=False))
    drawn_at: datetime = Field(sa_column=_moment(nullable=False))


class PreferenceRow(Recommendation, table=True):
    """What one manager wishes; null wishes nothing. It stays until they are erased."""

    __tablename__ = "preference"
    __table_args__ = (Index("preference_delegate", "delegate_id", postgresql_where=text("delegate_id IS NOT NULL")),)

    person_id: str = Field(sa_column=_id(primary_key=True))
    weekly_budget: int | None = Field(sa_column=Column(SmallInteger))
    quiet_start: time | None = Field(sa_column=Column(Time))
    quiet_end: time | None = Field(sa_column=Column(Time))
    working_days: list[int] | None = Field(sa_column=Column(ARRAY(SmallInteger)))
    daily_from: time | None = Field(sa_column=Column(Time))
    language: str | None = Field(sa_column=Column(Text))
    channels: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    away_until: datetime | None = Field(sa_column=_moment())
    delegate_id: str | None = Field(sa_column=_id())
    set_at: datetime = Field(sa_column=_moment(nullable=False))


class MailStoppedRow(Recommendation, table=True):
    """Somebody who unsubscribed from mails. Until they want them again, or are erased."""

    __tablename__ = "mail_stopped"

    person_id: str = Field(sa_column=_id(primary_key=True))
    at: datetime = Field(sa_column=_moment(nullable=False))
