"""The policy is kept by version, and a new one is considered at once."""

from __future__ import annotations

from datetime import time
from typing import Any

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.recommendation.domain.attention import Policy, QuietHours
from kinetic.recommendation.store import policies
from services.recommendation.tests.company import allow, consider, fetch, opened, tell, told_types

ADMIN = {"Authorization": "Bearer amara:admin"}
OPEN_WIDE: dict[str, Any] = {
    "weekly_budget": 5,
    "quiet_hours": None,
    "working_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    "nudge_ttl_days": 7,
}


async def test_the_first_policy_is_two_a_week_in_working_hours(empty: Database) -> None:
    async with empty.transaction() as tx:
        assert await policies.load(tx) == Policy(
            version=1,
            weekly_budget=2,
            quiet_hours=QuietHours(time(18), time(8)),
            working_days=frozenset({1, 2, 3, 4, 5}),
            nudge_ttl_days=14,
        )


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
    assert answer.json() == {**OPEN_WIDE, "version": 2}
    assert (await http.get("/policy", headers=ADMIN)).json() == answer.json()
    assert await consider(database) == 1
    assert await told_types(database) == ["nudge.deferred", "nudge.composed"]
    (nudge,) = await fetch(database, "SELECT policy_version, expires_at - composed_at AS lives FROM nudge")
    assert (nudge["policy_version"], nudge["lives"].days) == (2, 7)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"weekly_budget": -1}, "#/weekly_budget"),
        ({"working_days": []}, "#/working_days"),
        ({"working_days": ["someday"]}, "#/working_days/0"),
        ({"quiet_hours": {"start": "18:00", "end": "18:00"}}, "#/quiet_hours"),
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
