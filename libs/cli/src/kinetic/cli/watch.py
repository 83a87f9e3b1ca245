"""Follows the loop through the topics: shows what happens, and lets others wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Final

from kinetic.cli.example import Example
from kinetic.cli.narration import Names
from kinetic.cli.screen import Screen
from kinetic.cli.story import Story
from kinetic.cli.watching import follow
from kinetic.common.events import Envelope
from kinetic.contracts import topics
from kinetic.contracts.event import Event

FOLLOWED: Final = (
    topics.DIRECTORY,
    topics.CATALOGUE,
    topics.SIGNALS,
    topics.GAPS,
    topics.NUDGES,
    topics.ASSIGNMENTS,
)
_LOOK_SECONDS: Final = 0.2
_TELL_SECONDS: Final = 0.4


class Watch:
    """What was seen so far, and how to wait for more."""

    def __init__(self, example: Example, screen: Screen) -> None:
        self.story = Story()
        self.names = Names()
        self._example = example
        self._screen = screen
        self._changed = asyncio.Condition()
        self._untold: list[Envelope[Event]] = []

    async def until(self, holds: Callable[[Watch], bool], within_seconds: float | None = None) -> bool:
        """True as soon as `holds` is true of what was seen; False when that takes longer than `within_seconds`."""
        try:
            async with asyncio.timeout(within_seconds), self._changed:
                await self._changed.wait_for(lambda: holds(self))
        except TimeoutError:
            return False
        return True

    def tell_now(self) -> None:
        """Show what was read and not shown yet."""
        self._screen.tell(self._untold, self.names)
        self._untold = []

    async def follow_topics(self) -> None:
        """Read and remember at once, and show a moment's events together, until cancelled."""
        clock = asyncio.get_running_loop().time
        tell_at = clock() + _TELL_SECONDS
        async with aclosing(follow(self._example.addresses.kafka, FOLLOWED)) as batches:
            async for batch in batches:
                await self._take([event for record in batch if (event := record.event())])
                if clock() >= tell_at:
                    self.tell_now()
                    tell_at = clock() + _TELL_SECONDS

    async def _take(self, events: list[Envelope[Event]]) -> None:
        for event in events:
            self.names.learn(event.data)
            self.story = self.story.see(event)
        self._untold += events
        async with self._changed:
            self._changed.notify_all()

    async def guard_processes(self) -> None:
        """ChildDied when a process of the example ends by itself."""
        while True:
            self._example.ensure_alive()
            await asyncio.sleep(_LOOK_SECONDS)


@asynccontextmanager
async def watched(example: Example, screen: Screen) -> AsyncIterator[Watch]:
    """Watch while the block runs. The block ends at once when the watch fails or a process dies.

    Raises what ended it; a single error comes out as itself, not as a group.
    """
    watch = Watch(example, screen)
    try:
        async with asyncio.TaskGroup() as tasks:
            started = [tasks.create_task(watch.follow_topics()), tasks.create_task(watch.guard_processes())]
            yield watch
            for task in started:
                task.cancel()
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None
