"""How long what has ended is kept, where a table says nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

KEPT: Final = timedelta(days=400)
"""A year that can be compared with the one before."""

SWEPT_AT_ONCE: Final = 10_000


def first_id_of(moment: datetime) -> str:
    """The lowest UUIDv7 that is made at `moment` (RFC 9562, section 5.7): smaller ids are older, to the millisecond."""
    milliseconds = int(moment.timestamp() * 1000)
    return str(UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62))


def moment_of(made: str) -> datetime:
    """When an id that is a UUIDv7 was made, to the millisecond."""
    return datetime.fromtimestamp((UUID(made).int >> 80) / 1000, UTC)
