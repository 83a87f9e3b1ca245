"""The rows of the projection, in the schema of the service that keeps it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlmodel import Field, SQLModel

metadata = MetaData()


class Directory(SQLModel):
    """Base of the projection's rows."""

    metadata = metadata


class TeamRow(Directory, table=True):
    """A team as of the directory version that last changed it."""

    __tablename__ = "directory_team"

    team_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    slug: str = Field(sa_column=Column(Text, nullable=False))
    name: str = Field(sa_column=Column(Text, nullable=False))
    unit: str = Field(sa_column=Column(Text, nullable=False))
    manager_id: str | None = Field(sa_column=Column(UUID(as_uuid=False)))
    removed: bool = Field(sa_column=Column(Boolean, nullable=False))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))


class PersonRow(Directory, table=True):
    """A person as of the directory version that last changed them. Erased people have no name and no address."""

    __tablename__ = "directory_person"
    __table_args__ = (
        Index("directory_person_email", "email"),
        Index(
            "directory_person_external_ids",
            "external_ids",
            postgresql_using="gin",
            postgresql_ops={"external_ids": "jsonb_path_ops"},
        ),
    )

    person_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    name: str = Field(sa_column=Column(Text, nullable=False))
    email: str | None = Field(sa_column=Column(Text))
    time_zone: str = Field(sa_column=Column(Text, nullable=False))
    language: str = Field(sa_column=Column(Text, nullable=False))
    external_ids: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    active: bool = Field(sa_column=Column(Boolean, nullable=False))
    inactive_since: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))


class PositionRow(Directory, table=True):
    """Where a person works from a date on. The latest that is in effect counts."""

    __tablename__ = "directory_position"
    __table_args__ = (
        Index("directory_position_team", "team_id"),
        Index("directory_position_manager", "manager_id"),
    )

    person_id: str = Field(sa_column=Column(UUID(as_uuid=False), primary_key=True))
    effective_from: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    team_id: str | None = Field(sa_column=Column(UUID(as_uuid=False)))
    manager_id: str | None = Field(sa_column=Column(UUID(as_uuid=False)))
    role: str = Field(sa_column=Column(Text, nullable=False))


class DirectoryStateRow(Directory, table=True):
    """The newest heartbeat: one row, `directory`."""

    __tablename__ = "directory_state"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    confirmed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
