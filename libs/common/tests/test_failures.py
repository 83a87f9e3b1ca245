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
    streak = proven()
    with pytest.raises(Stopped):
        fail(streak, FAILURES_IN_A_ROW_THAT_STOP)


def test_failures_in_a_row_count_over_batches_that_were_committed() -> None:
    streak = proven()
    for _ in range(3):
        streak.begin()
        fail(streak, 5)
        streak.require_proof()
        streak.keep()
    streak.begin()
    with pytest.raises(Stopped):
        fail(streak, 5)


def test_a_pass_that_was_rolled_back_counts_for_nothing() -> None:
    streak = proven()
    for _ in range(10):
        streak.begin()
        fail(streak, 5)


def test_a_stopped_loop_heals_when_one_of_the_records_succeeds() -> None:
    """The deploy is mended, but the first record of the batch is really bad."""
    streak = proven()
    streak.begin()
    with pytest.raises(Stopped):
        fail(streak, FAILURES_IN_A_ROW_THAT_STOP)
    streak.begin()
    fail(streak, 1)
    streak.succeed()
    streak.require_proof()
    streak.keep()
    assert not streak.stopped


def test_a_stopped_loop_stays_stopped_while_nothing_succeeds() -> None:
    streak = proven()
    with pytest.raises(Stopped):
        fail(streak, FAILURES_IN_A_ROW_THAT_STOP)
    streak.begin()
    fail(streak, 3)
    with pytest.raises(Stopped):
        streak.require_proof()


def test_a_lone_failure_is_held_until_something_has_succeeded() -> None:
    streak = Streak()
    streak.begin()
    fail(streak, 1)
    with pytest.raises(Stopped):
        streak.require_proof()


def proven() -> Streak:
    streak = Streak()
    streak.begin()
    streak.succeed()
    streak.keep()
    return streak


def fail(streak: Streak, times: int) -> None:
    for _ in range(times):
        streak.fail()


def test_back_off_doubles_and_is_bounded() -> None:
    pauses = [back_off_seconds(failures) for failures in range(1, 40)]
    assert pauses[1] == 2 * pauses[0]
    assert max(pauses) == LONGEST_BACK_OFF_SECONDS
