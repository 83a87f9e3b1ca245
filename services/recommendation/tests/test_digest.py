"""Several that come before one manager at once are one message, in which each keeps its buttons, its version and its end."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from unittest.mock import patch

import httpx
import pytest

from kinetic.common.database import Database, Transaction
from kinetic.common.locks import try_lock_keys
from kinetic.contracts.ids import CompetencyKey
from kinetic.contracts.ingestion import Teaches
from kinetic.contracts.skill_gap import GapOpened
from kinetic.recommendation.deliverer import Deliverer
from kinetic.recommendation.store import deliveries
from services.recommendation.tests.company import (
    BEN,
    DANA,
    LEE,
    OTHER_TEAM,
    RAVI,
    STRANGER,
    allow,
    changed,
    consider,
    course,
    enter,
    evidence,
    fetch,
    offer,
    opened,
    person,
    team,
    tell,
)
from services.recommendation.tests.delivering import DANAS, Outlet, assign, deliver
from services.recommendation.tests.notices import ask, reinforcement
from tests.support.http import token

ADMINS = token("ravi", "admin")


def gaps() -> tuple[GapOpened, GapOpened]:
    """Two gaps, of which Dana is nudged about both."""
    return opened(), opened(team_id=OTHER_TEAM, person_ids=(STRANGER,))


async def entries(database: Database) -> list[tuple[str, bool, int | None]]:
    """Each entry in the order in which they came: its standing, whether another one carries it, and what was shown of it."""
    rows = await fetch(database, "SELECT * FROM delivery ORDER BY delivery_id")
    return [(row["standing"], row["carried_by"] is not None, row["shown_version"]) for row in rows]


async def nudge_ids(database: Database) -> list[str]:
    """The nudges in the order in which they were composed."""
    return [str(row["nudge_id"]) for row in await fetch(database, "SELECT nudge_id FROM nudge ORDER BY nudge_id")]


def outcomes(outlet: Outlet) -> list[list[bool]]:
    """Of each digest that was sent: which of its messages say what became of them."""
    return [[message.outcome is not None for message in digest.messages] for digest in outlet.digests]


async def test_two_that_come_at_once_are_one_message(both: Database) -> None:
    slack = Outlet()
    await tell(both, *gaps())
    await deliver(both, slack)
    (got,) = slack.got
    (digest,) = slack.digests
    assert {message.item_id for message in digest.messages} == set(await nudge_ids(both))
    assert (digest.title, got.recipient.person_id, got.reference) == ("2 messages are waiting", DANA, None)
    assert sorted(await entries(both)) == [("carried", True, 1), ("sent", False, 1)]


async def test_nudges_and_what_other_services_asked_for_come_together(both: Database) -> None:
    slack = Outlet()
    await tell(both, opened())
    await ask(both, reinforcement())
    await deliver(both, slack)
    (digest,) = slack.digests
    assert len({type(message) for message in digest.messages}) == 2


async def test_messages_of_two_managers_are_two(database: Database) -> None:
    slack = Outlet(takes=frozenset({DANA, RAVI}))
    await tell(database, *gaps())
    await deliver(database, slack)
    assert (slack.digests, len(slack.messages)) == ([], 2)


async def test_two_in_a_digest_are_two_of_the_week(both: Database) -> None:
    await allow(both, weekly_budget=2)
    await tell(both, *gaps(), await _third(both))
    assert len(await nudge_ids(both)) == 2


async def test_when_one_is_answered_the_message_says_so_and_the_other_keeps_its_buttons(
    both: Database, http: httpx.AsyncClient
) -> None:
    slack = Outlet()
    await tell(both, *gaps())
    await deliver(both, slack)
    for nudge_id in await nudge_ids(both):
        await assign(http, nudge_id)
        await deliver(both, slack)
    assert [sum(shown) for shown in outcomes(slack)] == [0, 1, 2]
    assert [one.reference for one in slack.got] == [None, {"ts": "1"}, {"ts": "1"}]
    assert len({one.key for one in slack.got}) == 3
    assert slack.digests[2].title == "Nothing is waiting any more"
    assert sorted(await entries(both)) == [("carried", True, 2), ("sent", False, 2)]


async def test_new_evidence_of_one_that_is_carried_changes_the_message_a_minute_later(both: Database) -> None:
    slack, told = Outlet(), gaps()
    await tell(both, *told)
    await deliver(both, slack)
    for gap in told:
        await tell(both, changed(gap, evidence=(evidence(statement="Another build failed"),)))
        await deliver(both, slack)
    assert len(slack.got) == 1
    await deliver(both, slack, at_once=True)
    assert len(slack.got) == 2
    assert sorted(await entries(both)) == [("carried", True, 2), ("sent", False, 2)]


async def test_what_is_answered_while_the_message_is_on_its_way_is_found(
    both: Database, http: httpx.AsyncClient
) -> None:
    slack = Outlet(gate=asyncio.Event())
    await tell(both, *gaps())
    sending = asyncio.create_task(Deliverer([slack], "").deliver_due(both))
    await slack.called.wait()
    (row,) = await fetch(both, "SELECT nudge_id FROM delivery WHERE standing = 'carried'")
    await assign(http, str(row["nudge_id"]))
    assert slack.gate is not None
    slack.gate.set()
    await sending
    await deliver(both, slack)
    assert [sum(shown) for shown in outcomes(slack)] == [0, 1]


@pytest.mark.parametrize(("off", "sent"), [(False, 1), (True, 2)])
async def test_the_recipients_lock_keeps_two_loops_from_each_taking_one(both: Database, off: bool, sent: int) -> None:
    first, second = Outlet(), Outlet()
    await tell(both, *gaps())

    async def all_are_free(tx: Transaction, kind: str, keys: Collection[str]) -> set[str]:
        return set(keys)

    with patch.object(deliveries, "try_lock_keys", all_are_free if off else try_lock_keys):
        async with both.transaction() as tx:
            held = await deliveries.take_due(tx)
            await deliver(both, second)
            assert held is not None
        await deliver(both, first)
    assert len(first.got) + len(second.got) == sent


async def test_twenty_loops_send_one_message(both: Database) -> None:
    slack = Outlet()
    await tell(both, *gaps())
    sending = Deliverer([slack], "")
    await asyncio.gather(*(sending.deliver_due(both) for _ in range(20)))
    assert len(slack.digests) == len(slack.got) == 1


async def test_no_message_holds_more_than_four(both: Database) -> None:
    slack = Outlet()
    await ask(both, *(reinforcement() for _ in range(6)))
    await deliver(both, slack)
    assert [len(digest.messages) for digest in slack.digests] == [4, 2]


async def test_what_somebody_else_manages_by_now_is_shown_no_further(both: Database, http: httpx.AsyncClient) -> None:
    slack = Outlet()
    gap, other = gaps()
    await tell(both, gap, other)
    await deliver(both, slack)
    await enter(both, person(LEE, version=2), team(OTHER_TEAM, manager_id=LEE, version=3))
    (mine,) = await fetch(both, "SELECT nudge_id FROM nudge WHERE gap_id = $1", gap.gap_id)
    await tell(both, changed(other, evidence=(evidence(statement="Not for Dana"),)))
    await assign(http, str(mine["nudge_id"]))
    await deliver(both, slack, at_once=True)
    for digest in slack.digests:
        assert "Not for Dana" not in str(digest.messages)
    await consider(both)
    await deliver(both, slack, at_once=True)
    assert [sum(shown) for shown in outcomes(slack)][-1] == 2


async def test_what_comes_back_comes_in_a_message_of_its_own(both: Database, http: httpx.AsyncClient) -> None:
    slack, (gap, other) = Outlet(), gaps()
    await tell(both, gap, other)
    await deliver(both, slack)
    (nudge,) = await fetch(both, "SELECT nudge_id FROM nudge WHERE gap_id = $1", gap.gap_id)
    snooze = {"version": 1, "until": "moved"}
    await http.post(f"/nudges/{nudge['nudge_id']}/snooze", headers=DANAS, json=snooze)
    await deliver(both, slack)
    await tell(both, changed(gap, pressure=3.0))
    await deliver(both, slack)
    assert [sum(shown) for shown in outcomes(slack)] == [0, 1]
    assert [message.item_id for message in slack.messages] == [str(nudge["nudge_id"])]


async def _third(database: Database) -> GapOpened:
    skill = CompetencyKey("incident-response")
    await offer(database, course(version=2, teaches=(Teaches(competency=skill, level=4), *course().teaches)))
    return opened(competency=skill, person_ids=(BEN,))
