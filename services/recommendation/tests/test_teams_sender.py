"""Sending to Teams over real sockets: what is known after every way in which it can end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from pydantic import SecretStr

from kinetic.common.database import Database
from kinetic.recommendation.channels import teams_sender
from kinetic.recommendation.channels.sending import (
    Channel,
    Delayed,
    Dispatch,
    Receipt,
    Recipient,
    Refused,
    Sender,
    Sent,
    Unknown,
)
from kinetic.recommendation.channels.teams_login import BotAccess
from kinetic.recommendation.channels.teams_sender import TeamsSender, open_teams
from kinetic.recommendation.settings import Settings
from kinetic.recommendation.store import teams_conversations
from kinetic.recommendation.store.teams_conversations import Conversation
from services.recommendation.tests.bot_connector import (
    APP,
    CONVERSATION,
    OBJECT,
    SECRET,
    TENANT,
    Answer,
    BotConnector,
    Misdeed,
)
from services.recommendation.tests.company import DANA
from services.recommendation.tests.test_channels import FORMS, forms, message

RECIPIENT = Recipient(DANA, "dana@company.example", {"teams": OBJECT})
NEW = Dispatch("k-1", message(), RECIPIENT)
CHANGE = replace(NEW, reference={"activity_id": "1:0"})


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


@pytest.fixture
async def sender(empty: Database, connector: BotConnector, http: httpx.AsyncClient) -> TeamsSender:
    """A sender that knows where to reach Dana."""
    async with empty.transaction() as tx:
        await teams_conversations.save(tx, Conversation(OBJECT, CONVERSATION, connector.service_url, TENANT))
    return TeamsSender(BotAccess(APP, SecretStr(SECRET), TENANT, connector.url), http, empty)


def told(receipt: Receipt) -> tuple[type[Receipt], str]:
    """What kind of receipt it is, and the problem."""
    assert not isinstance(receipt, Sent), receipt
    return type(receipt), receipt.problem


async def test_a_message_arrives_as_a_card_and_is_changed_where_it_stands(
    sender: TeamsSender, connector: BotConnector
) -> None:
    as_a_sender: Sender = sender
    receipt = await as_a_sender.send(NEW)
    assert receipt == Sent({"activity_id": "1:0"})
    done = replace(NEW, key="k-2", message=forms()["done"], reference=receipt.reference)
    assert await sender.send(done) == receipt
    assert [(posted.method, posted.activity_id) for posted in connector.posted] == [("POST", "1:0"), ("PUT", "1:0")]
    assert connector.posted[0].activity["summary"].startswith("A build failed. 25 minutes each")
    assert (as_a_sender.channel, as_a_sender.follows) == (Channel.TEAMS, True)


@pytest.mark.parametrize("form", FORMS)
async def test_every_form_is_taken(sender: TeamsSender, connector: BotConnector, form: str) -> None:
    long = forms("de", title="<&>*_~`" * 700, statement="ü" * 5000)[form]
    assert isinstance(await sender.send(replace(NEW, message=long)), Sent)


def test_only_who_has_an_object_id_is_reached() -> None:
    sender = TeamsSender(BotAccess(APP, SecretStr(SECRET), TENANT, "http://x"), httpx.AsyncClient(), Database("", "x"))
    others = (Recipient(DANA, "dana@company.example", ids) for ids in ({}, {"slack": "U1"}, {"teams": ""}))
    assert [sender.reaches(recipient) for recipient in (RECIPIENT, *others)] == [True, False, False, False]


async def test_who_has_not_installed_the_app_gets_nothing(sender: TeamsSender, connector: BotConnector) -> None:
    other = replace(RECIPIENT, external_ids={"teams": "5d1b2c3a-0000-4000-8000-0000000000be"})
    assert told(await sender.send(replace(NEW, recipient=other)))[0] is Refused
    assert (connector.requests, connector.logins) == (0, 0)


async def test_a_conversation_in_another_tenant_is_none(
    sender: TeamsSender, connector: BotConnector, empty: Database
) -> None:
    async with empty.transaction() as tx:
        await teams_conversations.save(tx, Conversation(OBJECT, CONVERSATION, connector.service_url, "other"))
    assert told(await sender.send(NEW))[0] is Refused


@pytest.mark.parametrize(
    ("planned", "new", "change"),
    [
        (Answer(412, {"error": {"code": "PreconditionFailed"}}), Delayed, Delayed),
        (Answer(500, {"error": {"code": "ServiceError"}}), Unknown, Delayed),
        (Answer(502, b"<html>"), Unknown, Delayed),
        (Answer(400, {"error": {"code": "Bad Argument"}}), Refused, Refused),
        (Answer(403, {"error": {"code": "BotDisabledByAdmin"}}), Refused, Refused),
        (Answer(413, {"error": {"code": "MessageSizeTooBig"}}), Refused, Refused),
        (Answer(302, {}, {"location": "http://127.0.0.1:9/"}), Refused, Refused),
        (Answer(200, b"{" * 100_000), Sent, Sent),
        ("drop", Unknown, Delayed),
        ("stall", Unknown, Delayed),
    ],
    ids=str,
)
async def test_how_it_ends_says_what_is_known(
    sender: TeamsSender, connector: BotConnector, planned: Answer | Misdeed, new: type, change: type
) -> None:
    with patch.object(teams_sender, "ANSWER_SECONDS", 0.5):
        for dispatch, kind in ((NEW, new), (CHANGE, change)):
            connector.planned.append(planned)
            assert type(await sender.send(dispatch)) is kind
    assert connector.requests == 2


async def test_a_message_that_may_have_arrived_is_not_sent_again_and_a_change_is(
    sender: TeamsSender, connector: BotConnector
) -> None:
    await sender.send(NEW)
    assert told(await sender.send(replace(NEW, in_doubt=True)))[0] is Unknown
    assert isinstance(await sender.send(replace(CHANGE, in_doubt=True)), Sent)
    assert [posted.method for posted in connector.posted] == ["POST", "PUT"]


async def test_an_answer_without_an_id_is_an_arrival_that_cannot_be_changed(
    sender: TeamsSender, connector: BotConnector
) -> None:
    connector.planned.append(Answer(201, {}))
    receipt = await sender.send(NEW)
    assert receipt == Sent({})
    assert told(await sender.send(replace(NEW, reference=receipt.reference)))[0] is Refused


@pytest.mark.parametrize(("header", "seconds"), [("17", 17.0), ("soon", None), ("", None)])
async def test_teams_says_how_long_to_leave_everybody_alone(
    sender: TeamsSender, connector: BotConnector, header: str, seconds: float | None
) -> None:
    connector.planned.append(Answer(429, {"error": {"code": "Throttled"}}, {"retry-after": header}))
    assert await sender.send(NEW) == Delayed("Teams answered 429 Throttled", seconds, pauses=True)


async def test_teams_may_say_until_when(sender: TeamsSender, connector: BotConnector) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=600), usegmt=True)
    connector.planned.append(Answer(429, {}, {"retry-after": until}))
    receipt = await sender.send(NEW)
    assert isinstance(receipt, Delayed)
    assert 500 <= (receipt.after_seconds or 0) <= 600


async def test_nobody_there_is_a_delay(sender: TeamsSender, connector: BotConnector, empty: Database) -> None:
    await sender.send(NEW)  # the token is there
    async with empty.transaction() as tx:
        await teams_conversations.save(tx, Conversation(OBJECT, CONVERSATION, "http://127.0.0.1:9/", TENANT))
    assert told(await sender.send(NEW)) == (Delayed, "Teams could not be reached: ConnectError")


async def test_without_a_database_it_waits(sender: TeamsSender, empty: Database) -> None:
    away = Database("postgresql://nobody@127.0.0.1:9/x", "recommendation", acquire_seconds=0.5)
    with patch.object(sender, "_database", away):
        assert told(await sender.send(NEW))[0] is Delayed


@pytest.mark.parametrize(
    ("planned", "stays"),
    [
        (Answer(403, {"error": {"code": "ConversationBlockedByUser"}}), False),
        (Answer(403, {"error": {"code": "BotNotInConversationRoster"}}), False),
        (Answer(404, {"error": {"code": "ConversationNotFound"}}), False),
        (Answer(403, {"errorCode": 209, "message": '{"subCode": "MessageWritesBlocked", "details": "x"}'}), False),
        (Answer(403, {"error": {"code": "BotDisabledByAdmin"}}), True),
        (Answer(404, {"error": {"code": "ActivityNotFoundInConversation"}}), True),
        (Answer(404, b"<html>"), True),
    ],
    ids=str,
)
async def test_a_conversation_that_its_person_has_closed_is_forgotten(
    sender: TeamsSender, connector: BotConnector, empty: Database, planned: Answer, stays: bool
) -> None:
    connector.planned.append(planned)
    assert told(await sender.send(NEW))[0] is Refused
    async with empty.transaction() as tx:
        assert (await teams_conversations.find(tx, OBJECT, TENANT) is not None) is stays


async def test_fifty_messages_need_one_token(sender: TeamsSender, connector: BotConnector) -> None:
    connector.login_seconds = 0.1
    receipts = await asyncio.gather(*(sender.send(NEW) for _ in range(50)))
    assert {type(receipt) for receipt in receipts} == {Sent}
    assert connector.logins == 1


async def test_who_stops_waiting_for_a_token_does_not_take_it_from_the_others(
    sender: TeamsSender, connector: BotConnector
) -> None:
    connector.login_seconds = 0.2
    leaves, stays = asyncio.create_task(sender.send(NEW)), asyncio.create_task(sender.send(NEW))
    await asyncio.sleep(0.1)
    leaves.cancel()
    assert isinstance(await stays, Sent)
    assert connector.logins == 1


@pytest.mark.parametrize(("lives_seconds", "logins"), [(3600, 1), (0, 2)])
async def test_a_token_is_used_until_shortly_before_its_end(
    sender: TeamsSender, connector: BotConnector, lives_seconds: int, logins: int
) -> None:
    connector.lives_seconds = lives_seconds
    await sender.send(NEW)
    await sender.send(NEW)
    assert connector.logins == logins


async def test_a_token_that_is_refused_is_replaced_once(sender: TeamsSender, connector: BotConnector) -> None:
    await sender.send(NEW)
    connector.valid.clear()
    assert isinstance(await sender.send(NEW), Sent)
    assert (connector.logins, connector.requests) == (2, 3)
    connector.planned.extend([Answer(401, {"error": {"code": "BotNotRegistered"}})] * 2)
    assert told(await sender.send(NEW)) == (Delayed, "Teams answered 401 BotNotRegistered")
    assert (connector.logins, connector.requests) == (3, 5)


@pytest.mark.parametrize(
    ("answer", "problem", "pauses"),
    [
        (Answer(401, {"error": "invalid_client"}), "the login service answered 401 invalid_client", False),
        (Answer(400, {"error": f"x {SECRET}"}), "the login service answered 400", False),
        (Answer(429, b"", {"retry-after": "9"}), "the login service answered 429", True),
        (Answer(503, b""), "the login service answered 503", False),
        (Answer(200, b"<html>"), "the login service answered without a token", False),
        (Answer(200, {"access_token": "a\nb", "expires_in": 9}), "the login service answered without a token", False),
    ],
    ids=str,
)
async def test_without_a_token_it_waits(
    sender: TeamsSender, connector: BotConnector, answer: Answer, problem: str, pauses: bool
) -> None:
    connector.login_answer = answer
    receipt = await sender.send(NEW)
    assert told(receipt) == (Delayed, problem)
    assert receipt == Delayed(problem, 9.0 if pauses else None, pauses)
    assert connector.requests == 0


async def test_neither_secrets_nor_addresses_are_told_or_logged(
    sender: TeamsSender, connector: BotConnector, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), patch.object(teams_sender, "ANSWER_SECONDS", 0.5):
        receipts = [await sender.send(NEW)]
        for planned in (Answer(400, {"error": {"code": f"{CONVERSATION} {SECRET}"}}), "drop", "stall"):
            connector.planned.append(planned)
            receipts.append(await sender.send(NEW))
        connector.login_answer = Answer(401, {"error": SECRET, "error_description": SECRET})
        connector.valid.clear()
        receipts.append(await sender.send(NEW))
    ours = " ".join(entry.getMessage() for entry in caplog.records if entry.name.startswith("kinetic"))
    secrets = (SECRET, "token-1", CONVERSATION, "da4a", "company.example")
    assert not [secret for secret in secrets if secret in f"{receipts} {ours} {vars(sender)}"]


def test_teams_is_there_with_all_of_its_settings_or_not_at_all() -> None:
    http, database = httpx.AsyncClient(), Database("", "x")
    assert open_teams(Settings(), http, database) is None
    whole: dict[str, Any] = {"teams_app_id": APP, "teams_app_secret": SecretStr(SECRET), "teams_tenant_id": TENANT}
    assert isinstance(open_teams(Settings(**whole), http, database), TeamsSender)
    for name in whole:
        with pytest.raises(ValueError, match="belong together"):
            Settings(**{**whole, name: None})
