"""The holdout against real Postgres: replicas and replays agree, no manager sees it, and it costs no attention."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.contracts.ids import CompetencyKey
from kinetic.contracts.skill_gap import GapOpened
from kinetic.recommendation import handlers
from kinetic.recommendation.domain import consider as decisions
from kinetic.recommendation.domain.holdout import is_eligible, number_of, quarter_of, unit_of
from services.recommendation.tests.company import (
    TEAM,
    changed,
    closed,
    consider,
    envelope,
    fetch,
    fire,
    opened,
    run,
    tell,
    told,
    told_types,
)
from services.recommendation.tests.test_policy import ADMIN, OPEN_WIDE
from tests.support.http import token

LEARNING = {"Authorization": "Bearer amara:learning"}


async def withhold(database: Database, share: float) -> None:
    """Let this share of all nudges be withheld."""
    await run(database, "UPDATE policy SET holdout_share = $1", share)


def of_holdout(**changes: Any) -> GapOpened:
    """A gap about which a nudge may be withheld."""
    return opened(**{"may_be_withheld": True, **changes})


@contextmanager
def _holdout(off: bool) -> Iterator[None]:
    """Nothing takes part in the holdout."""
    with patch.object(decisions, "is_eligible", (lambda *_: False) if off else is_eligible):
        yield


@pytest.mark.parametrize(("off", "seen"), [(False, 0), (True, 1)])
async def test_a_withheld_gap_is_in_no_inbox(database: Database, http: httpx.AsyncClient, off: bool, seen: int) -> None:
    await withhold(database, 1)
    with _holdout(off):
        await tell(database, of_holdout())
    cards = (await http.get("/inbox", headers=token("dana", "manager"))).json()
    assert (len(cards), len(await fetch(database, "SELECT FROM nudge"))) == (seen, seen)


@pytest.mark.parametrize("path", ["/nudges/{}", "/nudges/{}/reckoning"])
async def test_a_manager_who_asks_for_what_is_withheld_finds_nothing(
    database: Database, http: httpx.AsyncClient, path: str
) -> None:
    await withhold(database, 1)
    gap = of_holdout()
    await tell(database, gap)
    assert (await http.get(path.format(gap.gap_id), headers=token("dana", "manager"))).status_code == 404


@pytest.mark.parametrize("door", ["/holdout", "/holdout/draws?quarter=2026-Q4", "/deferred"])
async def test_no_manager_comes_to_the_doors_of_the_holdout(http: httpx.AsyncClient, door: str) -> None:
    assert (await http.get(door, headers=token("dana", "manager"))).status_code == 403


async def test_who_manages_a_team_and_has_another_role_sees_no_draws(
    database: Database, http: httpx.AsyncClient
) -> None:
    await withhold(database, 1)
    await tell(database, of_holdout())
    both = {"Authorization": "Bearer dana:manager,admin"}
    for door in ("/holdout", "/holdout/draws?quarter=2026-Q4"):
        assert (await http.get(door, headers=both)).status_code == 403
    assert (await http.get("/deferred", headers=both)).json() == []
    assert (await http.get("/deferred", headers=LEARNING)).json() == []
    (hindered,) = (await http.get("/deferred", headers=ADMIN)).json()
    assert (hindered["obstacle"], hindered["manager_id"]) == ("withheld", None)


async def test_what_is_withheld_costs_no_attention(database: Database) -> None:
    await run(database, "UPDATE policy SET weekly_budget = 1")
    await withhold(database, 1)
    await tell(database, of_holdout(), opened())
    assert await told_types(database) == ["holdout.drawn", "nudge.withheld", "nudge.composed"]


async def test_a_replay_and_a_second_look_draw_and_tell_nothing_again(database: Database) -> None:
    await withhold(database, 1)
    gap = envelope(of_holdout())
    await tell(database, gap)
    before = await fetch(database, "SELECT * FROM holdout_draw")
    await tell(database, gap)
    await tell(database, changed(gap.data, pressure=8.0))
    await run(database, "UPDATE gap SET due_at = clock_timestamp()")
    assert await consider(database) == 1
    assert await fetch(database, "SELECT * FROM holdout_draw") == before
    assert await told_types(database) == ["holdout.drawn", "nudge.withheld"]


async def test_what_is_withheld_is_told_once_whatever_hinders_it_meanwhile(
    database: Database, http: httpx.AsyncClient
) -> None:
    await withhold(database, 1)
    gap = of_holdout()
    await tell(database, gap)
    await run(database, "UPDATE policy SET weekly_budget = 0, holdout_share = 0")
    await tell(database, changed(gap))
    await withhold(database, 1)
    await tell(database, changed(gap, version=3))
    assert (await told_types(database)).count("nudge.withheld") == 1


async def test_two_replicas_that_read_two_gaps_of_a_unit_draw_once(database: Database) -> None:
    await withhold(database, 0.5)
    await asyncio.gather(*(_apart(database, of_holdout()) for _ in range(6)))
    assert (await told_types(database)).count("holdout.drawn") == 1
    assert len(await fetch(database, "SELECT FROM holdout_draw")) == 1


async def test_replicas_agree_with_each_other_and_with_who_draws_again(
    database: Database, http: httpx.AsyncClient
) -> None:
    await withhold(database, 0.5)
    skills = [CompetencyKey(f"skill-{number}") for number in range(12)]
    await asyncio.gather(*(_apart(database, of_holdout(competency=skill)) for skill in skills))
    quarter = quarter_of(datetime.now(UTC))
    answer = (await http.get("/holdout/draws", params={"quarter": quarter}, headers=ADMIN)).json()
    assert len(answer["draws"]) == 12
    for one in answer["draws"]:
        number = number_of(unit_of(of_holdout(competency=one["competency"])), answer["salt"])
        assert (one["number"], one["arm"]) == (number, "withheld" if number < 0.5 else "treated")
    withheld = {one["competency"] for one in answer["draws"] if one["arm"] == "withheld"}
    kept = await fetch(database, "SELECT competency FROM gap WHERE obstacle = 'withheld'")
    assert {row["competency"] for row in kept} == withheld


async def test_a_gap_that_opens_again_keeps_its_arm_when_the_share_has_changed(database: Database) -> None:
    await withhold(database, 1)
    gap = of_holdout()
    await tell(database, gap, closed(gap))
    await withhold(database, 1e-9)
    await tell(database, of_holdout())
    assert await told_types(database) == ["holdout.drawn", "nudge.withheld", "nudge.withheld"]


async def test_turned_off_nothing_is_withheld_and_what_was_is_considered_at_once(
    database: Database, http: httpx.AsyncClient
) -> None:
    await withhold(database, 1)
    await tell(database, of_holdout())
    answer = await http.put("/policy", headers=ADMIN, json={**OPEN_WIDE, "holdout_share": 0})
    assert answer.json()["holdout_share"] == 0
    assert await consider(database) == 1
    await tell(database, of_holdout(competency=CompetencyKey("another")))
    assert await told_types(database) == ["holdout.drawn", "nudge.withheld", "nudge.composed"]


async def test_a_withheld_gap_that_closes_is_settled_and_tells_nothing_more(database: Database) -> None:
    await withhold(database, 1)
    gap = of_holdout()
    await tell(database, gap, closed(gap))
    assert await told_types(database) == ["holdout.drawn", "nudge.withheld"]
    (row,) = await fetch(database, "SELECT obstacle, due_at FROM gap")
    assert (row["obstacle"], row["due_at"]) == (None, None)


async def test_counts_of_a_quarter_are_shown_for_five_draws_or_more(
    database: Database, http: httpx.AsyncClient
) -> None:
    quarter = quarter_of(datetime.now(UTC))
    await withhold(database, 0.5)
    for number, shown in ((4, False), (1, True)):
        await tell(database, *(of_holdout(competency=CompetencyKey(f"s-{number}-{i}")) for i in range(number)))
        (counted,) = (await http.get("/holdout", headers=LEARNING)).json()["quarters"]
        assert counted["quarter"] == quarter
        assert (counted["treated"] is not None) == shown
    assert counted["treated"] + counted["withheld"] == 5


async def test_draws_are_forgotten_in_time(database: Database) -> None:
    await withhold(database, 1)
    await tell(database, of_holdout(), of_holdout(competency=CompetencyKey("old")))
    await run(database, "UPDATE holdout_draw SET drawn_at = now() - interval '401 days' WHERE competency = 'old'")
    async with database.transaction() as tx:
        await fire(tx, "outlived")
    assert [row["competency"] for row in await fetch(database, "SELECT competency FROM holdout_draw")] == [
        opened().competency
    ]


async def test_the_salt_of_the_holdout_is_its_own_and_stays(database: Database, http: httpx.AsyncClient) -> None:
    (before,) = await fetch(database, "SELECT salt, holdout_salt FROM policy")
    await http.put("/policy", headers=ADMIN, json={**OPEN_WIDE, "holdout_share": 0.2})
    (after,) = await fetch(database, "SELECT holdout_share, holdout_salt FROM policy WHERE version = 2")
    assert (after["holdout_share"], after["holdout_salt"]) == (0.2, before["holdout_salt"])
    assert before["holdout_salt"] not in ("", before["salt"])


@pytest.mark.parametrize("share", [-0.1, 0.51, "half"])
async def test_a_share_that_would_starve_more_than_it_helps_is_refused(http: httpx.AsyncClient, share: Any) -> None:
    answer = await http.put("/policy", headers=ADMIN, json={**OPEN_WIDE, "holdout_share": share})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/holdout_share")


async def test_events_of_the_holdout_name_no_manager_and_nobody_concerned(database: Database) -> None:
    await withhold(database, 1)
    await tell(database, of_holdout())
    for event in await told(database):
        assert not {"manager_id", "person_ids", "nudge_id"} & set(event.data.model_dump())
        assert event.data.key == TEAM


async def _apart(database: Database, gap: GapOpened) -> None:
    async with database.transaction() as tx:
        await handlers.on_gaps(tx, [envelope(gap)])
