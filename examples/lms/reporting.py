"""Tells Kinetic what learners did: one CloudEvent per report, until it is accepted.

A report is sent under the same id, time and content however often it takes, so that Kinetic drops repetitions. The reports of one
assignment go out in their order; those of different assignments side by side. While Kinetic is away or says 503 (or while no
token can be had) the pauses grow to five seconds. A report that Kinetic calls invalid is put aside with its answer.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from examples.lms.bearer import Bearer, TokenUnavailable
from examples.lms.requests import SYSTEM
from examples.lms.store import Report, Store

SOURCE: Final = f"/{SYSTEM}"
EVENT_TYPE: Final = "kinetic.learning.report.v1"

_AT_ONCE: Final = 64
_IDLE_SECONDS: Final = 1.0
_FIRST_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 5.0
_INVALID: Final = frozenset({400, 413, 415, 422})

_logger: Final = logging.getLogger(__name__)


class NotAccepted(Exception):
    """Kinetic did not take a report now; it may later."""


class Reporter:
    """Sends what is due, wakes when told that something new was planned."""

    def __init__(
        self,
        store: Store,
        http: httpx.AsyncClient,
        ingestion_url: str,
        bearer: Bearer,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._http = http
        self._events_url = f"{ingestion_url}/events"
        self._bearer = bearer
        self._clock = clock
        self._planned = asyncio.Event()

    def wake(self) -> None:
        """Something new was planned."""
        self._planned.set()

    async def run(self) -> None:
        """Report until cancelled."""
        pause = _FIRST_PAUSE_SECONDS
        while True:
            self._planned.clear()
            try:
                if not await self.send_due():
                    await self._wait_for_work()
                pause = _FIRST_PAUSE_SECONDS
            except NotAccepted as error:
                _logger.info("reports wait %.1f s: %s", pause, error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def send_due(self) -> int:
        """Send one round of due reports; how many there were. NotAccepted when one has to be sent again."""
        due = self._store.due(self._clock(), _AT_ONCE)
        outcomes = await asyncio.gather(*map(self._send_in_order, _by_assignment(due)), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return len(due)

    async def _send_in_order(self, reports: Iterable[Report]) -> None:
        for report in reports:
            answer = await self._send(report)
            self._store.settle(report.report_id, answer, self._clock())

    async def _send(self, report: Report) -> int:
        try:
            headers = {**cloud_event_headers(report), "Authorization": f"Bearer {await self._bearer.token()}"}
            answer = await self._http.post(self._events_url, json=content_of(report), headers=headers)
        except (httpx.TransportError, TokenUnavailable) as error:
            raise NotAccepted(repr(error)) from error
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._bearer.forget()
        if answer.status_code in _INVALID:
            _logger.error("report %s is refused: %s", report.report_id, answer.text)
        elif not answer.is_success:
            raise NotAccepted(f"{self._events_url} answered {answer.status_code}")
        return answer.status_code

    async def _wait_for_work(self) -> None:
        next_due_at = self._store.next_due_at()
        idle = _IDLE_SECONDS if next_due_at is None else min(_IDLE_SECONDS, max(0.0, next_due_at - self._clock()))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._planned.wait(), idle)


def cloud_event_headers(report: Report) -> dict[str, str]:
    """CloudEvents 1.0 over HTTP, binary mode."""
    return {
        "ce-specversion": "1.0",
        "ce-id": report.report_id,
        "ce-source": SOURCE,
        "ce-type": EVENT_TYPE,
        "ce-time": _written(report.occurred_at),
    }


def content_of(report: Report) -> dict[str, Any]:
    """The data of a learning report. `registration` is the assignment's id, by which Kinetic knows what it asked for."""
    content: dict[str, Any] = {
        "person": {"system": SYSTEM, "id": report.learner_id},
        "content": {"system": SYSTEM, "id": report.course_id},
        "verb": report.verb,
        "registration": report.assignment_id,
        "occurred_at": _written(report.occurred_at),
    }
    return content if report.score is None else {**content, "score": report.score}


def _by_assignment(reports: Iterable[Report]) -> list[list[Report]]:
    grouped: dict[str, list[Report]] = defaultdict(list)
    for report in reports:
        grouped[report.assignment_id].append(report)
    return list(grouped.values())


def _written(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
