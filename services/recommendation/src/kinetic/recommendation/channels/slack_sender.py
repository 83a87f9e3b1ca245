"""Nudges as direct messages in Slack: opened, posted, and changed where they stand. Set-up: docs/channels/slack.md."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any, Final

import httpx
from slack_sdk.errors import SlackObjectFormationError

from kinetic.recommendation.channels import slack
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
from kinetic.recommendation.channels.slack_api import MISSING_SCOPE, Failure, Fault, Fields, SlackApi
from kinetic.recommendation.settings import Settings

log = logging.getLogger(__name__)

SYSTEM: Final = "slack"
"""What the directory calls the ids of people in Slack."""
FOUND_AFTER_SECONDS: Final = 30.0
"""By then a message that Slack was still to post stands in its conversation."""
MOST_PAGES: Final = 5
PAGE: Final = 200
CHANGEABLE: Final = frozenset({"text", "blocks", "parse", "metadata"})
"""What `chat.update` takes of what `chat.postMessage` does."""

# A list of several ids would open a conversation of several people.
_USER_ID: Final = re.compile(r"[UW][A-Z0-9]{2,40}")


class SlackSender:
    """Direct messages of one app in one workspace."""

    channel = Channel.SLACK
    follows = True
    longest_seconds = LONGEST_SECONDS

    def __init__(self, api: SlackApi) -> None:
        self._api = api

    def reaches(self, recipient: Recipient) -> bool:
        """Whether the directory knows who this is in Slack."""
        return _user_id(recipient) is not None

    async def send(self, dispatch: Dispatch) -> Receipt:
        """See `Sender`. A change is taken once however often it comes; what is in doubt is looked up in the conversation."""
        try:
            rendered = slack.render(dispatch.message)
        except SlackObjectFormationError as error:
            return Refused(f"the message does not fit Slack: {error}")
        rendered["metadata"]["event_payload"]["occasion"] = _occasion(dispatch)
        if dispatch.reference is not None:
            return await self._change(dispatch.reference, rendered)
        user_id = _user_id(dispatch.recipient)
        if user_id is None:
            return Refused("the directory has no id in Slack of this person")
        return await self._post(user_id, dispatch, rendered)

    async def _change(self, reference: Mapping[str, str], rendered: Fields) -> Receipt:
        place = {name: reference.get(name, "") for name in ("channel", "ts")}
        changed = {name: value for name, value in rendered.items() if name in CHANGEABLE}
        answer = await self._api.tell("chat.update", {**place, **changed})
        return _repeatable(answer) if isinstance(answer, Failure) else Sent(reference)

    async def _post(self, user_id: str, dispatch: Dispatch, rendered: Fields) -> Receipt:
        channel = await self._open(user_id)
        if isinstance(channel, Failure):
            return _doubtful(channel) if dispatch.in_doubt else _repeatable(channel)
        if dispatch.in_doubt and (found := await self._find(channel, dispatch)) is not None:
            return await self._renew(found, rendered) if isinstance(found, Sent) else found
        answer = await self._api.tell("chat.postMessage", {"channel": channel, **rendered})
        if isinstance(answer, Failure):
            is_open = answer.fault is Fault.OPEN
            return Unknown(answer.problem, FOUND_AFTER_SECONDS) if is_open else _repeatable(answer)
        ts = answer.get("ts")
        if not isinstance(ts, str):
            return Unknown("chat.postMessage: named no message", FOUND_AFTER_SECONDS)
        return Sent({"channel": channel, "ts": ts})

    async def _renew(self, found: Sent, rendered: Fields) -> Receipt:
        """A message that had arrived, as it is now: what it shows may be old."""
        renewed = await self._change(found.reference, rendered)
        return Unknown(renewed.problem) if isinstance(renewed, Refused) else renewed

    async def _open(self, user_id: str) -> str | Failure:
        answer = await self._api.ask("conversations.open", {"users": user_id})
        if isinstance(answer, Failure):
            return answer
        channel = _inner(answer, "channel").get("id")
        return channel if isinstance(channel, str) else Failure(Fault.OPEN, "conversations.open: named no channel")

    async def _find(self, channel: str, dispatch: Dispatch) -> Receipt | None:
        """What is known of a message that may have arrived; None when it did not."""
        fields = {"channel": channel, "include_all_metadata": "true", "limit": str(PAGE)}
        for _ in range(MOST_PAGES):
            page = await self._api.ask("conversations.history", fields)
            if isinstance(page, Failure):
                return _doubtful(page)
            for message in _list(page, "messages"):
                if (known := _recognise(channel, message, dispatch)) is not None:
                    return known
            cursor = _inner(page, "response_metadata").get("next_cursor")
            if not cursor:
                return Unknown("conversations.history: named no next page") if page.get("has_more") else None
            fields["cursor"] = str(cursor)
        return Unknown("conversations.history: the conversation is too long to look through")


def open_slack(settings: Settings, http: httpx.AsyncClient) -> SlackSender | None:
    """The channel as the settings have it. None without a token, and without a secret: nothing that is pressed would work."""
    if settings.slack_token is None:
        return None
    if not signing_secrets(settings):
        log.warning("Slack is not used: there is a token, and no secret that presses are signed with")
        return None
    token = settings.slack_token.get_secret_value().strip()
    return SlackSender(SlackApi(http, settings.slack_api_url, token))


def signing_secrets(settings: Settings) -> list[str]:
    """What Slack may sign with."""
    listed = settings.slack_signing_secrets.get_secret_value().split(",")
    return [secret.strip() for secret in listed if secret.strip()]


def _user_id(recipient: Recipient) -> str | None:
    user_id = recipient.external_ids.get(SYSTEM, "")
    return user_id if _USER_ID.fullmatch(user_id) else None


def _recognise(channel: str, message: Fields, dispatch: Dispatch) -> Receipt | None:
    """The receipt of the message that was looked for. Unknown when it could be this one, and its metadata is not shown."""
    metadata, ts = _inner(message, "metadata"), message.get("ts")
    occasion = _inner(metadata, "event_payload").get("occasion")
    is_ours = metadata.get("event_type") == slack.METADATA_TYPE and occasion == _occasion(dispatch)
    if is_ours and isinstance(ts, str):
        return Sent({"channel": channel, "ts": ts})
    shown = [str(block.get("block_id")) for block in _list(message, "blocks")]
    if occasion is None and any(dispatch.message.item_id in one for one in shown):
        return Unknown("conversations.history: the metadata of messages is not shown to this app")
    return None


def _occasion(dispatch: Dispatch) -> str:
    return dispatch.occasion or dispatch.key


def _repeatable(failure: Failure) -> Receipt:
    """A call that may be made again whatever became of it."""
    if failure.fault is Fault.REFUSED:
        return Refused(failure.problem)
    return Delayed(failure.problem, failure.after_seconds, pauses=failure.fault is Fault.LIMITED)


def _doubtful(failure: Failure) -> Receipt:
    """A failure to look something up says nothing of what is in doubt."""
    if failure.fault is Fault.REFUSED or failure.error == MISSING_SCOPE:
        return Unknown(failure.problem)
    return _repeatable(failure)


def _inner(fields: Fields, name: str) -> Fields:
    inner = fields.get(name)
    return inner if isinstance(inner, dict) else {}


def _list(fields: Fields, name: str) -> list[dict[str, Any]]:
    inner = fields.get(name)
    return [one for one in inner if isinstance(one, dict)] if isinstance(inner, list) else []
