"""The policy is kept by version, and a new one is considered at once."""

from __future__ import annotations

from datetime import time
from typing import Any

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.recommendation.domain.attention import Policy, QuietHours, Rests
from kinetic.recommendation.domain.holdout import Holdout
from kinetic.recommendation.domain.value import Worth
from kinetic.recommendation.store import policies
from services.recommendation.tests.company import (
    COURSE,
    allow,
    closed,
    consider,
    course,
    fetch,
    offer,
    opened,
    tell,
    told_types,
)

ADMIN = {"Authorization": "Bearer amara:admin"}
OPEN_WIDE: dict[str, Any] = {
    "weekly_budget": 5,
    "quiet_hours": None,
    "working_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    "nudge_ttl_days": 7,
}

RESTS: dict[str, Any] = {
    "cool_down_days": 14,
    "already_covered_days": 90,
    "wrong_skill_days": 365,
    "wrong_people_days": 90,
    "bad_timing_days": 30,
}
AS_EVER: dict[str, Any] = {
    "kpi_sd_hours": 48,
    "interruption_minutes": 25,
    "allowed_formats": None,
    "mandated_content": [],
    **RESTS,
    "holdout_share": 0.1,
}
"""What those who leave it out get: bodies that were valid before these figures came stay valid."""


async def test_the_first_policy_is_two_a_week_in_working_hours(empty: Database) -> None:
    async with empty.transaction() as tx:
        first = await policies.load(tx)
        assert first == Policy(
            version=1,
            weekly_budget=2,
            quiet_hours=QuietHours(time(18), time(8)),
            working_days=frozenset({1, 2, 3, 4, 5}),
            nudge_ttl_days=14,
            worth=Worth(kpi_sd_hours=48, interruption_minutes=25, allowed_formats=None, salt=first.worth.salt),
            holdout=Holdout(share=0.1, salt=first.holdout.salt),
        )
        assert first.worth.salt


async def test_quiet_hours_over_midnight_are_kept_as_they_were_set(http: httpx.AsyncClient) -> None:
    quiet = {"start": "18:30", "end": "07:45"}
    answer = await http.put("/policy", headers=ADMIN, json={**OPEN_WIDE, "quiet_hours": quiet, "working_days": ["fri"]})
    assert (answer.json()["quiet_hours"], answer.json()["working_days"]) == (quiet, ["fri"])


async def test_a_new_policy_has_the_next_version_and_frees_what_waits(
    database: Database, http: httpx.AsyncClient
) -> None:
    await allow(database, weekly_budget=0)
    await tell(database, opened())
    answer = await http.put("/policy", headers=ADMIN, json=OPEN_WIDE)
    assert answer.json() == {**OPEN_WIDE, **AS_EVER, "version": 2}
    assert (await http.get("/policy", headers=ADMIN)).json() == answer.json()
    assert await consider(database) == 1
    assert await told_types(database) == ["nudge.deferred", "nudge.composed"]
    (nudge,) = await fetch(database, "SELECT policy_version, expires_at - composed_at AS lives FROM nudge")
    assert (nudge["policy_version"], nudge["lives"].days) == (2, 7)


async def test_what_an_interruption_must_be_worth_is_kept_and_the_salt_with_it(
    database: Database, http: httpx.AsyncClient
) -> None:
    async with database.transaction() as tx:
        salt = (await policies.load(tx)).worth.salt
    worth = {
        "kpi_sd_hours": 12.5,
        "interruption_minutes": 5,
        "allowed_formats": ["practice", "video"],
        "mandated_content": [COURSE],
    }
    answer = await http.put("/policy", headers=ADMIN, json={**OPEN_WIDE, **worth})
    assert answer.json() == {**OPEN_WIDE, **AS_EVER, **worth, "version": 2}
    async with database.transaction() as tx:
        kept = (await policies.load(tx)).worth
    assert kept == Worth(12.5, 5, frozenset({"practice", "video"}), salt, frozenset({COURSE}))


@pytest.mark.parametrize(
    ("policy", "obstacle"),
    [
        ({"kpi_sd_hours": 0}, "not_worth_it"),
        ({"allowed_formats": ["video"]}, "no_content"),
        ({"mandated_content": [COURSE]}, "no_content"),
    ],
)
async def test_what_a_policy_rules_out_is_considered_again_under_a_new_one(
    database: Database, http: httpx.AsyncClient, policy: dict[str, Any], obstacle: str
) -> None:
    await offer(database, course(format="article", version=2))
    await http.put("/policy", headers=ADMIN, json={**OPEN_WIDE, **policy})
    await tell(database, opened())
    (hindered,) = (await http.get("/deferred", headers={"Authorization": "Bearer amara:learning"})).json()
    assert hindered["obstacle"] == obstacle
    await http.put("/policy", headers=ADMIN, json=OPEN_WIDE)
    assert await consider(database) == 1
    assert await told_types(database) == ["nudge.composed"]


async def test_how_long_answers_rest_is_kept_and_shorter_rests_free_what_waits(
    database: Database, http: httpx.AsyncClient
) -> None:
    gap = opened()
    await tell(database, gap, closed(gap), opened())
    assert await consider(database) == 0
    rests = {name: number for number, name in enumerate(RESTS)}
    answer = await http.put("/policy", headers=ADMIN, json={**OPEN_WIDE, **rests})
    assert answer.json() == {**OPEN_WIDE, **AS_EVER, **rests, "version": 2}
    async with database.transaction() as tx:
        assert (await policies.load(tx)).rests == Rests(0, 1, 2, 3, 4)
    assert await consider(database) == 1
    assert await told_types(database) == ["nudge.composed", "nudge.withdrawn", "nudge.composed"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"weekly_budget": -1}, "#/weekly_budget"),
        ({"working_days": []}, "#/working_days"),
        ({"working_days": ["someday"]}, "#/working_days/0"),
        ({"quiet_hours": {"start": "18:00", "end": "18:00"}}, "#/quiet_hours"),
        ({"kpi_sd_hours": -1}, "#/kpi_sd_hours"),
        ({"cool_down_days": -1}, "#/cool_down_days"),
        ({"allowed_formats": ["hologram"]}, "#/allowed_formats/0"),
        ({"mandated_content": ["onboarding"]}, "#/mandated_content/0"),
        ({"quiet_hours": {"start": "24:00", "end": "08:00"}}, "#/quiet_hours/start"),
    ],
)
async def test_a_policy_that_cannot_be_kept_is_refused(http: httpx.AsyncClient, change: Any, pointer: str) -> None:
    answer = await http.put("/policy", headers=ADMIN, json={**OPEN_WIDE, **change})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.parametrize("role", ["manager", "learning", "service"])
async def test_only_an_admin_sets_the_policy(http: httpx.AsyncClient, role: str) -> None:
    caller = {"Authorization": f"Bearer dana:{role}"}
    assert (await http.put("/policy", headers=caller, json=OPEN_WIDE)).status_code == 403
