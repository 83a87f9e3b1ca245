"""Digests in trouble: nothing of one is sent twice, lost, or left behind."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.contracts.ids import CompetencyKey
from kinetic.contracts.ingestion import PersonErased, Teaches
from kinetic.recommendation.channels.sending import Channel, Delayed, Refused, Unknown
from kinetic.recommendation.store import deliveries
from services.recommendation.tests.company import (
    DANA,
    LEE,
    OTHER_TEAM,
    closed,
    consider,
    course,
    enter,
    fetch,
    offer,
    person,
    run,
    team,
    tell,
    until_done_or_waiting,
)
from services.recommendation.tests.delivering import Outlet, assign, deliver
from services.recommendation.tests.notices import ask, reinforcement
from services.recommendation.tests.test_digest import ADMINS, entries, gaps, nudge_ids, outcomes


async def test_what_waits_is_sent_with_what_is_left_of_it_by_then(both: Database) -> None:
    slack, (gap, other) = Outlet(answers=[Delayed("down")]), gaps()
    await tell(both, gap, other)
    await ask(both, reinforcement())
    await deliver(both, slack)
    (row,) = await fetch(both, "SELECT nudge_id FROM delivery WHERE carried_by IS NULL")
    leading = await fetch(both, "SELECT gap_id FROM nudge WHERE nudge_id = $1", row["nudge_id"])
    await tell(both, closed(other if leading[0]["gap_id"] == gap.gap_id else gap))
    await deliver(both, slack, at_once=True)
    assert [len(digest.messages) for digest in slack.digests] == [3, 2]
    assert sorted(await entries(both)) == [("carried", True, 2), ("moot", False, None), ("sent", False, 1)]


async def test_when_the_one_that_leads_has_ended_the_others_go_without_it(both: Database) -> None:
    slack, (gap, other) = Outlet(answers=[Delayed("down")]), gaps()
    await tell(both, gap, other)
    await deliver(both, slack)
    (row,) = await fetch(both, "SELECT gap_id FROM delivery JOIN nudge USING (nudge_id) WHERE carried_by IS NULL")
    await tell(both, closed(gap if row["gap_id"] == gap.gap_id else other))
    await deliver(both, slack, at_once=True)
    assert (len(slack.digests), len(slack.messages)) == (1, 1)
    assert sorted(await entries(both)) == [("moot", False, None), ("sent", False, 1)]


async def test_a_channel_that_refuses_gives_the_whole_to_the_next(both: Database) -> None:
    slack, mail = Outlet(answers=[Refused("no such user")]), Outlet(Channel.MAIL)
    await tell(both, *gaps())
    await deliver(both, slack, mail)
    assert (len(slack.digests), len(mail.digests)) == (1, 1)
    assert sorted(await entries(both)) == [("carried", True, 1), ("sent", False, 1)]


async def test_when_nobody_takes_it_all_of_it_stands_in_the_console(both: Database) -> None:
    slack = Outlet(answers=[Refused("no such user")] * 2)
    await tell(both, *gaps())
    await deliver(both, slack)
    assert {standing for standing, _, _ in await entries(both)} == {"unaddressed"}


async def test_without_any_channel_what_was_to_go_together_stands_in_the_console_too(both: Database) -> None:
    slack = Outlet(answers=[Delayed("down")])
    await tell(both, *gaps())
    await deliver(both, slack)
    await deliver(both, at_once=True)
    assert await entries(both) == [("unaddressed", False, None)] * 2


async def test_what_may_have_arrived_is_looked_up_as_a_whole_and_sent_by_no_other_way(
    both: Database, http: httpx.AsyncClient
) -> None:
    slack, mail = Outlet(answers=[Unknown("no answer", 1.0), Unknown("still none")]), Outlet(Channel.MAIL)
    await tell(both, *gaps())
    await deliver(both, slack, mail)
    (row,) = await fetch(both, "SELECT nudge_id FROM delivery WHERE standing = 'carried'")
    await assign(http, str(row["nudge_id"]))
    await deliver(both, slack, mail, at_once=True)
    assert (outcomes(slack), [one.in_doubt for one in slack.got]) == ([[False, False], [False, True]], [False, True])
    assert len({one.occasion for one in slack.got}) == 1
    assert (mail.got, sorted(standing for standing, _, _ in await entries(both))) == ([], ["carried", "unknown"])
    (entry,) = (await http.get("/deliveries", headers=ADMINS)).json()
    (along,) = (await http.get("/deliveries?standing=carried", headers=ADMINS)).json()
    assert along["carried_by"] == entry["delivery_id"]
    await http.post(f"/deliveries/{entry['delivery_id']}/again", headers=ADMINS)
    await deliver(both, slack)
    assert len(slack.messages) == 1


async def test_news_of_one_that_goes_out_with_another_meanwhile_is_not_lost(both: Database) -> None:
    skill = CompetencyKey("incident-response")
    await offer(both, course(version=2, teaches=(*course().teaches, Teaches(competency=skill, level=4))))
    slack, (gap, other) = Outlet(), gaps()
    await tell(both, gap, other)
    await deliver(both, slack)
    (row,) = await fetch(both, "SELECT gap_id FROM delivery JOIN nudge USING (nudge_id) WHERE carried_by IS NOT NULL")
    sent = gap if row["gap_id"] == gap.gap_id else other
    leads, beside = (one.model_copy(update={"competency": skill}) for one in gaps())
    await tell(both, leads)
    await tell(both, beside)
    async with both.transaction() as tx:
        await tx.fetch("SELECT FROM delivery WHERE carried_by IS NULL AND standing = 'sent' FOR UPDATE")
        news = asyncio.create_task(tell(both, closed(sent), closed(beside)))
        await until_done_or_waiting(both, news)
        await deliver(both, slack)
        assert outcomes(slack) == [[False, False], [False, False]]
    await news
    await deliver(both, slack)
    assert sorted(outcomes(slack)[2:]) == [[False, True], [False, True]]


@pytest.mark.parametrize("alone", [True, False])
async def test_what_was_somebody_elses_for_a_moment_comes_after_all(both: Database, alone: bool) -> None:
    slack, (gap, other) = Outlet(answers=[] if alone else [Delayed("down")]), gaps()
    await tell(both, other)
    if not alone:
        await tell(both, gap)
        await deliver(both, slack)
    await enter(both, person(LEE, version=2), team(OTHER_TEAM, manager_id=LEE, version=3))
    await deliver(both, slack, at_once=True)
    await enter(both, team(OTHER_TEAM, manager_id=DANA, version=4))
    await consider(both)
    await deliver(both, slack, at_once=True)
    shown = [*slack.messages, *(message for digest in slack.digests for message in digest.messages)]
    assert {message.item_id for message in shown} == set(await nudge_ids(both))
    assert {standing for standing, _, _ in await entries(both)} <= {"sent", "carried"}


async def test_news_of_others_in_a_message_waits_until_it_is_clear_whose_one_of_them_is(
    both: Database, http: httpx.AsyncClient
) -> None:
    slack, (gap, other) = Outlet(), gaps()
    await tell(both, gap, other)
    await deliver(both, slack)
    await enter(both, person(LEE, version=2), team(OTHER_TEAM, manager_id=LEE, version=3))
    (mine,) = await fetch(both, "SELECT nudge_id FROM nudge WHERE gap_id = $1", gap.gap_id)
    await assign(http, str(mine["nudge_id"]))
    await deliver(both, slack)
    await enter(both, team(OTHER_TEAM, manager_id=DANA, version=4))
    await consider(both)
    await deliver(both, slack, at_once=True)
    assert [sum(shown) for shown in outcomes(slack)] == [0, 1]


async def test_what_may_have_arrived_is_looked_up_for_as_long_as_anything_in_it_stands(
    both: Database, http: httpx.AsyncClient
) -> None:
    slack = Outlet(answers=[Unknown("no answer", 1.0)])
    await tell(both, *gaps())
    await deliver(both, slack)
    (leads,) = await fetch(both, "SELECT nudge_id FROM delivery WHERE carried_by IS NULL")
    await assign(http, str(leads["nudge_id"]))
    await deliver(both, slack, at_once=True)
    assert (outcomes(slack)[-1], [one.in_doubt for one in slack.got]) == ([True, False], [False, True])
    assert sorted(standing for standing, _, _ in await entries(both)) == ["carried", "sent"]


async def test_a_message_is_kept_as_long_as_something_in_it_stands(both: Database) -> None:
    await tell(both, *gaps())
    await deliver(both, Outlet())
    await run(both, "UPDATE delivery SET changed_at = changed_at - interval '8 days'")
    await run(
        both,
        """UPDATE nudge SET state = 'expired' WHERE nudge_id = (
               SELECT nudge_id FROM delivery WHERE carried_by IS NULL)""",
    )
    async with both.transaction() as tx:
        assert await deliveries.sweep(tx) == 0
    await run(both, "UPDATE nudge SET state = 'expired'")
    async with both.transaction() as tx:
        assert [await deliveries.sweep(tx) for _ in range(2)] == [1, 1]


async def test_the_erased_leave_no_digest_behind(both: Database) -> None:
    slack = Outlet(answers=[Delayed("down")])
    await tell(both, *gaps())
    await deliver(both, slack)
    await enter(both, PersonErased(person_id=DANA, version=9))
    assert await entries(both) == []
