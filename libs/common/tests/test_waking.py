"""A loop that waits to be woken ends when it is told to, whatever comes at the same moment."""

from __future__ import annotations

import asyncio

import pytest

from kinetic.common.waking import wait_until_woken


@pytest.mark.parametrize("turns", range(4))
async def test_a_cancellation_that_comes_together_with_the_wake_up_is_not_lost(turns: int) -> None:
    event = asyncio.Event()

    async def work() -> None:
        while True:
            event.clear()
            await wait_until_woken(event, 60)

    task = asyncio.create_task(work())
    await asyncio.sleep(0.01)
    event.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=1)
    task.cancel()
    assert done == {task}


async def test_it_returns_when_it_is_woken_and_when_nobody_wakes_it() -> None:
    event = asyncio.Event()
    await wait_until_woken(event, 0.01)
    event.set()
    async with asyncio.timeout(10):
        await wait_until_woken(event, 3600)
