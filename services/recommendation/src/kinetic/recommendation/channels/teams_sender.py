"""Sending to Microsoft Teams: a card goes into the conversation that the recipient has with the bot.

The Bot Connector has no ids of the sender's choice and cannot be asked what it has: a new message whose answer was lost is
never sent again. Changing one may be repeated. Which answers mean what:
https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability#status-codes-from-bot-conversational-apis
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import asyncpg
import httpx
import orjson

from kinetic.common.database import Database, DatabaseUnavailable
from kinetic.common.web import read_json
from kinetic.recommendation.channels import teams
from kinetic.recommendation.channels.digest import Shown
from kinetic.recommendation.channels.retry_after import retry_after_seconds
from kinetic.recommendation.channels.sending import (
    LONGEST_SECONDS,
    Channel,
    Delayed,
    Dispatch,
    Receipt,
    Recipient,
    Refused,
    Sent,
    Unknown,
)
from kinetic.recommendation.channels.teams_login import BotAccess, BotLogin
from kinetic.recommendation.settings import Settings
from kinetic.recommendation.store import teams_conversations
from kinetic.recommendation.store.teams_conversations import SYSTEM, Conversation

CARD: Final = "application/vnd.microsoft.card.adaptive"
ANSWER_SECONDS: Final = 10.0
CONNECT_SECONDS: Final = 5.0

GONE: Final = frozenset(
    {"BotNotInConversationRoster", "ConversationBlockedByUser", "ConversationNotFound", "MessageWritesBlocked"}
)
"""The person has removed or blocked the bot: Microsoft asks to forget the conversation until Teams tells of one again."""

_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_NO_DATABASE: Final = (DatabaseUnavailable, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
_ACTIVITY_ID: Final = "activity_id"


@dataclass(frozen=True, slots=True)
class _Call:
    """A request. `repeatable` says that doing it twice is doing it once."""

    method: str
    url: str
    body: bytes
    repeatable: bool


class TeamsSender:
    """Microsoft Teams, set up. `http` stays the caller's to close."""

    channel = Channel.TEAMS
    follows = True
    longest_seconds = LONGEST_SECONDS

    def __init__(self, access: BotAccess, http: httpx.AsyncClient, database: Database) -> None:
        self._tenant_id = access.tenant_id.lower()
        self._login = BotLogin(access, http)
        self._http = http
        self._database = database

    def reaches(self, recipient: Recipient) -> bool:
        """Whether the directory knows who they are in Teams. Whether they have the app is known when it is sent."""
        return bool(recipient.external_ids.get(SYSTEM))

    async def send(self, dispatch: Dispatch) -> Receipt:
        """Send a message, or change the one that was sent."""
        if dispatch.in_doubt and dispatch.reference is None:
            return Unknown("an earlier attempt may have arrived, and Teams cannot be asked")
        try:
            conversation = await self._conversation_of(dispatch.recipient)
        except _NO_DATABASE as error:
            return Delayed(f"the conversation could not be looked up: {type(error).__name__}")
        if conversation is None:
            return Refused("the recipient has not installed the app in Teams")
        if dispatch.reference is not None and not dispatch.reference.get(_ACTIVITY_ID):
            return Refused("Teams did not say how the message that was sent can be changed")
        call = _call(conversation, dispatch)
        answer = await self._perform(call)
        if not isinstance(answer, httpx.Response):
            return answer
        if _code_of(answer) in GONE and answer.status_code in (403, 404):
            await self._forget(conversation)
        return _judge(answer, call, dispatch)

    async def _perform(self, call: _Call) -> httpx.Response | Receipt:
        """The answer. A token that is refused is tried no more, and a new one once."""
        answer: httpx.Response | Receipt = Delayed("no attempt was made")
        for _ in range(2):
            token = await self._login.token()
            if isinstance(token, Delayed):
                return token
            answer = await self._request(call, token)
            if not isinstance(answer, httpx.Response) or answer.status_code != 401:
                return answer
            self._login.discard(token)
        return answer

    async def _request(self, call: _Call, token: str) -> httpx.Response | Receipt:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._http.request(
                    call.method, call.url, content=call.body, headers=headers, timeout=timeout, follow_redirects=False
                )
        except _NEVER_SENT as error:
            return Delayed(f"Teams could not be reached: {type(error).__name__}")
        except httpx.InvalidURL:
            return Refused("the address of the conversation is none")
        except (httpx.HTTPError, TimeoutError) as error:
            problem = f"the connection to Teams broke: {type(error).__name__}"
            return Delayed(problem) if call.repeatable else Unknown(problem)

    async def _conversation_of(self, recipient: Recipient) -> Conversation | None:
        object_id = recipient.external_ids.get(SYSTEM, "")
        async with self._database.transaction() as tx:
            return await teams_conversations.find(tx, object_id, self._tenant_id)

    async def _forget(self, conversation: Conversation) -> None:
        with suppress(*_NO_DATABASE):
            async with self._database.transaction() as tx:
                await teams_conversations.forget(tx, conversation.object_id, conversation.conversation_id)


def open_teams(settings: Settings, http: httpx.AsyncClient, database: Database) -> TeamsSender | None:
    """Teams as the settings have it; None when it is not set up."""
    access = access_of(settings)
    return TeamsSender(access, http, database) if access else None


def access_of(settings: Settings) -> BotAccess | None:
    """How the bot proves who it is; None when Teams is not set up."""
    if not (settings.teams_app_id and settings.teams_app_secret and settings.teams_tenant_id):
        return None
    return BotAccess(
        settings.teams_app_id, settings.teams_app_secret, settings.teams_tenant_id, settings.teams_login_url
    )


def activity_of(message: Shown) -> dict[str, Any]:
    """The activity that shows a message; its summary is read where there is no room for a card, as in notifications."""
    card = teams.render(message)
    return {
        "type": "message",
        "summary": card["fallbackText"],
        "attachments": [{"contentType": CARD, "content": card}],
    }


def _call(conversation: Conversation, dispatch: Dispatch) -> _Call:
    where = f"{conversation.service_url.rstrip('/')}/v3/conversations/{quote(conversation.conversation_id, safe='')}"
    body = orjson.dumps(activity_of(dispatch.message))
    if dispatch.reference is None:
        return _Call("POST", f"{where}/activities", body, repeatable=False)
    which = quote(dispatch.reference[_ACTIVITY_ID], safe="")
    return _Call("PUT", f"{where}/activities/{which}", body, repeatable=True)


def _judge(answer: httpx.Response, call: _Call, dispatch: Dispatch) -> Receipt:
    status = answer.status_code
    if answer.is_success:
        return Sent(dispatch.reference or _reference(answer))
    problem = f"Teams answered {status} {_code_of(answer)}".rstrip()
    if status == 429:
        return Delayed(problem, retry_after_seconds(answer), pauses=True)
    if status in (401, 408, 412):
        return Delayed(problem, retry_after_seconds(answer))
    if status >= 500:
        return Delayed(problem, retry_after_seconds(answer)) if call.repeatable else Unknown(problem)
    return Refused(problem)


def _reference(answer: httpx.Response) -> dict[str, str]:
    activity_id = _document(answer).get("id")
    return {_ACTIVITY_ID: activity_id} if isinstance(activity_id, str) else {}


def _code_of(answer: httpx.Response) -> str:
    """What the far side calls its error: ``error.code``, or ``subCode`` in a JSON text under ``message``."""
    told = _document(answer)
    error, message = told.get("error"), told.get("message")
    code = error.get("code") if isinstance(error, dict) else None
    if code is None and isinstance(message, str):
        code = _read(message.encode()).get("subCode")
    return code if isinstance(code, str) and re.fullmatch("[A-Za-z ]{1,60}", code) else ""


def _document(answer: httpx.Response) -> dict[str, Any]:
    return _read(answer.content)


def _read(text: bytes) -> dict[str, Any]:
    try:
        told = read_json(text)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
