"""Is it the event, the deploy or the outage? Pure rules for what follows a failure."""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg
from aiokafka.errors import KafkaError

from kinetic.common.database import DatabaseUnavailable

WHOLE_BATCH_ATTEMPTS = 3
FAILURES_IN_A_ROW_THAT_STOP = 20
FIRST_BACK_OFF_SECONDS = 0.1
LONGEST_BACK_OFF_SECONDS = 5.0

_OUTAGES: tuple[type[BaseException], ...] = (
    DatabaseUnavailable,
    OSError,
    TimeoutError,
    KafkaError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.TransactionRollbackError,
    asyncpg.exceptions.InsufficientResourcesError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.LockNotAvailableError,
    asyncpg.exceptions.PostgresSystemError,
    asyncpg.exceptions.ReadOnlySQLTransactionError,
    asyncpg.exceptions.IdleInTransactionSessionTimeoutError,
)


class Stopped(Exception):
    """Too many records fail in a row, or none has ever succeeded: it is not the records. Nothing is dead-lettered."""


def is_outage(error: BaseException) -> bool:
    """Whether `error` says something about the surroundings (database, broker, deadlock), not about the event."""
    # asyncpg calls a value that it cannot encode an InterfaceError too; that is the event's own fault
    return isinstance(error, _OUTAGES) and not isinstance(error, ValueError)


def back_off_seconds(failures: int) -> float:
    """How long to wait after so many failures in a row: doubling, bounded."""
    doubled: float = FIRST_BACK_OFF_SECONDS * 2.0 ** min(failures - 1, 10)
    return min(doubled, LONGEST_BACK_OFF_SECONDS)


@dataclass(slots=True)
class Streak:
    """What a loop has seen since it started: whether anything ever succeeded, and how many failed since."""

    proven: bool = False
    failures_in_a_row: int = 0

    def succeed(self) -> None:
        """A record was handled: the deploy works."""
        self.proven = True
        self.failures_in_a_row = 0

    def fail(self) -> None:
        """A record failed alone. Stopped when too many have in a row."""
        self.failures_in_a_row += 1
        if self.failures_in_a_row >= FAILURES_IN_A_ROW_THAT_STOP:
            raise Stopped(f"{self.failures_in_a_row} records failed in a row")

    def require_proof(self) -> None:
        """Stopped when no record has ever succeeded: a lone failure may be the deploy's."""
        if not self.proven:
            raise Stopped("no record has succeeded since the start")
