"""A message in Slack whose answer was lost is looked up in the conversation, and never posted twice."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any
from unittest.mock import patch

import pytest

from kinetic.recommendation.channels.sending import Delayed, Dispatch, Receipt, Sent, Unknown
from kinetic.recommendation.channels.slack_sender import FOUND_AFTER_SECONDS, SlackSender
from services.recommendation.tests.local_slack import DANAS_CHANNEL, Breaks, LocalSlack, Says
from services.recommendation.tests.test_channels import message
from services.recommendation.tests.test_slack_sender import (
    HISTORY,
    NUDGE,
    OPEN,
    POST,
    UPDATE,
    dispatch,
    says,
    without_problem,
)


@pytest.mark.parametrize(("off", "messages"), [(False, 4), (True, 5)])
async def test_a_message_whose_answer_was_lost_is_found_instead_of_posted_again(
    there: LocalSlack, sender: SlackSender, off: bool, messages: int
) -> None:
    there.next[POST] = [Breaks(done=True)]
    doubtful = await sender.send(dispatch())
    assert isinstance(doubtful, Unknown)
    assert doubtful.after_seconds == FOUND_AFTER_SECONDS
    (lost,) = there.messages
    for number in range(3):  # newer ones stand before it, on the first pages
        await sender.send(dispatch(f"other-{number}"))
    with _not_looking() if off else nullcontext():
        found = await sender.send(dispatch(in_doubt=True))
    assert len(there.messages) == messages
    assert (found == Sent({"channel": DANAS_CHANNEL, "ts": lost["ts"]})) is not off


async def test_a_message_that_had_arrived_in_an_old_version_is_changed_and_that_of_another_occasion_is_left(
    there: LocalSlack, sender: SlackSender
) -> None:
    await sender.send(dispatch("n.1.1", occasion="n.1"))
    there.next[POST] = [Breaks(done=True)]
    assert isinstance(await sender.send(dispatch("n.2.2", occasion="n.2")), Unknown)
    newer = message(nudge_id=NUDGE, version=3)
    found = await sender.send(dispatch("n.2.3", occasion="n.2", message=newer, in_doubt=True))
    before, now = there.messages
    assert found == Sent({"channel": DANAS_CHANNEL, "ts": now["ts"]})
    assert [one["metadata"]["event_payload"]["version"] for one in (before, now)] == [1, 3]


async def test_a_message_that_had_arrived_and_cannot_be_changed_is_not_posted_again(
    there: LocalSlack, sender: SlackSender
) -> None:
    there.next[POST] = [Breaks(done=True)]
    await sender.send(dispatch())
    there.next[UPDATE] = [says("edit_window_closed")]
    assert isinstance(await sender.send(dispatch(in_doubt=True)), Unknown)
    assert len(there.messages) == 1


async def test_a_message_that_never_arrived_is_posted_when_the_conversation_was_seen_whole(
    there: LocalSlack, sender: SlackSender
) -> None:
    await sender.send(dispatch("another"))
    there.next[POST] = [Breaks(done=False)]
    assert isinstance(await sender.send(dispatch()), Unknown)
    assert isinstance(await sender.send(dispatch(in_doubt=True)), Sent)
    assert [one["metadata"]["event_payload"]["occasion"] for one in there.messages] == ["another", "delivery-1"]


@pytest.mark.parametrize(
    ("hindrance", "receipt"),
    [
        ({"scopes": {"chat:write"}}, Unknown("")),
        ({"shows_metadata": False}, Unknown("")),
        ({"page": 0}, Unknown("")),
        ({"page": 0, "names_cursor": False}, Unknown("")),
        ({"next": {OPEN: [says("user_disabled")], HISTORY: [], POST: []}}, Unknown("")),
        ({"next": {OPEN: [], HISTORY: [says("channel_not_found")], POST: []}}, Unknown("")),
        ({"next": {OPEN: [], HISTORY: [Says(429)], POST: []}}, Delayed("", 30.0, pauses=True)),
        ({"next": {OPEN: [], HISTORY: [Says(503)], POST: []}}, Delayed("")),
    ],
    ids=["no scope", "no metadata", "too long", "no next page", "nobody", "no channel", "a rest", "away"],
)
async def test_what_cannot_be_looked_up_is_not_posted_again(
    there: LocalSlack, sender: SlackSender, hindrance: dict[str, Any], receipt: Receipt
) -> None:
    there.next[POST] = [Breaks(done=True)]
    await sender.send(dispatch())
    for name, value in hindrance.items():
        setattr(there, name, value)
    answer = await sender.send(dispatch(in_doubt=True))
    assert without_problem(answer) == receipt
    assert not isinstance(answer, Unknown) or answer.after_seconds is None
    assert len(there.messages) == 1


def _not_looking() -> Any:
    async def find_nothing(self: SlackSender, channel: str, dispatch: Dispatch) -> None:
        return None

    return patch.object(SlackSender, "_find", find_nothing)
