"""Ids tell how old they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kinetic.common.events import new_id
from kinetic.common.retention import first_id_of, moment_of


def test_an_id_lies_between_the_first_of_its_time_and_the_first_of_later() -> None:
    before = datetime.now(UTC)
    made = new_id()
    assert first_id_of(before) <= made < first_id_of(datetime.now(UTC) + timedelta(milliseconds=1))


def test_a_moment_earlier_has_a_smaller_id() -> None:
    now = datetime.now(UTC)
    assert first_id_of(now - timedelta(milliseconds=1)) < first_id_of(now) < first_id_of(now + timedelta(days=400))


def test_an_id_tells_when_it_was_made() -> None:
    before = datetime.now(UTC)
    made = moment_of(new_id())
    assert before - timedelta(milliseconds=1) <= made <= datetime.now(UTC)
    moment = datetime(2026, 12, 31, 23, 59, 59, 999_000, UTC)
    assert moment_of(first_id_of(moment)) == moment
