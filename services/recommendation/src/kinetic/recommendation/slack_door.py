"""`POST /slack/interactions`: what managers press in Slack.

Slack proves itself by its signature, and the person by the id under which the directory has them. What they may do follows
from the directory and the nudge alone, whatever else the payload says. The answer comes when the click is committed; the
message then changes as any other nudge that has changed. What could not be done is told to whoever pressed.
"""

from __future__ import annotations

import asyncio
import logging
from json import JSONDecodeError
from typing import Any, Final
from urllib.parse import parse_qsl

import httpx
from fastapi import Request, Response
from pydantic import BaseModel, ValidationError
from slack_sdk.signature import SignatureVerifier
from starlette.background import BackgroundTask

from kinetic.common.database import Database
from kinetic.common.operations import database_of
from kinetic.common.problems import Problem
from kinetic.common.web import api_router, read_json
from kinetic.contracts.recommendation import DismissalReason, SnoozeUntil
from kinetic.directory import store as directory
from kinetic.recommendation.addressees import addressee_of
from kinetic.recommendation.channels.message import ActionId
from kinetic.recommendation.channels.slack import action_id_of, escape, shown_in
from kinetic.recommendation.channels.slack_sender import SYSTEM, signing_secrets
from kinetic.recommendation.presses import Press, carry_out, require_known_account, words_for
from kinetic.recommendation.settings import Settings
from kinetic.recommendation.words import ENGLISH, phrasebook_of

router = api_router(tags=["channels"])
log = logging.getLogger(__name__)

COMMITTED_WITHIN_SECONDS: Final = 2.5
"""Slack waits for three seconds."""
TOLD_WITHIN_SECONDS: Final = 3.0
MOST_FIELDS: Final = 10

_FORM: Final = "application/x-www-form-urlencoded"
_PAYLOAD: Final = {"type": "string", "description": "The interaction as JSON. Others than `block_actions` are ignored."}
_SCHEMA: Final = {"type": "object", "properties": {"payload": _PAYLOAD}}
_DOCUMENT: dict[str, Any] = {"requestBody": {"required": True, "content": {_FORM: {"schema": _SCHEMA}}}}


class Account(BaseModel):
    """Who pressed, of whom only the id counts."""

    id: str


class Option(BaseModel):
    """What was chosen from a menu."""

    value: str


class Pressed(BaseModel):
    """One button or menu of a message."""

    action_id: str
    block_id: str
    selected_option: Option | None = None


class Interaction(BaseModel):
    """What is read of a `block_actions` payload."""

    user: Account
    actions: list[Pressed]
    response_url: str | None = None


@router.post("/slack/interactions", openapi_extra=_DOCUMENT, response_class=Response)
async def take_interaction(request: Request) -> Response:
    """Take what somebody pressed, signed by Slack. It is answered empty when it is committed; twice has one effect.

    401 without a valid signature of the last five minutes, 503 when Slack is not set up here or Postgres does not answer.
    """
    settings: Settings = request.app.state.settings
    body = await request.body()
    _require_signature(settings, request, body)
    interaction = _read(_payload_of(request, body))
    press = _press_of(interaction) if interaction else None
    if interaction is None or press is None:
        return Response()
    async with asyncio.timeout(COMMITTED_WITHIN_SECONDS):
        refusal = await _take(database_of(request), interaction.user.id, press, settings.console_url)
    if refusal is None:
        return Response()
    return Response(background=BackgroundTask(tell, interaction.response_url, refusal, settings.slack_hooks_url))


async def tell(response_url: str | None, text: str, hooks_url: str) -> None:
    """Tell somebody, and nobody else, what became of a press. Only Slack's own address is called."""
    if response_url is None or not leads_to(response_url, hooks_url):
        log.warning("a press in Slack could not be answered: its address is none of Slack's")
        return
    said = {"response_type": "ephemeral", "replace_original": False, "text": text}
    try:
        async with asyncio.timeout(TOLD_WITHIN_SECONDS), httpx.AsyncClient(timeout=TOLD_WITHIN_SECONDS) as http:
            (await http.post(response_url, json=said)).raise_for_status()
    except (httpx.HTTPError, TimeoutError) as error:
        log.warning("a press in Slack could not be answered: %s", type(error).__name__)  # its text quotes the address


def leads_to(url: str, hooks_url: str) -> bool:
    """Whether an address belongs to the host of `hooks_url` and lies below its path."""
    try:
        there, hooks = httpx.URL(url), httpx.URL(hooks_url)
    except httpx.InvalidURL:
        return False
    same = (there.scheme, there.host, there.port) == (hooks.scheme, hooks.host, hooks.port)
    return same and not there.userinfo and there.path.startswith(f"{hooks.path.rstrip('/')}/")


def is_signed(secrets: list[str], request: Request, body: bytes) -> bool:
    """Whether Slack signed this body with one of the secrets, five minutes from now at most, before or after."""
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    # the verifier raises for what is no number, no ASCII or no UTF-8
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12 and signature.isascii()):
        return False
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    # every secret is tried, so that the time taken does not tell which one fits
    fits = [SignatureVerifier(secret).is_valid(text, timestamp, signature) for secret in secrets]
    return any(fits)


def _require_signature(settings: Settings, request: Request, body: bytes) -> None:
    secrets = signing_secrets(settings)
    if not secrets:
        raise Problem(503, "Slack is not set up here", "An administrator has to set KINETIC_SLACK_SIGNING_SECRETS.")
    if not is_signed(secrets, request, body):
        raise Problem(401, "Not signed by Slack", "The signature is missing, wrong or not of these five minutes.")


def _payload_of(request: Request, body: bytes) -> str | None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise Problem(415, "Only forms are taken here", f"Send Content-Type: {_FORM}.")
    try:
        form = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Problem(400, "The body is not a form", "It is not UTF-8, or has too many fields.") from None
    found = [value for name, value in form if name == "payload"]
    if not found and any(name == "ssl_check" for name, _ in form):
        return None
    if len(found) != 1:
        raise Problem(400, "The form has no payload", "It has to have one field `payload`.")
    return found[0]


def _read(payload: str | None) -> Interaction | None:
    if payload is None:
        return None
    try:
        value = read_json(payload.encode())
        if isinstance(value, dict) and isinstance(value.get("type"), str) and value["type"] != "block_actions":
            return None
        return Interaction.model_validate(value)
    except (JSONDecodeError, UnicodeEncodeError):
        raise Problem(400, "The payload is not JSON") from None
    except ValidationError as error:
        raise Problem(422, "The payload is no interaction", f"{error.error_count()} places are wrong.") from None


def _press_of(interaction: Interaction) -> Press | None:
    """What is to be done; None for links, which open a page and are told all the same."""
    for pressed in interaction.actions:
        choice = pressed.selected_option.value if pressed.selected_option else None
        try:
            if pressed.action_id == action_id_of(ActionId.ASSIGN):
                return _press(pressed)
            if pressed.action_id == action_id_of(ActionId.SNOOZE) and choice is not None:
                return _press(pressed, SnoozeUntil(choice))
            if pressed.action_id == action_id_of(ActionId.DISMISS) and choice is not None:
                return _press(pressed, DismissalReason(choice))
        except ValueError:
            raise Problem(422, "The payload is no interaction", "Nothing of the kind can be chosen.") from None
    return None


def _press(pressed: Pressed, wish: SnoozeUntil | DismissalReason | None = None) -> Press:
    shown = shown_in(pressed.block_id)
    if shown is None:
        raise Problem(422, "The payload is no interaction", "The block names no nudge.")
    return Press(shown.nudge_id, shown.version, wish)


async def _take(database: Database, user_id: str, press: Press, console_url: str) -> str | None:
    """Do it. When it cannot be done, the words that say so."""
    try:
        async with database.transaction() as tx:
            await carry_out(tx, await require_known_account(tx, SYSTEM, user_id), press)
    except Problem as problem:
        words = words_for(problem)
        if words is None:
            raise
        return await _worded(database, user_id, press, words, console_url)
    return None


async def _worded(database: Database, user_id: str, press: Press, words: str, console_url: str) -> str:
    async with database.transaction() as tx:
        person_id = await directory.person_by_external_id(tx, SYSTEM, user_id)
        known = await directory.people(tx, [person_id] if person_id else [])
        readers = [await addressee_of(tx, person, console_url) for person in known.values()]
    book = readers[0].book if readers else phrasebook_of(ENGLISH)
    text = escape(book.say(words))
    url = f"{console_url}/?nudge={press.nudge_id}"
    if words == "unchanged-moved-on":
        return f"{text} <{url}|{escape(book.say('action-why'))}>"
    if words == "unchanged-people":
        return f"{text} <{url}&amp;do=choose|{escape(book.say('action-choose'))}>"
    return text
