"""Waiting for a while to be woken."""

from __future__ import annotations

import asyncio
from contextlib import suppress


async def wait_until_woken(event: asyncio.Event, seconds: float) -> None:
    """Return when `event` is set, or after so many seconds.

    Not by `asyncio.wait_for`: before Python 3.12 it loses a cancellation that comes together with what it waits for, and
    a loop that was told to end goes on for ever.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
