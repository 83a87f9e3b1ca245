"""What all rows of recommendation have in common."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, DateTime, MetaData
from sqlalchemy.dialects.postgresql import UUID
from sqlmodel import SQLModel

metadata = MetaData()


def id_column(**arguments: Any) -> Column[Any]:
    """A UUID."""
    return Column(UUID(as_uuid=False), **arguments)


def moment_column(**arguments: Any) -> Column[Any]:
    """A point in time with its zone."""
    return Column(DateTime(timezone=True), **arguments)


class Recommendation(SQLModel):
    """Base of the service's rows."""

    metadata = metadata
