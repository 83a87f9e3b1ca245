"""Why this content: the stored computation over HTTP, and what moves it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter

from kinetic.common.database import Database
from kinetic.common.events import new_id
from kinetic.contracts.feedback import ContentAppraised, ContentEffect
from kinetic.contracts.ids import PersonId
from kinetic.recommendation import handlers
from kinetic.recommendation.domain.nudge import Offer
from kinetic.recommendation.domain.reckoning import recompute
from services.recommendation.tests.company import (
    BEN,
    CARLA,
    COURSE,
    DANA,
    PRIMER,
    SEEN_AT,
    allow,
    changed,
    closed,
    consider,
    course,
    enter,
    fetch,
    hand,
    offer,
    opened,
    person,
    run,
    tell,
    told,
)
from tests.support.http import token


def appraised(version: int = 1, effect: ContentEffect | None = None, **counts: int) -> ContentAppraised:
    none = dict.fromkeys(("accepted", "dismissed", "expired"), 0)
    nudges = {f"nudges_{name}": counts.get(name, count) for name, count in none.items()}
    assignments = {f"assignments_{name}": counts.get(name, 0) for name in ("requested", "completed")}
    about: dict[str, Any] = {"content_id": COURSE, "ratings": 0, "version": version, "occurred_at": SEEN_AT}
    return ContentAppraised(**about, **nudges, **assignments, effect=effect)


async def why(http: httpx.AsyncClient, nudge_id: str, name: str = "dana", role: str = "manager") -> httpx.Response:
    return await http.get(f"/nudges/{nudge_id}/reckoning", headers=token(name, role))


async def nudge_of(database: Database) -> Any:
    (row,) = await fetch(database, "SELECT nudge_id, offer, policy_version FROM nudge")
    return row


async def test_every_number_that_is_stored_can_be_computed_again(database: Database) -> None:
    await offer(database, course(PRIMER, effort_minutes=20, format="video"))
    await tell(database, opened())
    kept = TypeAdapter(Offer).validate_python((await nudge_of(database))["offer"]).reckoning
    assert kept is not None
    assert recompute(kept) == kept
    assert len(kept.weighed) == 2
    (composed,) = await told(database)
    assert (composed.data.expected_value_hours, composed.data.propensity) == (
        kept.expected_value_hours,
        kept.propensity,
    )


@pytest.mark.parametrize(
    ("name", "role", "people"), [("dana", "manager", 2), ("amara", "learning", 5), ("amara", "admin", 5)]
)
async def test_the_manager_and_those_who_run_learning_are_told_why(
    database: Database, http: httpx.AsyncClient, name: str, role: str, people: int
) -> None:
    more = [PersonId(new_id()) for _ in range(people - 2)]
    await enter(database, *(person(one, DANA) for one in more))
    await tell(database, opened(goal_weight=2.0, person_ids=(BEN, CARLA, *more)))
    nudge = await nudge_of(database)
    shown = (await why(http, nudge["nudge_id"], name, role)).json()
    (one,) = shown["weighed"]
    assert (shown["chosen"], shown["propensity"], shown["circumstances"]["goal_weight"]) == (COURSE, 1.0, 2.0)
    assert (one["people"], one["accepted"]["mean"], one["effect_mean"]) == (people, 0.5, 0.31)
    scale = one["people"] * one["reach"] * 2.0 * shown["circumstances"]["urgency"] * 48
    net = one["completed"]["mean"] * one["effect_mean"] * scale - 45 * people / 60
    assert one["value_hours"] == pytest.approx(0.5 * net - shown["circumstances"]["interruption_hours"])


@pytest.mark.parametrize(("name", "is_shown"), [("amara", False), ("dana", True)])
async def test_to_those_who_run_learning_it_says_nothing_of_few_people_but_their_own(
    database: Database, http: httpx.AsyncClient, name: str, is_shown: bool
) -> None:
    await tell(database, opened(person_ids=(BEN,)))
    (one,) = (await why(http, (await nudge_of(database))["nudge_id"], name, "learning")).json()["weighed"]
    telling = {key: one[key] for key in ("people", "value_hours", "sd_hours", "draw_hours")}
    assert {value is not None for value in telling.values()} == {is_shown}


async def test_another_managers_reckoning_is_not_found(database: Database, http: httpx.AsyncClient) -> None:
    await tell(database, opened())
    nudge = await nudge_of(database)
    foreign, unknown = await why(http, nudge["nudge_id"], "ravi"), await why(http, new_id(), "amara", "learning")
    assert (foreign.status_code, unknown.status_code) == (404, 404)


async def test_a_nudge_from_before_reckonings_has_none_and_can_still_be_read(
    database: Database, http: httpx.AsyncClient
) -> None:
    await tell(database, opened())
    await run(database, "UPDATE nudge SET offer = offer - 'reckoning'")
    nudge = await nudge_of(database)
    assert (await why(http, nudge["nudge_id"])).status_code == 404
    card = await http.get(f"/nudges/{nudge['nudge_id']}", headers=token("dana", "manager"))
    assert card.status_code == 200


async def test_a_refreshed_nudge_keeps_the_reckoning_that_it_was_composed_by(database: Database) -> None:
    gap = opened()
    await tell(database, gap)
    before = (await nudge_of(database))["offer"]
    await tell(database, changed(gap, pressure=5.0, evidence=()))
    after = (await nudge_of(database))["offer"]
    assert after["evidence"] != before["evidence"]
    assert after["reckoning"] == before["reckoning"]


async def test_a_measured_effect_and_what_managers_did_move_the_value(database: Database) -> None:
    effect = ContentEffect(mean=0.5, standard_error=0.3, n=9)
    await hand(database, handlers.on_feedback, appraised(effect=effect, accepted=3, requested=4, completed=2))
    await tell(database, opened())
    (one,) = (await nudge_of(database))["offer"]["reckoning"]["weighed"]
    prospect = one["prospect"]
    assert prospect["effect"] == {"mean": pytest.approx(0.4316), "sd": pytest.approx(0.24)}
    assert (prospect["accepted"], prospect["completed"]) == (
        {"successes": 3, "failures": 0},
        {"successes": 2, "failures": 2},
    )


async def test_content_that_proves_to_work_makes_the_gaps_due_that_it_was_not_worth_it_for(database: Database) -> None:
    await hand(database, handlers.on_feedback, appraised(1, ContentEffect(mean=-0.5, standard_error=0.1, n=9)))
    await tell(database, opened())
    assert [row["obstacle"] for row in await fetch(database, "SELECT obstacle FROM gap")] == ["not_worth_it"]
    assert await consider(database) == 0
    await hand(database, handlers.on_feedback, appraised(2, ContentEffect(mean=0.5, standard_error=0.1, n=12)))
    assert await consider(database) == 1
    assert (await nudge_of(database))["offer"]["content"]["content_id"] == COURSE


async def test_what_exploring_costs_is_told_from_five_answers_on(database: Database, http: httpx.AsyncClient) -> None:
    observer = token("amara", "learning")
    await allow(database, weekly_budget=50)
    await run(database, "UPDATE policy SET cool_down_days = 0")
    await offer(database, course(PRIMER, effort_minutes=40))
    for number in range(40):
        gap = opened()
        await tell(database, gap, closed(gap))
        if number == 3:
            await run(database, "UPDATE nudge SET state = 'expired'")
            few = (await http.get("/exploration", headers=observer)).json()
    await run(database, "UPDATE nudge SET state = CASE WHEN content_id = $1 THEN 'accepted' ELSE 'expired' END", PRIMER)
    shown = (await http.get("/exploration", headers=observer)).json()
    assert few == {"n": 4, "accepted": None, "accepted_without_exploration": None}
    assert (shown["n"], shown["accepted_without_exploration"]["mean"]) == (40, 1.0)
    assert 0.1 < shown["accepted"]["mean"] < 0.9
    assert (await http.get("/exploration", headers=token("dana", "manager"))).status_code == 403
