"""The ledger in trouble: nothing is sent twice, nothing is given up too soon, and what nobody knows is shown."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.contracts.ingestion import PersonErased
from kinetic.recommendation import handlers
from kinetic.recommendation.channels.sending import (
    Channel,
    Delayed,
    Refused,
    Unknown,
)
from kinetic.recommendation.deliverer import Deliverer
from kinetic.recommendation.domain.nudge import State
from services.recommendation.tests.company import (
    DANA,
    enter,
    envelope,
    fetch,
    opened,
    run,
    tell,
    until_done_or_waiting,
)
from services.recommendation.tests.delivering import Outlet, assign, deliver, nudged, standings, swept
from tests.support.http import token


async def test_two_nudges_of_many_are_sent_once_by_many(database: Database) -> None:
    slack = Outlet()
    await tell(database, opened())
    sending = Deliverer([slack], "https://console.example")
    await asyncio.gather(*(sending.deliver_due(database) for _ in range(20)))
    assert len(slack.got) == 1


@pytest.mark.parametrize(("off", "sent"), [(False, 1), (True, 2)])
async def test_the_attempt_that_is_written_down_first_keeps_it_from_being_made_twice(
    database: Database, off: bool, sent: int
) -> None:
    slack = Outlet(gate=asyncio.Event())
    await tell(database, opened())
    first = asyncio.create_task(Deliverer([slack], "").deliver_due(database))
    await slack.called.wait()
    if off:
        await run(database, "UPDATE delivery SET standing = 'planned', due_at = clock_timestamp()")
    second = Outlet()
    await deliver(database, second)
    assert slack.gate is not None
    slack.gate.set()
    await first
    assert len(slack.got) + len(second.got) == sent


async def test_a_process_that_dies_while_it_sends_leaves_a_doubt_and_the_channel_is_told(database: Database) -> None:
    slack = Outlet(gate=asyncio.Event())
    await tell(database, opened())
    dying = asyncio.create_task(Deliverer([slack], "").deliver_due(database))
    await slack.called.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    after = Outlet(answers=[Unknown("it may have arrived")])
    await deliver(database, after)
    assert after.got == []
    await deliver(database, after, at_once=True)
    assert [one.in_doubt for one in after.got] == [True]
    await deliver(database, after, Outlet(Channel.MAIL), at_once=True)
    assert (len(after.got), await standings(database)) == (1, ["unknown"])


async def test_what_may_have_arrived_goes_through_no_other_channel(database: Database) -> None:
    slack, mail = Outlet(gate=asyncio.Event()), Outlet(Channel.MAIL)
    await tell(database, opened())
    dying = asyncio.create_task(Deliverer([slack], "").deliver_due(database))
    await slack.called.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    await deliver(database, mail, at_once=True)
    assert (mail.got, await standings(database)) == ([], ["unknown"])


async def test_what_is_not_known_is_shown_and_goes_again_when_somebody_says_so(
    database: Database, http: httpx.AsyncClient
) -> None:
    slack = Outlet(answers=[Unknown("no answer")])
    await nudged(database, slack)
    (entry,) = (await http.get("/deliveries", headers=token("ada", "learning"))).json()
    assert (entry["standing"], entry["channel"], entry["problem"]) == ("unknown", "slack", "no answer")
    again = f"/deliveries/{entry['delivery_id']}/again"
    assert (await http.post(again, headers=token("ada", "learning"))).status_code == 403
    assert (await http.post(again, headers=token("ada", "admin"))).json()["standing"] == "planned"
    await deliver(database, slack)
    assert [one.in_doubt for one in slack.got] == [False, False]
    assert (await http.post(again, headers=token("ada", "admin"))).status_code == 409


async def test_what_the_channel_can_look_up_is_tried_in_doubt_and_by_no_other_channel(database: Database) -> None:
    slack, mail = Outlet(answers=[Unknown("no answer", 30.0)]), Outlet(Channel.MAIL)
    await tell(database, opened())
    await deliver(database, slack, mail)
    (row,) = await fetch(database, "SELECT standing, in_doubt, due_at - changed_at AS rest FROM delivery")
    assert (row["standing"], row["in_doubt"], row["rest"].total_seconds() >= 29.0) == ("planned", True, True)
    await deliver(database, slack, mail, at_once=True)
    assert [(one.in_doubt, one.occasion) for one in slack.got] == [
        (in_doubt, slack.got[0].key.rpartition(".")[0]) for in_doubt in (False, True)
    ]
    assert (len(mail.got), await standings(database)) == (0, ["sent"])


async def test_what_one_channel_refuses_goes_through_the_next_and_last_stands_in_the_console(
    database: Database,
) -> None:
    slack, mail = Outlet(answers=[Refused("no such user")]), Outlet(Channel.MAIL, answers=[Refused("no mailbox")])
    await tell(database, opened())
    await deliver(database, slack, mail)
    assert (len(slack.got), len(mail.got)) == (1, 1)
    (row,) = await fetch(database, "SELECT standing, passed FROM delivery")
    assert (row["standing"], row["passed"]) == ("unaddressed", {"slack": "no such user", "mail": "no mailbox"})


async def test_a_channel_that_is_down_is_tried_again_ever_later_and_passed_over_after_an_hour(
    database: Database,
) -> None:
    down, mail = Outlet(answers=[Delayed("down") for _ in range(9)]), Outlet(Channel.MAIL)
    await tell(database, opened())
    for seconds in (2, 4, 8):
        await deliver(database, down, mail, at_once=True)
        (row,) = await fetch(database, "SELECT due_at - changed_at AS rest FROM delivery")
        assert row["rest"] == pytest.approx(timedelta(seconds=seconds), abs=timedelta(seconds=1))
    await run(database, "UPDATE delivery SET trying_since = trying_since - interval '1 hour'")
    await deliver(database, down, mail, at_once=True)
    assert (len(down.got), mail.shown, await standings(database)) == (4, [(State.COMPOSED, None)], ["sent"])


async def test_alone_it_is_tried_for_as_long_as_the_nudge_is_open(database: Database) -> None:
    down = Outlet(answers=[Delayed("down") for _ in range(9)])
    await tell(database, opened())
    await deliver(database, down)
    await run(database, "UPDATE delivery SET trying_since = trying_since - interval '3 days'")
    await deliver(database, down, at_once=True)
    assert (len(down.got), await standings(database)) == (2, ["planned"])


async def test_a_channel_that_asks_for_a_rest_gets_it_from_all_messages(database: Database) -> None:
    busy = Outlet(answers=[Delayed("too many", after_seconds=600, pauses=True)])
    sending = Deliverer([busy], "")
    await tell(database, opened())
    await sending.deliver_due(database)
    await run(database, "UPDATE delivery SET due_at = clock_timestamp()")
    await sending.deliver_due(database)
    assert len(busy.got) == 1
    (row,) = await fetch(database, "SELECT attempts, due_at - clock_timestamp() AS rest FROM delivery")
    assert row["attempts"] == 1
    assert timedelta(minutes=9) < row["rest"] <= timedelta(minutes=10)


async def test_a_nudge_that_changes_while_it_is_sent_is_changed_at_once_afterwards(
    database: Database, http: httpx.AsyncClient
) -> None:
    slack = Outlet(gate=asyncio.Event())
    nudge = await nudged(database)
    sending = asyncio.create_task(Deliverer([slack], "").deliver_due(database))
    await slack.called.wait()
    await assign(http, nudge)
    assert slack.gate is not None
    slack.gate.set()
    await sending
    await deliver(database, slack)
    assert slack.shown == [(State.COMPOSED, None), (State.ACCEPTED, "1")]


async def test_a_sender_with_a_defect_sends_nothing_twice_and_holds_up_nobody(database: Database) -> None:
    broken = Outlet(answers=[RuntimeError("a defect")])
    await tell(database, opened())
    await deliver(database, broken)
    (row,) = await fetch(database, "SELECT standing, problem FROM delivery")
    assert (row["standing"], row["problem"]) == ("unknown", "RuntimeError in the sender; it was recorded")


async def test_a_sender_that_does_not_return_is_given_up_in_time(database: Database) -> None:
    slow = Outlet(gate=asyncio.Event(), longest_seconds=0.05)
    await tell(database, opened())
    await deliver(database, slow)
    assert await standings(database) == ["unknown"]


async def test_a_change_in_doubt_is_made_again(database: Database, http: httpx.AsyncClient) -> None:
    slack = Outlet()
    await assign(http, await nudged(database, slack))
    slack.answers.append(Unknown("no answer"))
    await deliver(database, slack)
    await deliver(database, slack, at_once=True)
    assert slack.shown == [(State.COMPOSED, None), (State.ACCEPTED, "1"), (State.ACCEPTED, "1")]
    assert await standings(database) == ["sent"]


async def test_what_was_sent_to_somebody_is_forgotten_with_them(database: Database) -> None:
    await nudged(database, Outlet())
    await enter(database, PersonErased(person_id=DANA, version=9))
    assert await standings(database) == []


async def test_what_is_composed_while_its_manager_is_erased_leaves_nothing_in_the_ledger(database: Database) -> None:
    async with database.transaction() as tx:
        await handlers.on_gaps(tx, [envelope(opened())])
        erasing = asyncio.create_task(enter(database, PersonErased(person_id=DANA, version=9)))
        await until_done_or_waiting(database, erasing)
    await erasing
    assert await standings(database) == []


async def test_entries_are_forgotten_a_week_after_their_nudge_has_ended(
    database: Database, http: httpx.AsyncClient
) -> None:
    nudge_id = await nudged(database, Outlet())
    await run(database, "UPDATE delivery SET changed_at = changed_at - interval '8 days'")
    assert await swept(database) == ["sent"]
    await assign(http, nudge_id)
    await deliver(database, Outlet())
    assert await swept(database) == ["sent"]
    await run(database, "UPDATE delivery SET changed_at = changed_at - interval '8 days'")
    assert await swept(database) == []
