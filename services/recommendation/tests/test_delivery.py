"""The ledger: every nudge comes before its manager once, through one channel, and the message follows what becomes of it."""

from __future__ import annotations

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.recommendation import handlers
from kinetic.recommendation.channels.message import Message
from kinetic.recommendation.channels.sending import (
    Channel,
    Delayed,
)
from kinetic.recommendation.domain.nudge import State
from services.recommendation.tests.company import (
    DANA,
    LEE,
    changed,
    closed,
    consider,
    enter,
    evidence,
    fetch,
    hand,
    opened,
    person,
    run,
    team,
    tell,
)
from services.recommendation.tests.delivering import DANAS, Outlet, assign, deliver, nudged, standings
from services.recommendation.tests.test_why import appraised


async def test_a_nudge_goes_through_the_first_channel_that_reaches_its_manager(database: Database) -> None:
    unreached, slack, mail = Outlet(Channel.TEAMS, takes=frozenset()), Outlet(), Outlet(Channel.MAIL)
    await tell(database, opened())
    await deliver(database, unreached, slack, mail)
    assert (unreached.shown, slack.shown, mail.shown) == ([], [(State.COMPOSED, None)], [])
    assert (slack.got[0].recipient.person_id, slack.got[0].recipient.email) == (DANA, "dana@company.example")
    assert await standings(database) == ["sent"]


@pytest.mark.parametrize(
    ("wished", "reached"), [(["mail", "slack"], "mail"), (["webhook", "slack"], "slack"), (["console"], None)]
)
async def test_a_manager_is_reached_where_they_wish(
    database: Database, http: httpx.AsyncClient, wished: list[str], reached: str | None
) -> None:
    slack, mail = Outlet(), Outlet(Channel.MAIL)
    answer = await http.put("/preferences", headers=DANAS, json={"channels": wished, "language": "de"})
    assert answer.status_code == 200
    await tell(database, opened())
    await deliver(database, slack, mail)
    got = [*slack.got, *mail.got]
    assert [one.language for one in (*slack.messages, *mail.messages)] == ["de"] * len(got)
    assert (bool(slack.got), bool(mail.got)) == (reached == "slack", reached == "mail")


async def test_a_message_is_changed_where_it_stands_whatever_is_wished_by_then(
    database: Database, http: httpx.AsyncClient
) -> None:
    slack, mail = Outlet(), Outlet(Channel.MAIL)
    nudge_id = await nudged(database, slack)
    await http.put("/preferences", headers=DANAS, json={"channels": ["mail"]})
    await assign(http, nudge_id)
    await deliver(database, slack, mail)
    assert (slack.shown, mail.got) == ([(State.COMPOSED, None), (State.ACCEPTED, "1")], [])


async def test_card_and_message_tell_how_much_is_known_of_the_content(
    database: Database, http: httpx.AsyncClient
) -> None:
    slack = Outlet()
    await hand(database, handlers.on_feedback, appraised(requested=12, completed=9))
    nudge_id = await nudged(database, slack)
    card = (await http.get(f"/nudges/{nudge_id}", headers=DANAS)).json()
    (got,) = slack.messages
    assert isinstance(got, Message)
    assert card["expectation"] == got.effect == "No measured effect yet: 9 of 20 completions."


async def test_without_a_channel_a_nudge_stands_in_the_console_and_a_channel_of_later_brings_nothing_old(
    database: Database,
) -> None:
    slack = Outlet()
    await tell(database, opened())
    await deliver(database)
    await deliver(database, slack)
    assert (await standings(database), slack.got) == (["unaddressed"], [])


async def test_what_became_of_a_nudge_replaces_its_message_where_it_was_sent(
    database: Database, http: httpx.AsyncClient
) -> None:
    slack, teams = Outlet(), Outlet(Channel.TEAMS)
    nudge_id = await nudged(database, slack)
    await assign(http, nudge_id)
    await deliver(database, teams, slack)
    assert slack.shown == [(State.COMPOSED, None), (State.ACCEPTED, "1")]
    assert (teams.got, len({one.key for one in slack.got})) == ([], 2)


async def test_a_channel_that_takes_no_changes_gets_none(database: Database, http: httpx.AsyncClient) -> None:
    mail = Outlet(Channel.MAIL, follows=False)
    await assign(http, await nudged(database, mail))
    await deliver(database, mail)
    assert (mail.shown, await standings(database)) == ([(State.COMPOSED, None)], ["sent"])


async def test_that_it_was_seen_changes_no_message_and_new_evidence_changes_it_a_minute_later(
    database: Database, http: httpx.AsyncClient
) -> None:
    slack, gap = Outlet(), opened()
    nudge_id = await nudged(database, slack, gap)
    await http.post(f"/nudges/{nudge_id}/seen", headers=DANAS)
    await deliver(database, slack, at_once=True)
    assert len(slack.got) == 1
    await tell(database, changed(gap, evidence=(evidence(statement="Another build failed"),)))
    await deliver(database, slack)
    assert len(slack.got) == 1
    await deliver(database, slack, at_once=True)
    assert slack.shown[1:] == [(State.SEEN, "1")]


async def test_a_nudge_that_comes_back_is_sent_anew(database: Database, http: httpx.AsyncClient) -> None:
    slack, gap = Outlet(), opened()
    nudge_id = await nudged(database, slack, gap)
    await http.post(f"/nudges/{nudge_id}/snooze", headers=DANAS, json={"version": 1, "until": "moved"})
    await deliver(database, slack)
    await tell(database, changed(gap, pressure=3.0))
    await deliver(database, slack)
    assert slack.shown == [(State.COMPOSED, None), (State.SNOOZED, "1"), (State.COMPOSED, None)]
    await http.post(f"/nudges/{nudge_id}/dismiss", headers=DANAS, json={"version": 3, "reason": "wrong_skill"})
    await deliver(database, slack)
    assert slack.shown[3:] == [(State.DISMISSED, "3")]


async def test_what_ended_before_it_was_sent_is_not_sent(database: Database) -> None:
    slack, gap = Outlet(), opened()
    await tell(database, gap, closed(gap))
    await deliver(database, slack)
    assert (slack.got, await standings(database)) == ([], ["moot"])


async def test_a_former_manager_is_sent_nothing_about_the_team(database: Database) -> None:
    slack = Outlet()
    await tell(database, opened())
    await enter(database, person(LEE, version=2), team(manager_id=LEE, version=2))
    await deliver(database, slack)
    assert slack.got == []
    await consider(database)
    await deliver(database, slack)
    assert [one.recipient.person_id for one in slack.got] == [LEE]


async def test_nothing_new_comes_in_quiet_hours_however_long_it_was_on_its_way(database: Database) -> None:
    slack = Outlet(answers=[Delayed("down")])
    await tell(database, opened())
    await deliver(database, slack)
    await run(database, "UPDATE policy SET quiet_start = '00:00', quiet_end = '23:59:59.999999'")
    await deliver(database, slack, at_once=True)
    assert len(slack.got) == 1
    (row,) = await fetch(database, "SELECT standing, due_at > clock_timestamp() AS later FROM delivery")
    assert (row["standing"], row["later"]) == ("planned", True)
