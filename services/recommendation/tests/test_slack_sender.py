"""Direct messages in Slack, over real sockets: posted once, changed where they stand, and looked up when in doubt."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from kinetic.contracts.ids import NudgeId, PersonId
from kinetic.recommendation.channels import slack, slack_api
from kinetic.recommendation.channels.sending import (
    Channel,
    Delayed,
    Dispatch,
    Receipt,
    Recipient,
    Refused,
    Sent,
    Unknown,
)
from kinetic.recommendation.channels.slack_api import SlackApi
from kinetic.recommendation.channels.slack_sender import SlackSender, open_slack
from kinetic.recommendation.settings import Settings
from services.recommendation.tests.local_slack import (
    DANA_THERE,
    DANAS_CHANNEL,
    TOKEN,
    Breaks,
    Hangs,
    LocalSlack,
    Says,
)
from services.recommendation.tests.test_channels import forms, message

NUDGE = NudgeId("0198f0c4-0000-7000-8000-000000000001")
DANA = Recipient(PersonId("0198f0c4-0000-7000-8000-00000000000d"), "dana@company.example", {"slack": DANA_THERE})
SHOWN = message(nudge_id=NUDGE)
SECRETS = (TOKEN, DANA_THERE, DANAS_CHANNEL, "dana@company.example", "127.0.0.1")

POST, OPEN, UPDATE, HISTORY = "chat.postMessage", "conversations.open", "chat.update", "conversations.history"


def dispatch(key: str = "delivery-1", **changes: Any) -> Dispatch:
    return replace(Dispatch(key, SHOWN, DANA), **changes)


def says(error: str, **fields: Any) -> Says:
    return Says(200, json.dumps({"ok": False, "error": error, **fields}))


async def test_a_nudge_is_posted_to_its_managers_own_conversation_and_tells_whose_dispatch_it_is(
    there: LocalSlack, sender: SlackSender
) -> None:
    receipt = await sender.send(dispatch())
    (posted,) = there.messages
    assert receipt == Sent({"channel": DANAS_CHANNEL, "ts": posted["ts"]})
    assert posted["metadata"]["event_payload"] == {"nudge_id": NUDGE, "version": 1, "occasion": "delivery-1"}
    assert posted["blocks"] == slack.render(SHOWN)["blocks"]
    assert there.calls == [OPEN, POST]


async def test_what_became_of_a_nudge_changes_the_message_that_was_posted(
    there: LocalSlack, sender: SlackSender
) -> None:
    first = await sender.send(dispatch())
    assert isinstance(first, Sent)
    done = replace(forms(nudge_id=NUDGE)["done"], version=2)
    again = await sender.send(dispatch("delivery-2", message=done, reference=first.reference, in_doubt=True))
    (changed,) = there.messages
    assert again == first
    assert changed["text"].startswith("Assigned")
    assert changed["metadata"]["event_payload"]["occasion"] == "delivery-2"
    assert {block.get("block_id") for block in changed["blocks"]} >= {f"nudge:{NUDGE}:2"}


@pytest.mark.parametrize("form", forms())
async def test_slack_takes_every_form_of_a_message(there: LocalSlack, sender: SlackSender, form: str) -> None:
    assert isinstance(await sender.send(dispatch(message=forms(nudge_id=NUDGE)[form])), Sent)


async def test_what_does_not_fit_slack_is_refused_before_it_is_sent(there: LocalSlack, sender: SlackSender) -> None:
    away = replace(SHOWN, actions=(replace(SHOWN.actions[-1], url=f"https://console.example/{'x' * 3000}"),))
    assert isinstance(await sender.send(dispatch(message=away)), Refused)
    assert there.calls == []


async def test_somebody_without_one_id_in_slack_is_not_reached(there: LocalSlack, sender: SlackSender) -> None:
    assert sender.reaches(DANA)
    for ids in ({}, {"slack": ""}, {"slack": f"{DANA_THERE},U0RAVI"}, {"slack": DANAS_CHANNEL}, {"teams": "U0DANA"}):
        nobody = replace(DANA, external_ids=ids)
        assert not sender.reaches(nobody)
        assert isinstance(await sender.send(dispatch(recipient=nobody)), Refused)
    assert there.calls == []


@pytest.mark.parametrize(
    ("method", "answer", "receipt"),
    [
        (POST, Says(429, headers={"Retry-After": "7"}), Delayed("", 7.0, pauses=True)),
        (POST, Says(429), Delayed("", 30.0, pauses=True)),
        (POST, Says(429, headers={"Retry-After": "soon"}), Delayed("", 30.0, pauses=True)),
        (POST, Says(429, headers={"Retry-After": "9" * 400}), Delayed("", 86_400.0, pauses=True)),
        (OPEN, says("ratelimited"), Delayed("", 30.0, pauses=True)),
        (POST, says("rate_limited"), Delayed("", 30.0, pauses=True)),
        *((OPEN, says(error), Refused("")) for error in ("user_not_found", "user_disabled", "cannot_dm_bot")),
        *((POST, says(error), Refused("")) for error in ("channel_not_found", "is_archived", "msg_too_long")),
        *((POST, says(error), Refused("")) for error in ("invalid_blocks", "invalid_blocks_format")),
        *((POST, says(error), Delayed("", 60.0)) for error in ("invalid_auth", "token_revoked", "missing_scope")),
        *((OPEN, says(error), Delayed("", 60.0)) for error in ("not_authed", "account_inactive", "token_expired")),
        (POST, says("internal_error"), Unknown("")),
        (OPEN, says("internal_error"), Delayed("")),
        (POST, says("of_tomorrow"), Unknown("")),
        (POST, says("team_added_to_org"), Delayed("")),
        *((POST, Says(status), Unknown("")) for status in (500, 502, 503)),
        *((OPEN, Says(status), Delayed("")) for status in (500, 502, 503)),
        (POST, Says(403, "<html>"), Delayed("")),
        (POST, Says(302, headers={"Location": "http://127.0.0.1:1/"}), Delayed("")),
        (POST, Says(200, "<html>"), Unknown("")),
        (POST, Says(200, '{"ok": true}'), Unknown("")),
        (POST, Says(200, "[]"), Unknown("")),
        (OPEN, Says(200, '{"ok": true, "channel": {}}'), Delayed("")),
        (POST, Breaks(done=True), Unknown("")),
        (OPEN, Breaks(done=True), Delayed("")),
    ],
)
async def test_each_failure_of_a_new_message_means_what_slack_says_of_it(
    there: LocalSlack, sender: SlackSender, method: str, answer: Says | Breaks, receipt: Receipt
) -> None:
    there.next[method] = [answer]
    assert without_problem(await sender.send(dispatch())) == receipt


@pytest.mark.parametrize(
    ("answer", "receipt"),
    [
        *((says(error), Refused("")) for error in ("message_not_found", "cant_update_message", "edit_window_closed")),
        *((Says(status), Delayed("")) for status in (500, 503)),
        (says("fatal_error"), Delayed("")),
        (says("invalid_auth"), Delayed("", 60.0)),
        (Says(429, headers={"Retry-After": "3"}), Delayed("", 3.0, pauses=True)),
        (Breaks(done=True), Delayed("")),
        (Breaks(done=False), Delayed("")),
    ],
)
async def test_a_change_may_come_twice_so_that_it_is_never_in_doubt(
    there: LocalSlack, sender: SlackSender, answer: Says | Breaks, receipt: Receipt
) -> None:
    first = await sender.send(dispatch())
    assert isinstance(first, Sent)
    there.next[UPDATE] = [answer]
    change = dispatch("delivery-2", reference=first.reference)
    assert without_problem(await sender.send(change)) == receipt
    assert await sender.send(change) == first
    assert len(there.messages) == 1


async def test_slack_that_is_not_reached_has_not_got_it_and_slack_that_hangs_may_have(
    there: LocalSlack, sender: SlackSender
) -> None:
    async with httpx.AsyncClient() as http:
        nowhere = SlackSender(SlackApi(http, "http://127.0.0.1:1/api/", TOKEN))
        assert isinstance(await nowhere.send(dispatch()), Delayed)
    there.next[POST] = [Hangs(0.6)]
    with patch.object(slack_api, "TIMEOUT", httpx.Timeout(0.2)):
        assert isinstance(await sender.send(dispatch()), Unknown)
    there.next[POST] = [Hangs(0.6)]
    with patch.object(slack_api, "ANSWERED_WITHIN_SECONDS", 0.3):
        assert isinstance(await sender.send(dispatch()), Unknown)


@pytest.mark.parametrize(("stays", "receipt"), [(True, Unknown("")), (False, Delayed(""))])
async def test_a_post_that_is_not_answered_is_in_doubt_and_one_that_is_not_taken_is_not(
    stays: bool, receipt: Receipt
) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if OPEN.encode() in await reader.readuntil(b"\r\n\r\n"):
            body = b'{"ok":true,"channel":{"id":"D0DANA"}}'
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
            if not stays:
                server.close()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with httpx.AsyncClient() as http:
        assert without_problem(await SlackSender(SlackApi(http, url, TOKEN)).send(dispatch())) == receipt
    server.close()


async def test_a_scope_that_is_missing_is_named_to_the_operator(there: LocalSlack, sender: SlackSender) -> None:
    there.next[POST] = [says("missing_scope", needed="chat:write")]
    receipt = await sender.send(dispatch())
    assert isinstance(receipt, Delayed)
    assert receipt.problem == "chat.postMessage: missing_scope chat:write: mend the Slack app or its token"


async def test_no_problem_and_no_log_holds_a_secret_or_an_address(
    there: LocalSlack, sender: SlackSender, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "kinetic")
    spoken = f"{DANA_THERE} {TOKEN}"
    problems = []
    for method in (OPEN, POST, HISTORY):
        for answer in (says(spoken), Says(500, spoken), Breaks(done=True), says("missing_scope", needed=spoken)):
            there.next[method] = [answer]
            problems.append(await sender.send(dispatch(in_doubt=method is HISTORY)))
    told = repr(problems) + caplog.text
    assert len(problems) == 12
    assert not any(secret in told for secret in SECRETS)


@pytest.mark.parametrize("token", ["xoxb-ü", "xoxb-\n1"])
async def test_a_malformed_token_delays_and_is_not_told(there: LocalSlack, token: str) -> None:
    async with httpx.AsyncClient() as http:
        receipt = await SlackSender(SlackApi(http, there.url, token)).send(dispatch())
    assert isinstance(receipt, Delayed)
    assert "xoxb" not in receipt.problem


async def test_without_a_token_or_a_secret_the_channel_is_not_there(there: LocalSlack) -> None:
    token, secret = SecretStr(f"{TOKEN}\n"), SecretStr("secret")
    http = httpx.AsyncClient()
    assert open_slack(Settings(slack_signing_secrets=secret), http) is None
    assert open_slack(Settings(slack_token=token, slack_signing_secrets=SecretStr(" ,")), http) is None
    opened = open_slack(Settings(slack_token=token, slack_signing_secrets=secret, slack_api_url=there.url), http)
    assert opened is not None
    assert (opened.channel, opened.follows) == (Channel.SLACK, True)
    assert isinstance(await opened.send(dispatch()), Sent)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_ANSWERS = st.fixed_dictionaries(
    {"ok": st.booleans()},
    optional=dict.fromkeys(("error", "needed", "channel", "ts", "messages", "response_metadata", "has_more"), _JSON),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([200, 200, 200, 204, 301, 400, 404, 429, 500]), _ANSWERS.map(json.dumps) | st.text()),
        min_size=1,
    ),
    st.booleans(),
)
async def test_whatever_slack_answers_a_receipt_comes(answers: list[tuple[int, str]], in_doubt: bool) -> None:
    turns = iter(answers * 10)

    def answer(request: httpx.Request) -> httpx.Response:
        status, text = next(turns, answers[0])
        return httpx.Response(status, content=text.encode("utf-8", "replace"))

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        sender = SlackSender(SlackApi(http, "https://slack.example/api/", TOKEN))
        for reference in (None, {"channel": "D1", "ts": "1.2"}, {}):
            receipt = await sender.send(dispatch(in_doubt=in_doubt, reference=reference))
            assert isinstance(receipt, Sent | Delayed | Refused | Unknown)


def without_problem(receipt: Receipt) -> Receipt:
    """A receipt without its words, and without when what may have arrived is looked up."""
    if isinstance(receipt, Sent):
        return receipt
    assert receipt.problem
    return Unknown("") if isinstance(receipt, Unknown) else replace(receipt, problem="")
