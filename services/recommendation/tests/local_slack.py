"""A Slack on a socket of this machine: it keeps messages, asks for its token, and refuses what Slack would refuse."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from services.recommendation.tests.block_kit import assert_fits_slack

TOKEN = "xoxb-1-secret"  # of this Slack alone
DANA_THERE, DANAS_CHANNEL = "U0DANA", "D0DANA"
POSTED = {"channel", "text", "blocks", "metadata", "mrkdwn", "parse", "unfurl_links", "unfurl_media"}
CHANGED = {"channel", "ts", "text", "blocks", "metadata", "parse"}


@dataclass(frozen=True)
class Says:
    """Slack answers this, and does nothing."""

    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Breaks:
    """The connection breaks within the answer, after the call was carried out or before."""

    done: bool


@dataclass(frozen=True)
class Hangs:
    """The call is carried out, and the answer takes long."""

    seconds: float


Behaviour = Says | Breaks | Hangs


class BrokenResponse(Response):
    """The beginning of an answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
        await send({"type": "http.response.body", "body": b'{"ok":', "more_body": True})


class LocalSlack:
    """A workspace with one app. `next[method]` holds how the next calls of a method end, `page` how much of a
    conversation comes at once."""

    def __init__(self) -> None:
        self.channels = {DANA_THERE: DANAS_CHANNEL}
        self.messages: list[dict[str, Any]] = []
        self.scopes = {"chat:write", "im:write", "im:history"}
        self.shows_metadata = True
        self.page = 2
        self.names_cursor = True
        self.next: dict[str, list[Behaviour]] = defaultdict(list)
        self.calls: list[str] = []
        self.url = ""

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/api/{method}", self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> Response:
        method = request.path_params["method"]
        self.calls.append(method)
        behaviour = self.next[method].pop(0) if self.next[method] else None
        if isinstance(behaviour, Says):
            return Response(behaviour.body, behaviour.status, behaviour.headers, "application/json")
        if isinstance(behaviour, Breaks) and not behaviour.done:
            return BrokenResponse()
        answer = await self._do(method, request)
        if isinstance(behaviour, Hangs):
            await asyncio.sleep(behaviour.seconds)
        return BrokenResponse() if isinstance(behaviour, Breaks) else JSONResponse(answer)

    async def _do(self, method: str, request: Request) -> dict[str, Any]:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return {"ok": False, "error": "invalid_auth"}
        if method.startswith("chat."):
            assert request.headers["content-type"] == "application/json; charset=utf-8"
            arguments = json.loads(await request.body())
            return self._post(arguments) if method == "chat.postMessage" else self._update(arguments)
        assert request.headers["content-type"] == "application/x-www-form-urlencoded"
        form = dict(pair.split("=", 1) for pair in (await request.body()).decode().split("&"))
        return self._open(form) if method == "conversations.open" else self._history(form)

    def _open(self, form: dict[str, str]) -> dict[str, Any]:
        channel = self.channels.get(form["users"])
        return {"ok": True, "channel": {"id": channel}} if channel else {"ok": False, "error": "user_not_found"}

    def _post(self, arguments: dict[str, Any]) -> dict[str, Any]:
        assert set(arguments) <= POSTED
        if arguments["channel"] not in self.channels.values():
            return {"ok": False, "error": "channel_not_found"}
        if not _fits(arguments):
            return {"ok": False, "error": "invalid_blocks"}
        message = {**arguments, "ts": f"1700000000.{len(self.messages):06}"}
        self.messages.append(message)
        return {"ok": True, "channel": message["channel"], "ts": message["ts"]}

    def _update(self, arguments: dict[str, Any]) -> dict[str, Any]:
        assert set(arguments) <= CHANGED
        place = arguments["channel"], arguments["ts"]
        found = [message for message in self.messages if (message["channel"], message["ts"]) == place]
        if not found:
            return {"ok": False, "error": "message_not_found"}
        if not _fits(arguments):
            return {"ok": False, "error": "invalid_blocks"}
        found[0].update(arguments)
        return {"ok": True, "channel": arguments["channel"], "ts": arguments["ts"]}

    def _history(self, form: dict[str, str]) -> dict[str, Any]:
        if "im:history" not in self.scopes:
            return {"ok": False, "error": "missing_scope", "needed": "im:history", "provided": "chat:write,im:write"}
        newest_first = [one for one in reversed(self.messages) if one["channel"] == form["channel"]]
        start = int(form.get("cursor", "0"))
        end = start + min(self.page, int(form["limit"]))
        shown = self.shows_metadata and form.get("include_all_metadata") == "true"
        hidden = set() if shown else {"metadata"}
        page = [{name: one[name] for name in one.keys() - hidden} for one in newest_first[start:end]]
        more = end < len(newest_first)
        return {
            "ok": True,
            "messages": page,
            "has_more": more,
            "response_metadata": {"next_cursor": str(end) if more and self.names_cursor else ""},
        }


def _fits(arguments: dict[str, Any]) -> bool:
    try:
        assert_fits_slack(arguments)
    except AssertionError:
        return False
    return True


@asynccontextmanager
async def on_a_socket(app: ASGIApp) -> AsyncIterator[str]:
    """An application behind a real server; its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it in no other way
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


@asynccontextmanager
async def local_slack() -> AsyncIterator[LocalSlack]:
    """A Slack of its own for each test."""
    slack = LocalSlack()
    async with on_a_socket(slack.app) as url:
        slack.url = f"{url}/api/"
        yield slack
