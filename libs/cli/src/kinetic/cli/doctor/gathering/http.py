"""What services and issuer answer. A doctor asks with a short patience and sends nothing that has an effect."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

import httpx
from prometheus_client.parser import text_string_to_metric_families

from kinetic.cli.doctor.judgements.integrations import Delivered, Feed, Integration
from kinetic.cli.doctor.judgements.services import Measured, ServiceState
from kinetic.cli.doctor.judgements.waiting import MOST_LISTED, Parked, Waiting
from kinetic.cli.doors import bearer, told_problem

ASK_SECONDS: Final = 4.0
MOST_AT_ONCE: Final = 8
NEWEST: Final = 20
_DATE_IS_WHOLE_SECONDS: Final = 0.5
_XAPI: Final = {"X-Experience-API-Version": "1.0.3"}


@asynccontextmanager
async def asking(token: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A client that shows `token`, if there is one."""
    limits = httpx.Limits(max_connections=MOST_AT_ONCE)
    async with httpx.AsyncClient(timeout=ASK_SECONDS, headers=bearer(token), limits=limits) as client:
        yield client


async def read_service(client: httpx.AsyncClient, service: str, url: str) -> ServiceState:
    """Liveness, readiness, metrics and clock of whoever answers at `url`. It does not raise when nobody does."""
    asked = time.time()
    try:
        live = await client.get(f"{url}/livez")
        ahead = _ahead(live, (asked + time.time()) / 2)
        ready = await client.get(f"{url}/readyz")
    except (httpx.TransportError, httpx.InvalidURL) as error:
        return ServiceState(service, silence=f"no answer from {shown(url)} ({type(error).__name__})")
    stuck, missing = _missing(live), _missing(ready)
    if stuck is None or missing is None:
        return ServiceState(service, silence=f"{shown(url)} answers, and is not {service}")
    return ServiceState(service, None, stuck, missing, await _measured(client, url), ahead)


async def read_access(client: httpx.AsyncClient, url: str) -> tuple[int, str]:
    """How a service answers a request that only administrators may make: status, and what it says if it refuses."""
    answer = await client.get(f"{url}/waiting", params={"limit": 1})
    return answer.status_code, "" if answer.is_success else told_problem(answer).splitlines()[0]


async def count_dead_letters(client: httpx.AsyncClient, url: str) -> int:
    """How many of the newest dead letters nobody has replayed."""
    letters = await _list(client, f"{url}/dead-letters", MOST_LISTED)
    return sum(letter["replayed_at"] is None for letter in letters)


async def read_waiting(client: httpx.AsyncClient, service: str, url: str) -> Waiting:
    """How many events wait in a service, up to some, and since when."""
    events = await _list(client, f"{url}/waiting", MOST_LISTED)
    return Waiting(service, len(events), min((_time(event["since"]) for event in events), default=None))


async def read_parked(client: httpx.AsyncClient, url: str) -> list[Parked]:
    """The newest parked events."""
    events = await _list(client, f"{url}/parked", MOST_LISTED)
    return [Parked(_time(e["accepted_at"]), e["reason"], e["waits_for"], e["expired"]) for e in events]


async def ask_for_secrets(client: httpx.AsyncClient, url: str) -> str | None:
    """Knock at the door of learning platforms with a token that is none: without a key it is 503, else 401.

    What it says when it is 503, and None otherwise.
    """
    answer = await client.get(f"{url}/xapi/about", headers={**_XAPI, **bearer("none")})
    return told_problem(answer).splitlines()[0] if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE else None


async def read_integrations(client: httpx.AsyncClient, url: str) -> list[Integration]:
    """Every integration with its newest deliveries."""
    listed = (await client.get(f"{url}/integrations")).raise_for_status().json()
    return list(await asyncio.gather(*(_integration(client, url, one) for one in listed)))


def shown(url: str) -> str:
    """An address without the name and password that may stand in it."""
    parsed = httpx.URL(url)
    return str(parsed.copy_with(username=None, password=None)) if parsed.userinfo else url


async def read_feeds(client: httpx.AsyncClient, url: str) -> list[Feed]:
    """The feeds of the catalogue."""
    listed = (await client.get(f"{url}/catalogue/feeds")).raise_for_status().json()
    return [Feed(feed["system"], feed["failures"], feed["error"]) for feed in listed]


async def _integration(client: httpx.AsyncClient, url: str, view: dict[str, Any]) -> Integration:
    path = view["path"]
    deliveries = await _list(client, f"{url}/integrations/{view['integration_id']}/deliveries", NEWEST)
    has_door = path is not None and path.startswith("/webhooks/")
    return Integration(
        name=view["name"],
        tool=view["tool"],
        created_at=_time(view["created_at"]),
        is_paused=view["paused"],
        deliveries=tuple(Delivered(_time(one["received_at"]), one["outcome"], one["reason"]) for one in deliveries),
        door=(await client.head(f"{url}{path}")).status_code if has_door else None,
        topic=view["topic"],
    )


async def _list(client: httpx.AsyncClient, url: str, limit: int) -> Sequence[dict[str, Any]]:
    answer = (await client.get(url, params={"limit": limit})).raise_for_status()
    found: list[dict[str, Any]] = answer.json()
    return found


async def _measured(client: httpx.AsyncClient, url: str) -> Measured | None:
    try:
        answer = (await client.get(f"{url}/metrics")).raise_for_status()
        return measured_in(answer.text)
    except (httpx.HTTPError, ValueError):
        return None


def measured_in(text: str) -> Measured:
    """The metrics that matter here, from Prometheus' text format. ValueError when it is another."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    builds = [sample.labels for sample in samples if sample.name == "kinetic_build_info"]
    stopped = [s.labels["topic"] for s in samples if s.name == "kinetic_consumer_stopped" and s.value]
    oldest = [sample.value for sample in samples if sample.name == "kinetic_outbox_oldest_seconds"]
    build = builds[0] if builds else {}
    return Measured(build.get("service"), build.get("version"), tuple(stopped), max(oldest, default=0.0))


def _missing(answer: httpx.Response) -> tuple[str, ...] | None:
    """What a health door misses; None when it is no door of ours."""
    try:
        missing = answer.json()["missing"]
    except (ValueError, KeyError, TypeError):
        return None
    return tuple(map(str, missing)) if isinstance(missing, list) else None


def _ahead(answer: httpx.Response, now: float) -> float | None:
    try:
        date = parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return None
    return date.replace(tzinfo=date.tzinfo or UTC).timestamp() + _DATE_IS_WHOLE_SECONDS - now


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
