"""What comes at the end of quiet hours waits a moment for what else comes then; at any other time nothing waits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from kinetic.common.database import Database
from kinetic.contracts.ids import NudgeId, PersonId
from kinetic.recommendation.domain.attention import Policy, QuietHours, next_open
from kinetic.recommendation.domain.delivery import GATHERS, Delivery, Standing, advance, comes_at
from kinetic.recommendation.domain.digest import Part, advance_together
from kinetic.recommendation.domain.occasion import About
from kinetic.recommendation.domain.receipt import Channel
from kinetic.recommendation.domain.situation import Situation, Way
from services.recommendation.tests.company import fetch, opened, run, tell
from services.recommendation.tests.delivering import Outlet, deliver
from services.recommendation.tests.test_attention import BERLIN, OFFICE, berlin, moments, policies, zones

AT_ONCE = timedelta(0)


@dataclass(frozen=True)
class Matter:
    """Something that stands before its manager."""

    version: int = 1
    is_open: bool = True
    rests: bool = False


def situation(now: datetime, policy: Policy = OFFICE, zone: ZoneInfo = BERLIN) -> Situation:
    return Situation(Matter(), True, policy, zone, now)


def entry(name: str, now: datetime) -> Delivery:
    return Delivery(name, About(NudgeId(name)), PersonId("dana"), 1, 1, Standing.PLANNED, now)


@pytest.mark.parametrize(
    ("now", "comes"),
    [
        (berlin(23, 7, 59), berlin(23, 8) + GATHERS),
        (berlin(23, 8), berlin(23, 8) + GATHERS),
        (berlin(23, 8) + timedelta(seconds=29), berlin(23, 8) + GATHERS),
        (berlin(23, 8) + GATHERS, berlin(23, 8) + GATHERS),
        (berlin(23, 11), berlin(23, 11)),
        (berlin(23, 18), berlin(24, 8) + GATHERS),
        (berlin(27, 18), berlin(30, 8) + GATHERS),
    ],
)
def test_what_comes_when_the_day_begins_comes_together(now: datetime, comes: datetime) -> None:
    assert comes_at(situation(now)) == comes


@given(policies, zones, moments)
def test_whatever_waits_comes_once_it_has_waited_and_never_when_it_is_quiet(
    policy: Policy, zone: ZoneInfo, now: datetime
) -> None:
    comes = comes_at(situation(now, policy, zone))
    assert comes >= now
    assert comes - next_open(policy, zone, now) in (AT_ONCE, GATHERS) or comes - now < GATHERS
    assert comes_at(situation(comes, policy, zone)) == comes == next_open(policy, zone, comes)


def test_what_may_not_come_yet_is_not_taken_along_by_what_may() -> None:
    now = berlin(23, 10)
    later = situation(now, replace(OFFICE, working_days=frozenset({5})))
    ways = [Way(Channel.SLACK, True, now)]
    beside = [Part(entry("later", now), later), Part(entry("now", now), situation(now))]
    together = advance_together(entry("leads", now), situation(now), [], beside, ways)
    assert [one.delivery_id for one in together.along] == ["now"]
    assert together.changed == (replace(beside[1].delivery, standing=Standing.CARRIED, carried_by="leads"),)


def test_what_was_to_go_along_yesterday_waits_for_its_own_time_today() -> None:
    now = berlin(24, 8, 30)
    ways = [Way(Channel.SLACK, True, now)]
    tried = replace(entry("urgent", now), attempts=1, channel=Channel.SLACK, trying_since=berlin(23, 17))
    slot = replace(OFFICE, also_quiet=(QuietHours(time(0), time(10)),))
    along = replace(entry("later", now), standing=Standing.CARRIED, carried_by="urgent")
    together = advance_together(tried, situation(now), [Part(along, situation(now, slot))], [], ways)
    assert (together.ahead.standing, together.along) == (Standing.SENDING, ())
    assert together.changed == (replace(along, standing=Standing.PLANNED, carried_by=None),)


def test_one_alone_is_decided_as_ever() -> None:
    now = berlin(23, 10)
    ways = [Way(Channel.SLACK, True, now)]
    together = advance_together(entry("alone", now), situation(now), [], [], ways)
    assert together.ahead == advance(entry("alone", now), situation(now), ways)
    assert (together.along, together.changed) == ((), ())


async def test_nothing_waits_where_it_is_never_quiet_and_what_waits_is_given_the_same_moment(
    database: Database,
) -> None:
    slack = Outlet()
    await tell(database, opened())
    await run(database, "UPDATE policy SET quiet_start = '00:00', quiet_end = '23:59:59.999999'")
    await deliver(database, slack)
    (row,) = await fetch(database, "SELECT standing, due_at FROM delivery")
    assert (row["standing"], slack.got) == ("planned", [])
    assert (row["due_at"].second, row["due_at"].microsecond) == (29, 999999)
    await run(database, "UPDATE policy SET quiet_start = NULL, quiet_end = NULL")
    await deliver(database, slack, at_once=True)
    assert len(slack.got) == 1
