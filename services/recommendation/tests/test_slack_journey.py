"""A nudge in Slack from the ledger to the press and back, over real sockets and real Postgres."""

from __future__ import annotations

import httpx
import pytest
from pydantic import SecretStr

from kinetic.common.database import Database
from kinetic.recommendation.senders import senders_of
from kinetic.recommendation.settings import Settings
from services.recommendation.tests.company import fetch
from services.recommendation.tests.delivering import deliver
from services.recommendation.tests.local_slack import TOKEN, Breaks, LocalSlack
from services.recommendation.tests.notices import ask, reinforcement
from services.recommendation.tests.slack_presses import Hooks, press, pressed
from services.recommendation.tests.test_slack_sender import POST


def settings_of(there: LocalSlack) -> Settings:
    return Settings(slack_token=SecretStr(TOKEN), slack_signing_secrets=SecretStr("x"), slack_api_url=there.url)


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "answer lost"])
async def test_a_nudge_is_posted_once_pressed_and_changed_where_it_stands(
    database: Database, slack: httpx.AsyncClient, hooks: Hooks, nudge_id: str, there: LocalSlack, lost: bool
) -> None:
    (sender,) = senders_of(settings_of(there), database)
    if lost:
        there.next[POST] = [Breaks(done=True)]
    await deliver(database, sender)
    await deliver(database, sender, at_once=True)
    (posted,) = there.messages
    assert posted["blocks"][-2]["block_id"] == f"nudge:{nudge_id}:1"
    assert (await press(slack, pressed(hooks, nudge_id))).status_code == 200
    await deliver(database, sender, at_once=True)
    (changed,) = there.messages
    assert changed["text"].startswith("Assigned “Small, reversible releases” to 2 people")
    assert [element["action_id"] for element in changed["blocks"][-2]["elements"]] == ["nudge_why"]
    (row,) = await fetch(database, "SELECT standing, shown_version FROM delivery")
    assert tuple(row) == ("sent", 2)
    assert hooks.told == []


async def test_a_press_in_a_digest_changes_its_part_of_the_message(
    database: Database, slack: httpx.AsyncClient, hooks: Hooks, nudge_id: str, there: LocalSlack
) -> None:
    (sender,) = senders_of(settings_of(there), database)
    await ask(database, reinforcement())
    await deliver(database, sender)
    (posted,) = there.messages
    assert posted["text"].startswith("2 messages are waiting: ")
    assert (await press(slack, pressed(hooks, nudge_id))).status_code == 200
    await deliver(database, sender, at_once=True)
    (changed,) = there.messages
    assert changed["text"].startswith("1 message is waiting: ")
    rows = [block["elements"] for block in changed["blocks"] if block["type"] == "actions"]
    assert sorted(element["action_id"] for elements in rows for element in elements) == ["nudge_open", "nudge_why"]


async def test_a_digest_whose_answer_is_lost_is_found_and_not_posted_again(
    database: Database, slack: httpx.AsyncClient, nudge_id: str, there: LocalSlack
) -> None:
    (sender,) = senders_of(settings_of(there), database)
    await ask(database, reinforcement())
    there.next[POST] = [Breaks(done=True)]
    await deliver(database, sender)
    await deliver(database, sender, at_once=True)
    assert len(there.messages) == 1
    rows = await fetch(database, "SELECT standing FROM delivery")
    assert sorted(row["standing"] for row in rows) == ["carried", "sent"]
