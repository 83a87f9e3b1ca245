"""Liveness is progress, readiness is fitness for work; neither asks a dependency."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI

from kinetic.common import health
from kinetic.common.health import Health


@dataclass
class FakeClock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_a_process_without_loops_is_live() -> None:
    assert Health().live().is_good


def test_a_loop_is_live_until_its_limit_has_passed(clock: FakeClock) -> None:
    checked = Health(clock=clock)
    checked.watch("consumer", limit_seconds=30)

    clock.now += 30
    assert checked.live().is_good

    clock.now += 0.1
    assert checked.live().missing == ("consumer",)


def test_a_beat_makes_a_stuck_loop_live_again(clock: FakeClock) -> None:
    checked = Health(clock=clock)
    consumer = checked.watch("consumer", limit_seconds=30)
    clock.now += 31

    consumer.beat()

    assert checked.live().is_good


def test_one_stuck_loop_among_several_is_named(clock: FakeClock) -> None:
    checked = Health(clock=clock)
    consumer = checked.watch("consumer", limit_seconds=30)
    checked.watch("relay", limit_seconds=10)

    clock.now += 20
    consumer.beat()

    assert checked.live().missing == ("relay",)


def test_a_forgotten_loop_is_no_longer_asked_for(clock: FakeClock) -> None:
    checked = Health(clock=clock)
    checked.forget(checked.watch("migration", limit_seconds=1))

    clock.now += 60

    assert checked.live().is_good


def test_two_loops_cannot_share_a_name(clock: FakeClock) -> None:
    checked = Health(clock=clock)
    checked.watch("relay", limit_seconds=10)

    with pytest.raises(ValueError, match="relay"):
        checked.watch("relay", limit_seconds=10)


def test_a_process_is_ready_when_the_last_condition_is_met() -> None:
    checked = Health(conditions=("migrated", "bootstrapped"))
    assert checked.ready().missing == ("migrated", "bootstrapped")

    checked.meet("migrated")
    assert checked.ready().missing == ("bootstrapped",)

    checked.meet("bootstrapped")
    assert checked.ready().is_good


def test_a_condition_can_be_required_later() -> None:
    checked = Health()
    checked.require("bootstrapped")

    assert checked.ready().missing == ("bootstrapped",)


def test_a_draining_process_is_live_and_not_ready(clock: FakeClock) -> None:
    checked = Health(clock=clock)
    checked.watch("consumer", limit_seconds=30)

    checked.drain()

    assert checked.ready().missing == ("not draining",)
    assert checked.live().is_good


def test_a_stuck_loop_does_not_make_the_process_unready(clock: FakeClock) -> None:
    checked = Health(clock=clock)
    checked.watch("consumer", limit_seconds=30)

    clock.now += 31

    assert checked.ready().is_good


@pytest.fixture
async def client(clock: FakeClock) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.health = Health(conditions=("migrated",), clock=clock)
    app.state.health.watch("consumer", limit_seconds=30)
    app.include_router(health.router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://kinetic") as client:
        yield client


async def test_livez_answers_503_and_names_the_stuck_loop(client: httpx.AsyncClient, clock: FakeClock) -> None:
    assert (await client.get("/livez")).json() == {"status": "live", "missing": []}

    clock.now += 31
    answer = await client.get("/livez")

    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["missing"] == ["consumer"]


async def test_readyz_answers_503_and_names_the_unmet_condition(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["title"] == "Not ready"
    assert answer.json()["missing"] == ["migrated"]
