"""The platform shows what it offers and who is enrolled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from examples.company.player import COMPANY
from examples.lms.__main__ import rejection
from examples.lms.app import create_app
from examples.lms.learners import path_of
from examples.lms.offers import load_offers
from examples.lms.requests import EnrolmentRequested
from examples.lms.store import Store

OFFERS = load_offers(COMPANY)
REQUEST = EnrolmentRequested("e-1", "a-1", "L-1103", "NW-REL-201")


@pytest.fixture
async def lms(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    store = Store(tmp_path / "lms.sqlite3")
    store.take([REQUEST], 100.0, lambda request: None, lambda assignment_id: path_of(assignment_id, 2.0))
    transport = httpx.ASGITransport(create_app(store, OFFERS))
    async with httpx.AsyncClient(transport=transport, base_url="http://lms") as client:
        yield client
    store.close()


async def test_the_catalogue_shows_what_can_be_taken(lms: httpx.AsyncClient) -> None:
    courses = {course["id"] for course in (await lms.get("/catalogue")).json()}
    assert "NW-REL-201" in courses
    assert "NW-REL-901" not in courses


async def test_a_learner_is_shown_with_their_enrolments(lms: httpx.AsyncClient) -> None:
    learner = (await lms.get("/learners/L-1103")).json()
    assert learner["name"] == "Aiko Tanaka"
    assert [(e["assignment_id"], e["reached"]) for e in learner["enrolments"]] == [("a-1", "completed")]


async def test_an_unknown_learner_is_not_found(lms: httpx.AsyncClient) -> None:
    assert (await lms.get("/learners/L-9999")).status_code == 404


async def test_enrolments_and_life_are_shown(lms: httpx.AsyncClient) -> None:
    assert len((await lms.get("/enrolments")).json()) == 1
    assert (await lms.get("/livez")).status_code == 200


@pytest.mark.parametrize(
    ("learner", "course", "reason"),
    [
        ("L-1103", "NW-REL-201", None),
        ("L-9999", "NW-REL-201", "no such account"),
        ("L-1103", "NW-REL-901", "no such course"),
    ],
)
def test_only_known_learners_take_courses_on_offer(learner: str, course: str, reason: str | None) -> None:
    assert rejection(OFFERS, EnrolmentRequested("e-1", "a-1", learner, course)) == reason
