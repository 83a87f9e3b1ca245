"""Plays the bad week of `play.yaml`: sends real payloads, signed, as GitHub and Jira would, through a team's own doors."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from examples.company.posting import post_patiently
from examples.company.refreshing import refreshed

__all__ = ["COMPANY", "Door", "Play", "Played", "Step", "load_play", "play", "refreshed", "signed_headers"]

COMPANY: Final = Path(__file__).parent

_SIGNATURE: Final = {"github": "X-Hub-Signature-256", "jira": "X-Hub-Signature"}
_DELIVERY: Final = {"github": "X-GitHub-Delivery", "jira": "X-Atlassian-Webhook-Identifier"}
_AGENT: Final = {"github": "GitHub-Hookshot/example", "jira": "Atlassian-Webhook-HTTP-Client"}


@dataclass(frozen=True, slots=True)
class Step:
    """One payload, sent through one door, `repeat` times under a new delivery id each."""

    tool: str
    integration: str
    file: str
    headers: Mapping[str, str] = field(default_factory=dict)
    repeat: int = 1


@dataclass(frozen=True, slots=True)
class Play:
    """The steps in their order, and whether the player moves the payloads' times to now."""

    steps: tuple[Step, ...]
    refresh_times: bool


@dataclass(frozen=True, slots=True)
class Door:
    """Where an integration listens, by its id, and the secret with which its sender signs."""

    integration_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Played:
    """A delivery and its final answer. `answer` is the JSON body, or None when there was none."""

    step: Step
    delivery_id: str
    status: int
    answer: Any


def load_play(path: Path = COMPANY / "play.yaml") -> Play:
    """Read a play. OSError, KeyError or TypeError when it cannot be read as one."""
    document = yaml.safe_load(path.read_text())
    return Play(tuple(Step(**step) for step in document["steps"]), bool(document["refresh_times"]))


async def play(
    plan: Play,
    doors: Mapping[str, Door],
    ingestion_url: str,
    http: httpx.AsyncClient,
    *,
    run: str | None = None,
    payloads: Path = COMPANY / "payloads",
) -> AsyncIterator[Played]:
    """Send every step in order, each after the answer to the one before, and yield each delivery when it is answered.

    `doors` are keyed by the integration's name. Delivery ids follow from `run`: the same run played again repeats them, and
    the receiver drops them; without it every play is new. KeyError when a door is missing, httpx.TransportError when
    ingestion does not answer for a minute.
    """
    run = run or str(uuid.uuid4())
    for index, step in enumerate(plan.steps):
        door = doors[step.integration]
        payload = json.loads((payloads / step.file).read_text())
        for turn in range(step.repeat):
            delivery_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{run}/{index}/{turn}"))
            body = _body(payload, days_ago=turn if plan.refresh_times else None)
            headers = {**step.headers, **signed_headers(step.tool, body, door.secret, delivery_id)}
            url = f"{ingestion_url}/webhooks/{door.integration_id}"
            response = await post_patiently(http, url, body, headers)
            yield Played(step, delivery_id, response.status_code, _json_or_none(response))


def signed_headers(tool: str, body: bytes, secret: str, delivery_id: str) -> dict[str, str]:
    """The headers with which the vendor proves a delivery: HMAC-SHA256 of the raw body, in hex behind ``sha256=``."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "User-Agent": _AGENT[tool],
        _DELIVERY[tool]: delivery_id,
        _SIGNATURE[tool]: f"sha256={digest}",
    }


def _body(payload: dict[str, Any], *, days_ago: int | None) -> bytes:
    """The payload as it was, or as if it had happened so many days ago: each repetition is an occurrence of its own."""
    current = payload if days_ago is None else refreshed(payload, datetime.now(UTC) - timedelta(days=days_ago))
    return json.dumps(current, separators=(",", ":"), ensure_ascii=False).encode()


def _json_or_none(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None
