"""A bucket of tokens for each sender."""

from __future__ import annotations

import pytest

from kinetic.ingestion.limits import RateLimit


def test_a_burst_is_let_through_and_then_the_rate() -> None:
    now = 0.0
    limit = RateLimit(2.0, burst=3, clock=lambda: now)
    assert [limit.seconds_to_wait("a") for _ in range(3)] == [0.0, 0.0, 0.0]
    assert limit.seconds_to_wait("a") == pytest.approx(0.5)
    now = 0.5
    assert limit.seconds_to_wait("a") == 0.0
    assert limit.seconds_to_wait("a") == pytest.approx(0.5)
    now = 1000.0
    assert [limit.seconds_to_wait("a") for _ in range(4)][:3] == [0.0, 0.0, 0.0]


def test_senders_do_not_share_a_bucket() -> None:
    limit = RateLimit(1.0, burst=1, clock=lambda: 0.0)
    assert limit.seconds_to_wait("a") == 0.0
    assert limit.seconds_to_wait("b") == 0.0
    assert limit.seconds_to_wait("a") > 0.0
