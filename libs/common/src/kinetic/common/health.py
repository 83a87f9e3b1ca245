"""Liveness and readiness: whether this process makes progress, and whether it may be given work.

Neither asks after the health of a dependency. While Postgres or Kafka is away a sender must get an answer that says
when to try again; killing or hiding the process would give them a dead socket instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import orjson
from fastapi import APIRouter, Request, Response

NOT_DRAINING: Final = "not draining"


@dataclass(slots=True)
class Loop:
    """Something that must go round. It calls `beat` at least every `limit_seconds`."""

    name: str
    limit_seconds: float
    _clock: Callable[[], float]
    _beaten_at: float

    def beat(self) -> None:
        """Say that the loop made progress, or is rightly idle."""
        self._beaten_at = self._clock()

    @property
    def is_stuck(self) -> bool:
        """True when the last beat is longer ago than the limit."""
        return self._clock() - self._beaten_at > self.limit_seconds


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one of the two questions, naming what is missing."""

    question: str
    missing: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """True when nothing is missing."""
        return not self.missing


class Health:
    """What a process knows about its own progress.

    `conditions` must be met before it is ready, such as ``migrated`` and ``bootstrapped``. None is met at first.
    """

    def __init__(self, conditions: Iterable[str] = (), clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._loops: dict[str, Loop] = {}
        self._unmet: dict[str, None] = dict.fromkeys(conditions)
        self._crashed: dict[str, None] = {}
        self._draining = False

    def watch(self, name: str, limit_seconds: float) -> Loop:
        """Start to watch a loop. Registration is its first beat. ValueError when the name is taken."""
        if name in self._loops:
            raise ValueError(f"the loop {name!r} is watched already")
        loop = Loop(name, limit_seconds, self._clock, self._clock())
        self._loops[name] = loop
        return loop

    def forget(self, loop: Loop) -> None:
        """Stop watching a loop that ended as it should."""
        self._loops.pop(loop.name, None)

    def crash(self, name: str) -> None:
        """Something that must run has ended by surprise: the process is not live from now on."""
        self._crashed[name] = None

    def require(self, condition: str) -> None:
        """Be unready until the condition is met."""
        self._unmet[condition] = None

    def meet(self, condition: str) -> None:
        """Say that a condition holds now. Meeting it twice changes nothing."""
        self._unmet.pop(condition, None)

    def drain(self) -> None:
        """Be unready from now on: the process finishes what it has and takes nothing new."""
        self._draining = True

    def live(self) -> Verdict:
        """Whether every watched loop has beaten within its limit, and nothing has crashed."""
        stuck = (loop.name for loop in self._loops.values() if loop.is_stuck)
        return Verdict("live", tuple({**self._crashed, **dict.fromkeys(stuck)}))

    def ready(self) -> Verdict:
        """Whether every condition is met and the process is not draining."""
        return Verdict("ready", (*self._unmet, *((NOT_DRAINING,) if self._draining else ())))


router: Final = APIRouter(include_in_schema=False)
"""`GET /livez` and `GET /readyz`, over the `Health` in `app.state.health`."""


@router.get("/livez")
async def read_liveness(request: Request) -> Response:
    """200 while every loop makes progress, otherwise 503 naming those that do not."""
    return _answer(request.app.state.health.live())


@router.get("/readyz")
async def read_readiness(request: Request) -> Response:
    """200 when work may be sent here, otherwise 503 naming what is missing."""
    return _answer(request.app.state.health.ready())


def _answer(verdict: Verdict) -> Response:
    if verdict.is_good:
        return Response(orjson.dumps({"status": verdict.question, "missing": []}), media_type="application/json")
    document = {
        "type": f"/problems/not-{verdict.question}",
        "title": f"Not {verdict.question}",
        "status": 503,
        "missing": verdict.missing,
    }
    return Response(orjson.dumps(document), status_code=503, media_type="application/problem+json")
