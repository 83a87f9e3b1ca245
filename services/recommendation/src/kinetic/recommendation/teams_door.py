"""The door that Microsoft Teams knocks at: presses on cards, and news of where people can be reached.

Who is allowed what follows from the directory and the nudge. The activity only says who pressed, and the Bot Framework signs
for that.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field

from kinetic.common.database import Database, Transaction
from kinetic.common.keys import InvalidToken, KeysUnavailable
from kinetic.common.operations import database_of
from kinetic.common.problems import Problem, unavailable
from kinetic.common.web import api_router
from kinetic.contracts.ids import PersonId
from kinetic.directory import store as directory
from kinetic.recommendation import clicks
from kinetic.recommendation.addressees import addressee_of, message_for
from kinetic.recommendation.channels import teams
from kinetic.recommendation.channels.message import Addressee
from kinetic.recommendation.channels.teams_activity import (
    MSTEAMS,
    PRESSED,
    Activity,
    is_from_digest,
    press_of_invoke,
    press_of_submit,
)
from kinetic.recommendation.channels.teams_proof import BotFramework, Proof
from kinetic.recommendation.channels.teams_sender import CARD
from kinetic.recommendation.presses import Press, carry_out, require_known_account, words_for
from kinetic.recommendation.settings import Settings
from kinetic.recommendation.store import teams_conversations
from kinetic.recommendation.store.teams_conversations import SYSTEM
from kinetic.recommendation.words import Phrasebook, phrasebook_of

ANSWER_SECONDS: Final = 4.0
"""Whoever pressed sees an error of Teams' own when the answer takes much longer."""
TEXT: Final = "application/vnd.microsoft.activity.message"
ERROR: Final = "application/vnd.microsoft.error"

router = api_router(tags=["teams"])

_bearer: Final = HTTPBearer(
    auto_error=False, scheme_name="botframework", bearerFormat="JWT", description="A token of the Bot Framework."
)


class InvokeResponse(BaseModel):
    """What Teams shows after a press: a card in place of the one that was pressed, or a text."""

    status_code: int = Field(default=200, serialization_alias="statusCode")
    type: str
    value: Any


@dataclass(frozen=True, slots=True)
class Bot:
    """The bot as Teams knows it. `tenant_id` is the only organisation whose people are heard."""

    tenant_id: str
    framework: BotFramework
    console_url: str


def bot_of(settings: Settings) -> Bot | None:
    """The bot as the settings have it; None when Teams is not set up."""
    if not (settings.teams_app_id and settings.teams_tenant_id):
        return None
    framework = BotFramework(settings.teams_app_id, settings.teams_openid_url)
    return Bot(settings.teams_tenant_id.lower(), framework, settings.console_url)


async def _present(request: Request) -> Bot:
    bot: Bot | None = getattr(request.app.state, "teams", None)
    if bot is None:
        raise unavailable("Microsoft Teams is not set up here.")
    return bot


async def _proven(
    bot: Annotated[Bot, Depends(_present)],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Proof:
    if credentials is None:
        raise _unauthenticated("Send a token of the Bot Framework.")
    try:
        return await bot.framework.verify(credentials.credentials)
    except InvalidToken as error:
        raise _unauthenticated(f"The token is refused: {error}.") from error
    except KeysUnavailable as error:
        raise unavailable("Tokens cannot be verified: their issuer does not answer.") from error


@router.post("/teams/messages", response_model=InvokeResponse)
async def receive_activity(
    request: Request,
    bot: Annotated[Bot, Depends(_present)],
    proof: Annotated[Proof, Depends(_proven)],
    activity: Activity,
) -> InvokeResponse | Response:
    """The messaging endpoint of the bot. Teams calls it; nobody else can.

    A press on a card is answered with the card as it is then, or with what keeps it from being done. Where people can be
    reached is remembered. Everything else is acknowledged and left alone.
    """
    _admit(activity, proof, bot)
    database = database_of(request)
    await _remember(database, activity)
    if activity.type == "invoke" and activity.name == PRESSED:
        return await _answer(database, bot, activity)
    if activity.type == "message" and isinstance(activity.value, dict) and "verb" in activity.value:
        await _take_submitted(database, activity)
    return Response()


def _admit(activity: Activity, proof: Proof, bot: Bot) -> None:
    if activity.service_url.rstrip("/") != proof.service_url.rstrip("/"):
        raise Problem(403, HTTPStatus.FORBIDDEN.phrase, "The token speaks for another service.")
    if activity.channel_id != MSTEAMS or MSTEAMS not in proof.endorsements:
        raise Problem(403, HTTPStatus.FORBIDDEN.phrase, "The token does not speak for Microsoft Teams.")
    if activity.tenant_id.lower() != bot.tenant_id:
        raise Problem(403, HTTPStatus.FORBIDDEN.phrase, "People of another organisation are not heard here.")


async def _remember(database: Database, activity: Activity) -> None:
    """In a transaction of its own: presses of one person must not wait for each other here."""
    conversation = activity.personal_conversation
    if conversation is None:
        return
    async with database.transaction() as tx:
        if activity.takes_leave:
            await teams_conversations.forget(tx, conversation.object_id, conversation.conversation_id)
        else:
            await teams_conversations.save(tx, conversation)


async def _answer(database: Database, bot: Bot, activity: Activity) -> InvokeResponse:
    try:
        press = press_of_invoke(activity.value)
    except ValueError:
        return InvokeResponse(status_code=400, type=ERROR, value={"code": "BadRequest", "message": "Unknown press."})
    try:
        async with asyncio.timeout(ANSWER_SECONDS), database.transaction() as tx:
            return await _act_and_show(tx, bot, activity, press)
    except TimeoutError:
        return _text(phrasebook_of(activity.locale), "unchanged-late")


async def _act_and_show(tx: Transaction, bot: Bot, activity: Activity, press: Press) -> InvokeResponse:
    """What was refused leaves nothing behind, and is told in the reader's language."""
    book, note = phrasebook_of(activity.locale), None
    try:
        person_id = await require_known_account(tx, SYSTEM, activity.object_id)
        reader = await _reader(tx, bot, person_id)
        book = reader.book
        async with tx.savepoint():
            await carry_out(tx, person_id, press)
    except clicks.NudgeMovedOn:
        note = book.say("unchanged-moved-on")
    except Problem as problem:
        words = words_for(problem)
        if words is None:
            raise
        return _text(book, words)
    nudge = await clicks.require_known(tx, press.nudge_id)
    message = await message_for(tx, nudge, reader)
    if is_from_digest(activity.value):
        return InvokeResponse(type=TEXT, value=note or message.outcome or message.title)
    return InvokeResponse(type=CARD, value=teams.render(message, note))


async def _take_submitted(database: Database, activity: Activity) -> None:
    """Teams shows whoever pressed that it went wrong when this is refused; what came of it is sent as a change."""
    try:
        press = press_of_submit(activity.value)
    except ValueError as error:
        raise Problem(400, "The press is not understood", "It comes from none of the cards of this bot.") from error
    async with database.transaction() as tx:
        await carry_out(tx, await require_known_account(tx, SYSTEM, activity.object_id), press)


async def _reader(tx: Transaction, bot: Bot, person_id: PersonId) -> Addressee:
    return await addressee_of(tx, (await directory.people(tx, [person_id]))[person_id], bot.console_url)


def _text(book: Phrasebook, message_id: str) -> InvokeResponse:
    return InvokeResponse(type=TEXT, value=book.say(message_id))


def _unauthenticated(detail: str) -> Problem:
    return Problem(401, "Not authenticated", detail, headers={"WWW-Authenticate": 'Bearer realm="teams"'})
