"""The HTTP doors, against real Postgres."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.common.events import new_id
from kinetic.contracts.assignment import AssignmentCompleted, AssignmentRefused, AssignmentRequested
from kinetic.contracts.feedback import ReviewRecorded
from kinetic.contracts.ids import AssignmentId, NudgeId
from kinetic.contracts.ingestion import PersonErased
from kinetic.contracts.recommendation import NudgeAccepted, NudgeComposed, NudgeExpired
from kinetic.feedback import handlers
from kinetic.feedback.domain.assignments import AssignmentEvent
from services.feedback.tests.loop import BEN, COURSE, OTHER, appraised, assignment, hand, nudge, told
from tests.support.http import token

PROBLEM = "application/problem+json"


async def review(http: httpx.AsyncClient, rating: Any, name: str = "ben", **more: str) -> httpx.Response:
    return await http.post("/reviews", json={"content_id": COURSE, "rating": rating, **more}, headers=token(name))


async def read_appraisal(http: httpx.AsyncClient, content_id: str = COURSE) -> httpx.Response:
    return await http.get(f"/content/{content_id}/appraisal", headers=token("dana", "manager"))


async def test_a_review_is_told_and_appraises_its_content(database: Database, http: httpx.AsyncClient) -> None:
    answer = await review(http, 4)
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    recorded, appraisal = await told(database)
    assert isinstance(recorded.data, ReviewRecorded)
    assert (recorded.data.person_id, recorded.data.rating) == (BEN, 4)
    assert appraisal.causation_id == recorded.id
    (counts,) = await appraised(database)
    assert (counts.ratings, counts.mean_rating) == (1, 4.0)


async def test_a_later_review_replaces_the_earlier(database: Database, http: httpx.AsyncClient) -> None:
    first, second = await review(http, 2), await review(http, 5)
    assert first.json()["review_id"] == second.json()["review_id"]
    assert second.json()["version"] == 2
    await review(http, 3, "carla")
    newest = (await appraised(database))[-1]
    assert (newest.ratings, newest.mean_rating) == (2, 4.0)


async def test_the_same_review_fifty_times_at_once_has_one_effect(database: Database, http: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(review(http, 4) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert len(await told(database)) == 2


async def test_a_review_may_name_only_an_assignment_of_the_callers(database: Database, http: httpx.AsyncClient) -> None:
    bens = AssignmentId(new_id())
    await hand(database, handlers.on_assignments, assignment(AssignmentCompleted, 3, bens))
    foreign = await review(http, 4, "carla", assignment_id=bens)
    assert (foreign.status_code, foreign.headers["content-type"]) == (422, PROBLEM)
    assert foreign.json()["errors"][0]["pointer"] == "#/assignment_id"
    assert (await review(http, 4, assignment_id=bens)).json()["assignment_id"] == bens


@pytest.mark.parametrize("rating", [0, 6, 3.5, "4", None])
async def test_a_rating_outside_one_to_five_is_named(http: httpx.AsyncClient, rating: Any) -> None:
    answer = await review(http, rating)
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert answer.json()["errors"][0]["pointer"] == "#/rating"


async def test_only_content_of_the_catalogue_can_be_reviewed(http: httpx.AsyncClient) -> None:
    answer = await http.post("/reviews", json={"content_id": OTHER, "rating": 4}, headers=token("ben"))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/content_id")
    assert (await read_appraisal(http, OTHER)).status_code == 404


async def test_a_mean_rating_is_shown_only_of_five_people_or_more(database: Database, http: httpx.AsyncClient) -> None:
    assert (await read_appraisal(http)).json()["version"] == 0
    await review(http, 4)
    shown = (await read_appraisal(http)).json()
    assert (shown["ratings"], shown["mean_rating"]) == (1, None)
    async with database.transaction() as tx:
        await tx.execute("UPDATE appraisal SET ratings = 5, rating_sum = 21")
    assert (await read_appraisal(http)).json()["mean_rating"] == 4.2


async def test_the_review_of_an_erased_person_goes_with_its_rating(database: Database, http: httpx.AsyncClient) -> None:
    await review(http, 1)
    await review(http, 5, "carla")
    await hand(database, handlers.on_directory_changed, PersonErased(person_id=BEN, version=2))
    newest = (await appraised(database))[-1]
    assert (newest.ratings, newest.mean_rating, newest.version) == (1, 5.0, 3)


async def test_outcomes_show_what_came_of_a_nudge_and_its_assignments(
    database: Database, http: httpx.AsyncClient
) -> None:
    taken, ignored = NudgeId(new_id()), NudgeId(new_id())
    await hand(database, handlers.on_nudges, nudge(NudgeComposed, 1, taken), nudge(NudgeAccepted, 3, taken))
    await hand(database, handlers.on_nudges, nudge(NudgeComposed, 1, ignored), nudge(NudgeExpired, 2, ignored))
    steps: list[type[AssignmentEvent]] = [AssignmentRequested, AssignmentCompleted, AssignmentRefused] * 2
    given = [assignment(kind, 2, AssignmentId(new_id()), nudge_id=taken) for kind in steps]
    await hand(database, handlers.on_assignments, *given)

    shown = {view["nudge_id"]: view for view in (await http.get("/outcomes", headers=token("lena", "learning"))).json()}
    seen = ("outcome", "seconds_to_act", "assigned", "requested", "completed", "refused", "withdrawn")
    assert [shown[taken][name] for name in seen] == ["accepted", 120.0, 6, 4, 2, 2, 0]
    assert [shown[ignored][name] for name in seen] == ["expired", None, 0, None, None, None, None]
    one = await http.get("/outcomes", params={"nudge_id": taken}, headers=token("amara", "admin"))
    assert [view["nudge_id"] for view in one.json()] == [taken]


async def test_the_progress_of_fewer_than_five_people_is_not_shown(database: Database, http: httpx.AsyncClient) -> None:
    taken = NudgeId(new_id())
    await hand(database, handlers.on_nudges, nudge(NudgeComposed, 1, taken), nudge(NudgeAccepted, 3, taken))
    given = [assignment(AssignmentCompleted, 3, AssignmentId(new_id()), nudge_id=taken) for _ in range(4)]
    await hand(database, handlers.on_assignments, *given)
    (shown,) = (await http.get("/outcomes", headers=token("lena", "learning"))).json()
    assert (shown["assigned"], shown["completed"], shown["requested"]) == (4, None, None)


async def test_outcomes_are_for_learning_and_admins_only(http: httpx.AsyncClient) -> None:
    assert (await http.get("/outcomes", headers=token("dana", "manager"))).status_code == 403
    assert (await http.get("/outcomes")).status_code == 401


async def test_who_is_not_in_the_directory_cannot_review(http: httpx.AsyncClient) -> None:
    assert (await review(http, 4, "nobody")).status_code == 403
