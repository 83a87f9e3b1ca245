"""A channel that takes long is given its time: it holds up no other, is not taken for lost, and is not given more and more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from unittest.mock import patch

import pytest

from kinetic.common.database import Database
from kinetic.recommendation import deliverer as machinery
from kinetic.recommendation.channels import smtp
from kinetic.recommendation.channels.sending import Channel
from kinetic.recommendation.deliverer import Deliverer
from services.recommendation.tests.company import (
    DANA,
    OTHER_TEAM,
    RAVI,
    STRANGER,
    fetch,
    opened,
    tell,
)
from services.recommendation.tests.delivering import Outlet, standings
from services.recommendation.tests.mails import sender

SCANS = 613.0


@pytest.fixture(autouse=True)
async def impatient() -> AsyncIterator[None]:
    """Loops wait for nobody."""
    with patch.object(machinery, "HELD_SECONDS", 0.01), patch.object(machinery, "LOOK_EVERY_SECONDS", 0.01):
        yield


def slow() -> Outlet:
    """A mail server that looks through mails for minutes."""
    return Outlet(Channel.MAIL, gate=asyncio.Event(), longest_seconds=SCANS, takes=frozenset({DANA, RAVI}))


async def until_none_is_beside(delivering: Deliverer) -> None:
    if delivering._beside:
        await asyncio.wait(delivering._beside)


async def two_managers(database: Database) -> None:
    """Two messages, each to somebody else."""
    await tell(database, opened())
    await tell(database, opened(team_id=OTHER_TEAM, person_ids=(STRANGER,)))


async def test_a_mail_server_may_look_through_a_mail_for_as_long_as_the_standard_says() -> None:
    assert smtp.ANSWER_SECONDS >= 600.0
    assert sender(25).longest_seconds > smtp.OPENING_SECONDS + smtp.ANSWER_SECONDS


async def test_who_is_slow_holds_up_nobody_and_is_heard_in_the_end(database: Database) -> None:
    mail, slack = slow(), Outlet(takes=frozenset({RAVI}))
    delivering = Deliverer([slack, mail], "")
    await two_managers(database)
    assert [await delivering.deliver_due(database) for _ in range(3)] == [True, True, False]
    assert (len(mail.got), len(slack.got)) == (1, 1)
    assert sorted(await standings(database)) == ["sending", "sent"]
    assert mail.gate is not None
    mail.gate.set()
    await until_none_is_beside(delivering)
    assert await standings(database) == ["sent", "sent"]


async def test_what_takes_long_counts_as_lost_only_when_its_channel_would_have_given_up(database: Database) -> None:
    mail = slow()
    delivering = Deliverer([mail], "")
    await tell(database, opened())
    await delivering.deliver_due(database)
    (row,) = await fetch(database, "SELECT due_at - changed_at AS lost_after FROM delivery")
    assert row["lost_after"] > timedelta(seconds=SCANS + 30)
    assert mail.gate is not None
    mail.gate.set()
    await until_none_is_beside(delivering)


async def test_a_channel_that_answers_nobody_is_not_given_more_than_a_few(database: Database) -> None:
    mail = slow()
    delivering = Deliverer([mail], "")
    await two_managers(database)
    with patch.object(machinery, "MOST_BESIDE", 1):
        while await delivering.deliver_due(database):
            pass
    assert (len(mail.got), sorted(await standings(database))) == (1, ["planned", "sending"])
    assert mail.gate is not None
    mail.gate.set()
    await until_none_is_beside(delivering)


async def test_who_stops_leaves_nothing_running_and_what_was_under_way_in_doubt(database: Database) -> None:
    mail = slow()
    delivering = Deliverer([mail], "")
    await tell(database, opened())
    await delivering.deliver_due(database)
    begun = asyncio.Event()
    running = asyncio.create_task(delivering.run(database, begun.set))
    await begun.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await until_none_is_beside(delivering)
    assert await standings(database) == ["sending"]
