"""What Slack sends when somebody presses, with its signature, and where it takes answers."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.recommendation.tests.local_slack import DANA_THERE

OLD, NEW = "old-secret", "new-secret"
RAVI_THERE, STRANGER_THERE = "U0RAVI", "U0NOBODY"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def _open() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


@dataclass
class Hooks:
    """Where Slack takes answers to a press: `/hooks/…`. `/elsewhere` is not Slack's, `/hooks/moved` leads there."""

    url: str = ""
    told: list[dict[str, Any]] = field(default_factory=list)
    elsewhere: int = 0
    taking: asyncio.Event = field(default_factory=_open)
    """Set as long as answers are taken; else they wait."""

    @property
    def app(self) -> Starlette:
        async def take(request: Request) -> Response:
            async with asyncio.timeout(60):
                await self.taking.wait()
            self.told.append(await request.json())
            return Response("ok")

        async def stray(request: Request) -> Response:
            self.elsewhere += 1
            return Response()

        async def move(request: Request) -> Response:
            return RedirectResponse(f"{self.url}/elsewhere")

        async def fail(request: Request) -> Response:
            return Response(status_code=500)

        routes = [("/hooks/1", take), ("/hooks/moved", move), ("/hooks/fails", fail), ("/elsewhere", stray)]
        return Starlette(routes=[Route(path, door, methods=["POST"]) for path, door in routes])


def signature(body: bytes, timestamp: str, secret: str = NEW) -> str:
    return "v0=" + hmac.new(secret.encode(), b"v0:%b:%b" % (timestamp.encode(), body), hashlib.sha256).hexdigest()


def signed(body: bytes, *, secret: str = NEW, age: float = 0) -> dict[str, str]:
    timestamp = str(int(time.time() - age))
    proof = {"x-slack-request-timestamp": timestamp, "x-slack-signature": signature(body, timestamp, secret)}
    return {**FORM, **proof}


def form(payload: Any) -> bytes:
    return urlencode({"payload": json.dumps(payload)}).encode()


def pressed(
    hooks: Hooks, nudge_id: str, action: str = "assign", choice: str | None = None, **changes: Any
) -> dict[str, Any]:
    """A payload as Slack sends it, with more in it than is ever believed."""
    button = {"type": "button", "action_id": f"nudge_{action}", "block_id": f"nudge:{nudge_id}:1", "value": "x"}
    menu = {"type": "static_select", "selected_option": {"value": choice, "text": {"type": "plain_text", "text": "x"}}}
    return {
        "type": "block_actions",
        "user": {"id": DANA_THERE, "username": "dana", "name": "dana", "team_id": "T1", "is_admin": True},
        "team": {"id": "T1", "domain": "company"},
        "container": {"type": "message", "message_ts": "1700000000.000001", "channel_id": "D0DANA"},
        "response_url": f"{hooks.url}/hooks/1",
        "actions": [{**button, **(menu if choice else {})}],
        **changes,
    }


async def press(slack: httpx.AsyncClient, payload: Any, **how: Any) -> httpx.Response:
    body = form(payload)
    return await slack.post("/slack/interactions", content=body, headers=signed(body, **how))


def taken_by(user_id: str) -> dict[str, Any]:
    return {"user": {"id": user_id, "name": "dana", "email": "dana@company.example"}}
