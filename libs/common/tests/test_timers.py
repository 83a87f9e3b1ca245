"""Timers over aggregates: one that fails holds up no other, leaves no half effect, and is tried again later."""

from __future__ import annotations

import logging
import math
from collections.abc import Collection, Set
from unittest.mock import patch

import pytest
from prometheus_client import REGISTRY

from kinetic.common import timers
from kinetic.common.database import DatabaseUnavailable, Transaction
from kinetic.common.timers import Due, Timer, aggregate_timer
from tests.support.counting import Bench


class Notes:
    """Something is due of each of `names` until it is in the ledger; that of those in `broken` cannot be handled."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.broken: dict[str, Exception] = {}

    async def find(self, tx: Transaction, limit: int, resting: Collection[str]) -> Set[str]:
        done = {row["key"] for row in await tx.fetch("SELECT key FROM ledger")}
        return set([name for name in self.names if name not in done and name not in resting][:limit])

    async def handle(self, tx: Transaction, names: Set[str]) -> int:
        for name in sorted(names):
            await tx.execute("INSERT INTO ledger (key, number, total) VALUES ($1, 0, 0)", name)
            if name in self.broken:
                raise self.broken[name]
        return len(names)

    @property
    def timer(self) -> Timer:
        return aggregate_timer("notes", 1.0, Due("name", self.find, self.handle))


async def fire(bench: Bench, timer: Timer) -> int:
    async with bench.database.transaction() as tx:
        return await timer.fire(tx)


async def ledger(bench: Bench) -> set[str]:
    return {name for name, _, _ in await bench.ledger()}


async def test_an_aggregate_that_fails_holds_up_no_other_and_leaves_nothing_behind(bench: Bench) -> None:
    notes = Notes("a", "bad", "c")
    notes.broken["bad"] = LookupError("broken")
    assert await fire(bench, notes.timer) == 2
    assert await ledger(bench) == {"a", "c"}


async def test_aggregates_that_fail_do_not_fill_every_round(bench: Bench) -> None:
    notes = Notes("bad-1", "bad-2", "later")
    notes.broken = {"bad-1": LookupError("broken"), "bad-2": LookupError("broken")}
    timer = notes.timer
    with patch.object(timers, "ROWS_AT_ONCE", 2):
        assert [await fire(bench, timer), await fire(bench, timer)] == [0, 1]
    assert await ledger(bench) == {"later"}


async def test_an_aggregate_that_failed_rests_and_is_tried_again(bench: Bench) -> None:
    notes = Notes("bad")
    notes.broken["bad"] = LookupError("broken")
    timer = notes.timer
    assert await fire(bench, timer) == 0
    notes.broken.clear()
    assert await fire(bench, timer) == 0
    with patch.object(timers, "monotonic", lambda: math.inf):
        assert await fire(bench, timer) == 1


async def test_it_rests_longer_each_time_and_never_for_good(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    notes = Notes("bad")
    notes.broken["bad"] = LookupError("broken")
    timer, now, rests = notes.timer, 1000.0, []
    for _ in range(12):
        with caplog.at_level(logging.ERROR), patch.object(timers, "monotonic", lambda now=now: now):
            await fire(bench, timer)
        rests.append(_rest_in(caplog.records[-1]))
        now += rests[-1]
    assert rests[:4] == [1.0, 2.0, 4.0, 8.0]
    assert rests[-1] == timers.LONGEST_REST_SECONDS


async def test_what_fails_is_counted_and_logged_with_its_cause(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    notes = Notes("bad")
    notes.broken["bad"] = LookupError("a cause")
    before = REGISTRY.get_sample_value("kinetic_timers_failed_total", {"timer": "notes"}) or 0
    with caplog.at_level(logging.ERROR):
        await fire(bench, notes.timer)
    assert REGISTRY.get_sample_value("kinetic_timers_failed_total", {"timer": "notes"}) == before + 1
    assert "timer notes: name bad failed" in caplog.text
    assert "a cause" in caplog.text


async def test_an_outage_is_no_aggregates_fault(bench: Bench) -> None:
    notes = Notes("a", "b")
    notes.broken["b"] = DatabaseUnavailable("away")
    timer = notes.timer
    with pytest.raises(DatabaseUnavailable):
        await fire(bench, timer)
    assert await ledger(bench) == set()
    notes.broken.clear()
    assert await fire(bench, timer) == 2


def _rest_in(record: logging.LogRecord) -> float:
    assert isinstance(record.args, tuple)
    seconds = record.args[-1]
    assert isinstance(seconds, float)
    return seconds
