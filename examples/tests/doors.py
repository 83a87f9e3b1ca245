"""A door that records what it is sent and answers what a test tells it to."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import FastAPI, Request, Response


@dataclass(frozen=True)
class Received:
    """One request as it came in, and the answer it got; header names are lower case."""

    path: str
    headers: dict[str, str]
    body: bytes
    status: int


class RecordingDoor:
    """Answers with the statuses in `answers`, in order, and with 202 when none is left."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: deque[int] = deque()
        self.received: list[Received] = []
        self._arrival = asyncio.Event()
        self.app = FastAPI()
        self.app.add_api_route("/{path:path}", self._receive, methods=["POST"])

    async def has_received(self, count: int, patience_seconds: float = 30) -> None:
        """Return when `count` requests have come in. TimeoutError when they do not."""
        await self._until(lambda: len(self.received) >= count, patience_seconds)

    async def has_accepted(self, event_ids: set[str], patience_seconds: float = 30) -> None:
        """Return when every CloudEvent was answered with 202. TimeoutError when that does not happen."""

        def is_accepted() -> bool:
            return event_ids <= {r.headers["ce-id"] for r in self.received if r.status == 202}

        await self._until(is_accepted, patience_seconds)

    async def _until(self, is_so: Callable[[], bool], patience_seconds: float) -> None:
        async with asyncio.timeout(patience_seconds):
            while not is_so():
                self._arrival.clear()
                await self._arrival.wait()

    async def _receive(self, request: Request) -> Response:
        body = await request.body()
        status = self.answers.popleft() if self.answers else 202
        self.received.append(Received(request.url.path, dict(request.headers), body, status))
        self._arrival.set()
        return Response(b"{}", status, media_type="application/json")
