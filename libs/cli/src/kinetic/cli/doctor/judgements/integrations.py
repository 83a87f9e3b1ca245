"""Do the tools deliver, and is what they deliver believed?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from kinetic.cli.doctor.finding import Finding, counted, doubtful, fine, lasting, listed, wrong

NEW: Final = timedelta(days=1)
SILENT: Final = timedelta(days=7)
_REFUSED: Final = "refused"
_TEST: Final = "test"


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one delivery, and why."""

    at: datetime
    outcome: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Integration:
    """A tool with its newest deliveries, the newest first.

    `door` is how its door answers HEAD, `topic` is where it writes; None when it has no such thing.
    """

    name: str
    tool: str
    created_at: datetime
    is_paused: bool
    deliveries: tuple[Delivered, ...]
    door: int | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed of the catalogue: of which system, and how often in a row it could not be read since, and why."""

    system: str
    failures: int
    error: str | None


def judge_integrations(integrations: Sequence[Integration], now: datetime) -> list[Finding]:
    """One finding for each integration with which something is the matter; one for all when there is none."""
    findings = [finding for one in integrations for finding in _faults(one, now)]
    if findings or not integrations:
        return findings or [_none()]
    paused = [one.name for one in integrations if one.is_paused]
    told = f"; paused: {listed(paused)}" if paused else ""
    return [fine("integrations", f"{counted(len(integrations), 'integration')} deliver or are new{told}")]


def judge_doors(integrations: Sequence[Integration]) -> list[Finding]:
    """Whether ingestion can open the secrets of all of them."""
    shut = [one.name for one in integrations if one.door == HTTPStatus.SERVICE_UNAVAILABLE]
    if not shut:
        return []
    remedy = (
        "Give ingestion the key with which they were sealed, behind the new one: KINETIC_SECRET_KEYS=new,former; "
        "or rotate these secrets."
    )
    return [wrong("secrets of integrations", f"answer 503, their secrets cannot be opened: {listed(shut)}", remedy)]


def judge_feeds(feeds: Sequence[Feed]) -> list[Finding]:
    """Feeds that cannot be read: what they offer grows old. Nothing when there is none of them."""
    return [
        doubtful(
            f"feed of {feed.system}",
            f"could not be read, {counted(feed.failures, 'time')} in a row: {feed.error or 'for no stated reason'}",
            "Mend what it says, or make the feed anew: `POST /catalogue/feeds`.",
        )
        for feed in feeds
        if feed.failures
    ]


def _none() -> Finding:
    remedy = "Make one for each tool: `POST /integrations`."
    return doubtful("integrations", "there is none, so no tool can tell anything by webhook", remedy)


def _faults(one: Integration, now: datetime) -> Iterator[Finding]:
    if one.is_paused:
        return
    name = f"integration {one.name}"
    real = [delivery for delivery in one.deliveries if delivery.outcome != _TEST]
    if real and all(delivery.outcome == _REFUSED for delivery in real):
        reason = real[0].reason or "for no stated reason"
        remedy = f"Compare secret, content type and address in {one.tool} with its row in services/ingestion/README.md."
        yield wrong(name, f"nothing but refusals, the last {len(real)}: {reason}", remedy)
    elif not real and now - one.created_at > NEW:
        remedy = f"See in {one.tool} whether its webhook is on and points here; send a test event."
        yield doubtful(name, "nothing has come in the last week", remedy)
    elif real and now - real[0].at > SILENT:
        remedy = f"See in {one.tool} whether its webhook is still on."
        yield doubtful(name, f"nothing has come for {lasting((now - real[0].at).total_seconds())}", remedy)
