"""Is it the event, the deploy or the outage? Pure rules for what follows a failure."""

from __future__ import annotations

import traceback
from dataclasses import dataclass

import asyncpg
from aiokafka.errors import KafkaError

from kinetic.common.database import DatabaseUnavailable

WHOLE_BATCH_ATTEMPTS = 3
FAILURES_IN_A_ROW_THAT_STOP = 20
FIRST_BACK_OFF_SECONDS = 0.1
LONGEST_BACK_OFF_SECONDS = 5.0


class Overloaded(Exception):
    """Too much waits, for Postgres or for Kafka. Nothing was taken; whoever brought it tries again later."""


_OUTAGES: tuple[type[BaseException], ...] = (
    DatabaseUnavailable,
    Overloaded,
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


def cause_of(error: Exception) -> str:
    """What a dead letter says of the failure: what it was, and where."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({place.name}, line {place.lineno})"


def back_off_seconds(failures: int) -> float:
    """How long to wait after so many failures in a row: doubling, bounded."""
    doubled: float = FIRST_BACK_OFF_SECONDS * 2.0 ** min(failures - 1, 10)
    return min(doubled, LONGEST_BACK_OFF_SECONDS)


@dataclass(slots=True)
class Streak:
    """What a loop has seen: whether anything ever succeeded, how many failed in a row since, and whether it is stopped.

    A pass over a batch begins, counts, and is kept only when its transaction has committed: a pass that was rolled
    back has dead-lettered nothing and counts for nothing. While stopped, a pass has to show a success of its own.
    """

    proven: bool = False
    stopped: bool = False
    _carried: int = 0
    _in_a_row: int = 0
    _has_succeeded: bool = False

    def begin(self) -> None:
        """A pass over a batch begins."""
        self._in_a_row = 0 if self.stopped else self._carried
        self._has_succeeded = False

    def succeed(self) -> None:
        """A record was handled: the deploy works."""
        self.proven = self._has_succeeded = True
        self._in_a_row = 0

    def fail(self) -> None:
        """A record failed alone. Stopped when too many have in a row."""
        self._in_a_row += 1
        if self._in_a_row >= FAILURES_IN_A_ROW_THAT_STOP:
            self._stop(f"{self._in_a_row} records failed in a row")

    def require_proof(self) -> None:
        """Some records failed. Stopped when none has ever succeeded, or none does since the loop was stopped."""
        if not self.proven:
            self._stop("no record has succeeded since the start")
        if self.stopped and not self._has_succeeded:
            self._stop("no record succeeds")

    def keep(self) -> None:
        """The pass was committed."""
        self._carried, self.stopped = self._in_a_row, False

    def _stop(self, why: str) -> None:
        self.stopped = True
        raise Stopped(why)
