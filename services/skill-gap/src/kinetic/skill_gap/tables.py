"""The rows of skill-gap."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Float, Index, Integer, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlmodel import Field, SQLModel

metadata = MetaData()


class SkillGap(SQLModel):
    """Base of the service's rows."""

    metadata = metadata


class CapabilityMapRow(SkillGap, table=True):
    """A version of the capability map, whole. Old versions stay: verdicts name the version that they used."""

    __tablename__ = "capability_map"

    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    published_by: str = Field(sa_column=Column(Text, nullable=False))
    published_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class ContentRow(SkillGap, table=True):
    """What a content item teaches, as of its newest catalogue version."""

    __tablename__ = "content"

    content_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    teaches: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    valid_for_days: int | None = Field(sa_column=Column(Integer))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))


class MasteryRow(SkillGap, table=True):
    """What a person holds of a competency: the evidence, and what it came to when it was last looked at.

    `level` is null while no evidence counts; the columns after it hold until `expires_at`.
    """

    __tablename__ = "mastery"

    person_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    competency: str = Field(sa_column=Column(Text, primary_key=True))
    evidence: list[list[Any]] = Field(sa_column=Column(JSONB, nullable=False))
    start: list[Any] | None = Field(sa_column=Column(JSONB))
    level: float | None = Field(sa_column=Column(Float))
    held: float | None = Field(sa_column=Column(Float))
    stability: float | None = Field(sa_column=Column(Float))
    difficulty: float | None = Field(sa_column=Column(Float))
    as_of: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    expires_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))


class ValidationRow(SkillGap, table=True):
    """What a manager said of a competency of one of their reports. Rows are never changed."""

    __tablename__ = "validation"
    __table_args__ = (Index("validation_about", "person_id", "competency", "said_at"),)

    validation_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    person_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    competency: str = Field(sa_column=Column(Text, nullable=False))
    statement: str = Field(sa_column=Column(Text, nullable=False))
    level: float = Field(sa_column=Column(Float, nullable=False))
    level_before: float | None = Field(sa_column=Column(Float))
    reason: str | None = Field(sa_column=Column(Text))
    said_by: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    said_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    directory_version: int = Field(sa_column=Column(BigInteger, nullable=False))


class KpiChartRow(SkillGap, table=True):
    """The control chart of one KPI of one team: bounded, however many measurements came before.

    `slip` is what verdicts need of it; `score` repeats that of the slip, to be counted over all teams.
    """

    __tablename__ = "kpi_chart"
    __table_args__ = (Index("kpi_chart_kpi", "kpi"),)

    team_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    kpi: str = Field(sa_column=Column(Text, primary_key=True))
    chart: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    slip: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    versions: dict[str, int] = Field(sa_column=Column(JSONB, nullable=False))
    score: float = Field(sa_column=Column(Float, nullable=False))
    measured_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class KpiWeekRow(SkillGap, table=True):
    """What the readings of a KPI of a team came to in a week: the sum of values times cases, and of cases.

    Weeks begin on Monday and are counted from 0001-01-01, in UTC.
    """

    __tablename__ = "kpi_week"

    kpi: str = Field(sa_column=Column(Text, primary_key=True))
    team_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    week: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    total: float = Field(sa_column=Column(Float, nullable=False))
    cases: float = Field(sa_column=Column(Float, nullable=False))


class CoverageWeekRow(SkillGap, table=True):
    """What a team of several was last found to hold of a competency in a week, of what their roles require."""

    __tablename__ = "coverage_week"

    competency: str = Field(sa_column=Column(Text, primary_key=True))
    team_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    week: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    share: float = Field(sa_column=Column(Float, nullable=False))


class AssociationRow(SkillGap, table=True):
    """How a KPI goes with a competency that the map links it to, over all teams; figures are null while too few tell."""

    __tablename__ = "association"
    __table_args__ = (Index("association_due", "due_at"),)

    kpi: str = Field(sa_column=Column(Text, primary_key=True))
    competency: str = Field(sa_column=Column(Text, primary_key=True))
    teams: int = Field(sa_column=Column(Integer, nullable=False))
    weeks: int = Field(sa_column=Column(Integer, nullable=False))
    estimate: float | None = Field(sa_column=Column(Float))
    low: float | None = Field(sa_column=Column(Float))
    high: float | None = Field(sa_column=Column(Float))
    reckoned_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    due_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class VerdictRow(SkillGap, table=True):
    """What was told of a team and a competency at a moment."""

    __tablename__ = "verdict"
    __table_args__ = (
        Index("verdict_about", "team_id", "competency", "decided_at"),
        Index("verdict_gap", "gap_id"),
        Index("verdict_decided", "decided_at"),
    )

    verdict_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    team_id: str = Field(sa_column=Column(UUID(as_uuid=False), nullable=False))
    competency: str = Field(sa_column=Column(Text, nullable=False))
    type: str = Field(sa_column=Column(Text, nullable=False))
    gap_id: str | None = Field(sa_column=Column(UUID(as_uuid=False)))
    reason: str | None = Field(sa_column=Column(Text))
    pressure: float = Field(sa_column=Column(Float, nullable=False))
    coverage: float | None = Field(sa_column=Column(Float))
    decided_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class UnmappedSignalRow(SkillGap, table=True):
    """Signals of one source and kind that no rule of the map took when they came: at least how many, and the last."""

    __tablename__ = "unmapped_signal"

    source: str = Field(sa_column=Column(Text, primary_key=True))
    kind: str = Field(sa_column=Column(Text, primary_key=True))
    seen: int = Field(sa_column=Column(BigInteger, nullable=False))
    statement: str = Field(sa_column=Column(Text, nullable=False))
    last_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class AssessmentRow(SkillGap, table=True):
    """What is known of one team and one competency: bounded, however many signals came before."""

    __tablename__ = "assessment"
    __table_args__ = (Index("assessment_due", "due_at"), Index("assessment_competency", "competency"))

    team_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    competency: str = Field(sa_column=Column(Text, primary_key=True))
    pressure: dict[str, float] = Field(sa_column=Column(JSONB, nullable=False))
    as_of: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    surge: list[Any] | None = Field(sa_column=Column(JSONB))
    surge_score: float = Field(sa_column=Column(Float, nullable=False, server_default="0"))
    standing: str = Field(sa_column=Column(Text, nullable=False))
    gap_id: str | None = Field(sa_column=Column(UUID(as_uuid=False)))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    told: dict[str, Any] | None = Field(sa_column=Column(JSONB))
    evidence: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    cause: dict[str, Any] | None = Field(sa_column=Column(JSONB))
    last_gap: list[Any] | None = Field(sa_column=Column(JSONB))
    due_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
