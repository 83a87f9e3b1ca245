"""Microsoft's side of a bot on a port of its own: login, signing keys, and the service that takes activities.

It checks tokens, holds every card against the published schema and Teams' limit of size, and can be told to misbehave.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, unquote

from joserfc import jws, jwt
from joserfc.jwk import Key, KeySet, RSAKey
from jsonschema import Draft6Validator

APP, SECRET, TENANT = (
    "b0a7c0de-0000-4000-8000-000000000001",
    "s3cret-of-the-bot",
    "7e4a4700-0000-4000-8000-000000000002",
)
OBJECT = "5d1b2c3a-0000-4000-8000-00000000da4a"
"""Dana's, in Entra."""
CONVERSATION = "a:1conversation-of-dana"
KEY = RSAKey.generate_key(2048, {"kid": "bot-1", "use": "sig"})
MOST_BYTES = 28_000
SCHEMA = Draft6Validator(json.loads((Path(__file__).parent / "schemas" / "adaptive-card-1.5.json").read_text()))

Misdeed = Literal["drop", "stall"]


@dataclass(frozen=True)
class Answer:
    """What is answered instead of taking an activity."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Posted:
    """An activity that was taken."""

    method: str
    conversation_id: str
    activity_id: str
    activity: dict[str, Any]


class BotConnector:
    """The far side. `planned` has what happens to the next activities, one each; then they are taken."""

    def __init__(self) -> None:
        self.url = ""
        self.endorsements = ["msteams", "webchat"]
        self.lives_seconds = 3600
        self.logins = 0
        self.login_answer: Answer | None = None
        self.login_seconds = 0.0
        self.asked_for_keys = 0
        self.valid: set[str] = set()
        self.conversations = {CONVERSATION}
        self.planned: deque[Answer | Misdeed] = deque()
        self.requests = 0
        self.posted: list[Posted] = []

    @property
    def service_url(self) -> str:
        """Where activities go."""
        return f"{self.url}/amer/"

    def token(
        self, key: Key = KEY, header: dict[str, Any] | None = None, begins: int = -60, ends: int = 600, **claims: Any
    ) -> str:
        """A token with which the Bot Framework knocks at the bot's door, good for some seconds before and after now.

        A claim of None is left out.
        """
        now = int(time.time())
        proper = {"iss": "https://api.botframework.com", "aud": APP, "nbf": now + begins, "exp": now + ends}
        told = {**proper, "serviceurl": self.service_url, **claims}
        marks = {"alg": "RS256", "kid": "bot-1", "typ": "JWT", **(header or {})}
        registry = jws.JWSRegistry(algorithms=[marks["alg"]])
        kept = {name: value for name, value in told.items() if value is not None}
        return jwt.encode(marks, kept, key, registry=registry)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and close."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            method, path, _ = head[0].split(" ")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            await self._send(writer, await self._judge(method, path, headers, body))
        finally:
            writer.close()

    async def _send(self, writer: asyncio.StreamWriter, answer: Answer | Misdeed) -> None:
        if answer == "stall":
            await asyncio.sleep(30)
        if not isinstance(answer, Answer):
            return
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        sent = {"content-length": str(len(body)), "connection": "close", **answer.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        writer.write(f"HTTP/1.1 {answer.status} x\r\n{lines}\r\n".encode() + body)
        await writer.drain()

    async def _judge(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer | Misdeed:
        if path == "/openid":
            return Answer(200, {"issuer": "https://api.botframework.com", "jwks_uri": f"{self.url}/keys"})
        if path == "/keys":
            self.asked_for_keys += 1
            (key,) = KeySet([KEY]).as_dict(private=False)["keys"]
            return Answer(200, {"keys": [{**key, "endorsements": self.endorsements}]})
        if path == f"/{TENANT}/oauth2/v2.0/token":
            await asyncio.sleep(self.login_seconds)
            return self._log_in(parse_qs(body.decode()))
        return self._take(method, path, headers, body)

    def _log_in(self, form: dict[str, list[str]]) -> Answer:
        self.logins += 1
        if self.login_answer is not None:
            return self.login_answer
        proper = {
            "grant_type": ["client_credentials"],
            "client_id": [APP],
            "client_secret": [SECRET],
            "scope": ["https://api.botframework.com/.default"],
        }
        if form != proper:
            return Answer(401, {"error": "invalid_client", "error_description": f"AADSTS7000215: {form}"})
        self.valid.add(token := f"token-{self.logins}")
        return Answer(200, {"token_type": "Bearer", "expires_in": self.lives_seconds, "access_token": token})

    def _take(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer | Misdeed:
        self.requests += 1
        if headers.get("authorization", "").removeprefix("Bearer ") not in self.valid:
            return Answer(401, {"error": {"code": "Unauthorized", "message": "x"}})
        if self.planned:
            return self.planned.popleft()
        steps = path.removeprefix("/amer/v3/").split("/")
        root, conversation_id, _, *which = (unquote(step) for step in steps)
        if root != "conversations" or conversation_id not in self.conversations:
            return Answer(404, {"error": {"code": "ConversationNotFound", "message": "Conversation not found."}})
        activity = json.loads(body)
        if wrong := faults_of(activity, body):
            return Answer(400, {"error": {"code": "Bad Argument", "message": wrong}})
        if method == "PUT" and which[0] not in {posted.activity_id for posted in self.posted}:
            return Answer(404, {"error": {"code": "ActivityNotFoundInConversation", "message": "x"}})
        activity_id = which[0] if which else f"1:{len(self.posted)}"
        self.posted.append(Posted(method, conversation_id, activity_id, activity))
        return Answer(200 if which else 201, {"id": activity_id})


def faults_of(activity: dict[str, Any], body: bytes) -> str:
    """What Teams would not show."""
    if len(body) > MOST_BYTES:
        return "too large"
    if activity["type"] != "message" or [a["contentType"] for a in activity["attachments"]] != [
        "application/vnd.microsoft.card.adaptive"
    ]:
        return "not a card"
    return "; ".join(error.message for error in SCHEMA.iter_errors(activity["attachments"][0]["content"]))


@asynccontextmanager
async def serving() -> AsyncIterator[BotConnector]:
    """A far side on a free port of this machine."""
    connector = BotConnector()
    server = await asyncio.start_server(connector.answer, "127.0.0.1", 0)
    connector.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield connector
    finally:
        server.close()


def activity(connector: BotConnector, **changes: Any) -> dict[str, Any]:
    """Something that happens in Dana's conversation with the bot, as Teams tells it."""
    return {
        "type": "message",
        "id": "f:1c2d",
        "timestamp": "2026-11-23T10:00:00.000Z",
        "channelId": "msteams",
        "serviceUrl": connector.service_url,
        "from": {"id": "29:1dana", "name": "Dana", "aadObjectId": OBJECT},
        "recipient": {"id": f"28:{APP}", "name": "Kinetic"},
        "conversation": {"conversationType": "personal", "tenantId": TENANT, "id": CONVERSATION},
        "channelData": {"tenant": {"id": TENANT}, "source": {"name": "message"}},
        "entities": [{"locale": "en-GB", "platform": "Web", "type": "clientInfo"}],
        "locale": "en-GB",
        **changes,
    }


def press(connector: BotConnector, verb: str, nudge_id: str, version: int = 1, **more: Any) -> dict[str, Any]:
    """A press on a card that was sent; `choice` goes with some verbs, everything else changes the activity."""
    data = {"nudge_id": nudge_id, "version": version}
    if "choice" in more:
        data["choice"] = more.pop("choice")
    pressed = {"action": {"type": "Action.Execute", "verb": verb, "data": data}, "trigger": "manual"}
    return activity(connector, type="invoke", name="adaptiveCard/action", value=pressed, **more)
