"""What is brought before managers besides nudges, what is sent, and where people are reached."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from kinetic.recommendation.tables.base import Recommendation, id_column, moment_column

_NOT_ENDED = text("state <> 'ended'")


class NoticeRow(Recommendation, table=True):
    """What another service asks to be brought before a manager. A request has at most one notice that has not ended.

    `asked_for` is who was named, `manager_id` before whom it stands. Swept a month after it ended.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("notice_open", "request_id", unique=True, postgresql_where=_NOT_ENDED),
        Index("notice_request", "request_id"),
        Index("notice_asked_for", "asked_for"),
        Index("notice_team", "team_id", postgresql_where=_NOT_ENDED),
        Index("notice_manager", "manager_id", "composed_at"),
        Index("notice_due", "due_at"),
        Index("notice_state", "state", "changed_at"),
    )

    notice_id: str = Field(sa_column=id_column(primary_key=True))
    request_id: str = Field(sa_column=id_column(nullable=False))
    asked_for: str = Field(sa_column=id_column(nullable=False))
    team_id: str | None = Field(sa_column=id_column())
    told: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    cause: list[str | None] = Field(sa_column=Column(JSONB, nullable=False))
    changed_at: datetime = Field(sa_column=moment_column(nullable=False))
    state: str = Field(sa_column=Column(Text, nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    manager_id: str | None = Field(sa_column=id_column())
    hindrance: str | None = Field(sa_column=Column(Text))
    due_at: datetime | None = Field(sa_column=moment_column())
    composed_at: datetime | None = Field(sa_column=moment_column())
    ending: str | None = Field(sa_column=Column(Text))


class DeliveryRow(Recommendation, table=True):
    """One time that a nudge or a notice comes before its manager, and what is known of the message: written before anything is sent.

    `due_at` is when it is sent next or, while it is being sent, when that counts as lost. One that is carried goes out with
    another. Swept a week after the nudge ended.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint("num_nonnulls(nudge_id, notice_id) = 1", name="delivery_about"),
        Index("delivery_occasion", "nudge_id", "occasion", unique=True),
        Index("delivery_notice", "notice_id", "occasion", unique=True),
        Index("delivery_due", "due_at", postgresql_where=text("standing IN ('planned', 'sending')")),
        Index("delivery_unknown", "changed_at", postgresql_where=text("standing = 'unknown'")),
        Index("delivery_manager", "manager_id"),
        Index("delivery_carried", "carried_by", postgresql_where=text("carried_by IS NOT NULL")),
        Index("delivery_changed", "changed_at"),
    )

    delivery_id: str = Field(sa_column=id_column(primary_key=True))
    nudge_id: str | None = Field(sa_column=id_column())
    notice_id: str | None = Field(sa_column=id_column())
    manager_id: str = Field(sa_column=id_column(nullable=False))
    occasion: int = Field(sa_column=Column(Integer, nullable=False))
    wanted_version: int = Field(sa_column=Column(Integer, nullable=False))
    standing: str = Field(sa_column=Column(Text, nullable=False))
    due_at: datetime = Field(sa_column=moment_column(nullable=False))
    channel: str | None = Field(sa_column=Column(Text))
    reference: dict[str, str] | None = Field(sa_column=Column(JSONB))
    shown_version: int | None = Field(sa_column=Column(Integer))
    in_doubt: bool = Field(sa_column=Column(Boolean, nullable=False))
    attempts: int = Field(sa_column=Column(Integer, nullable=False))
    trying_since: datetime | None = Field(sa_column=moment_column())
    passed: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    problem: str | None = Field(sa_column=Column(Text))
    carried_by: str | None = Field(sa_column=id_column())
    changed_at: datetime = Field(sa_column=moment_column(nullable=False))


class TeamsConversationRow(Recommendation, table=True):
    """Where Teams reaches somebody. Swept a week after the directory has known them last."""

    __tablename__ = "teams_conversation"
    __table_args__ = (Index("teams_conversation_kept", "kept_until"),)

    object_id: str = Field(sa_column=Column(Text, primary_key=True))
    conversation_id: str = Field(sa_column=Column(Text, nullable=False))
    service_url: str = Field(sa_column=Column(Text, nullable=False))
    tenant_id: str = Field(sa_column=Column(Text, nullable=False))
    kept_until: datetime = Field(sa_column=moment_column(nullable=False))


class MailStoppedRow(Recommendation, table=True):
    """Somebody who unsubscribed from mails. Until they want them again, or are erased."""

    __tablename__ = "mail_stopped"

    person_id: str = Field(sa_column=id_column(primary_key=True))
    at: datetime = Field(sa_column=moment_column(nullable=False))
