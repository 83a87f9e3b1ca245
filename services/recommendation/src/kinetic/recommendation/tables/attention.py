"""How often and when managers may be interrupted."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import Column, Float, Index, Integer, SmallInteger, Text, Time, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from kinetic.recommendation.tables.base import Recommendation, id_column, moment_column


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
    set_at: datetime = Field(sa_column=moment_column(nullable=False))
    cool_down_days: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("14")))
    already_covered_days: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("90")))
    wrong_skill_days: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("365")))
    wrong_people_days: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("90")))
    bad_timing_days: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("30")))
    holdout_share: float = Field(sa_column=Column(Float, nullable=False, server_default="0.1"))
    holdout_salt: str = Field(sa_column=Column(Text, nullable=False, server_default=""))


class PreferenceRow(Recommendation, table=True):
    """What one manager wishes; null wishes nothing. It stays until they are erased."""

    __tablename__ = "preference"
    __table_args__ = (Index("preference_delegate", "delegate_id", postgresql_where=text("delegate_id IS NOT NULL")),)

    person_id: str = Field(sa_column=id_column(primary_key=True))
    weekly_budget: int | None = Field(sa_column=Column(SmallInteger))
    quiet_start: time | None = Field(sa_column=Column(Time))
    quiet_end: time | None = Field(sa_column=Column(Time))
    working_days: list[int] | None = Field(sa_column=Column(ARRAY(SmallInteger)))
    daily_from: time | None = Field(sa_column=Column(Time))
    language: str | None = Field(sa_column=Column(Text))
    channels: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    away_until: datetime | None = Field(sa_column=moment_column())
    delegate_id: str | None = Field(sa_column=id_column())
    set_at: datetime = Field(sa_column=moment_column(nullable=False))
