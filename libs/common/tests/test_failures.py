"""Whose fault is a failure?"""

from __future__ import annotations

import asyncpg
import pytest
from aiokafka.errors import KafkaConnectionError

from kinetic.common.database import DatabaseUnavailable
from kinetic.common.failures import (
    FAILURES_IN_A_ROW_THAT_STOP,
    LONGEST_BACK_OFF_SECONDS,
    Stopped,
    Streak,
    back_off_seconds,
    is_outage,
)
from tests.support.counting import BRANCHES
from tests.support.databases import Templates


@pytest.mark.parametrize(
    "error",
    [
        DatabaseUnavailable("away"),
        ConnectionResetError(),
        TimeoutError(),
        KafkaConnectionError(),
        asyncpg.DeadlockDetectedError(),
        asyncpg.AdminShutdownError(),
        asyncpg.TooManyConnectionsError(),
        asyncpg.ConnectionDoesNotExistError(),
    ],
)
def test_the_surroundings_are_never_the_events_fault(error: Exception) -> None:
    assert is_outage(error)


@pytest.mark.parametrize(
    "error",
    [
        ValueError(),
        KeyError("x"),
        asyncpg.UniqueViolationError(),
        asyncpg.NotNullViolationError(),
        asyncpg.UndefinedTableError(),
    ],
)
def test_what_an_event_causes_is_no_outage(error: Exception) -> None:
    assert not is_outage(error)


async def test_a_value_that_cannot_be_encoded_is_no_outage(templates: Templates) -> None:
    async with templates.fresh("failures", BRANCHES) as database, database.transaction() as tx:
        with pytest.raises(asyncpg.DataError) as caught:
            await tx.fetch_value("SELECT $1::int", "no number")
        assert not is_outage(caught.value)


def test_twenty_failures_in_a_row_stop_the_loop() -> None:
    streak = Streak()
    streak.succeed()
    for _ in range(FAILURES_IN_A_ROW_THAT_STOP - 1):
        streak.fail()
    with pytest.raises(Stopped):
        streak.fail()


def test_a_success_begins_the_count_again() -> None:
    streak = Streak()
    for _ in range(3):
        for _ in range(FAILURES_IN_A_ROW_THAT_STOP - 1):
            streak.fail()
        streak.succeed()
    streak.require_proof()


def test_back_off_doubles_and_is_bounded() -> None:
    pauses = [back_off_seconds(failures) for failures in range(1, 40)]
    assert pauses[1] == 2 * pauses[0]
    assert max(pauses) == LONGEST_BACK_OFF_SECONDS
