"""What an answer means for the next suggestion about the same team and competency."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.common.events import new_id
from kinetic.contracts.event import Event
from kinetic.contracts.ids import ContentId
from kinetic.contracts.recommendation import DismissalReason
from kinetic.recommendation.domain import consider as desk
from kinetic.recommendation.domain.afterwards import Answer, hindrance_after, wrong_people
from kinetic.recommendation.domain.attention import Rests
from kinetic.recommendation.domain.gap import Hindrance, Obstacle
from kinetic.recommendation.domain.nudge import State
from services.recommendation.tests.company import (
    BEN,
    CARLA,
    COURSE,
    DANA,
    LONG_AGO,
    changed,
    closed,
    consider,
    course,
    evidence,
    fetch,
    offer,
    opened,
    run,
    tell,
    told_types,
)
from services.recommendation.tests.test_api import act, inbox

RESTS = Rests()
SAID = datetime(2026, 11, 23, 10, tzinfo=UTC)
LATER = SAID + timedelta(days=400)
DAY = timedelta(days=1)
HINDRANCES = "SELECT obstacle, obstacle_until FROM gap WHERE is_open"
AGE = """UPDATE nudge SET outcome = jsonb_set(outcome, '{at}', to_jsonb(clock_timestamp() - interval '100 days')),
                          composed_at = composed_at - interval '100 days' WHERE outcome IS NOT NULL"""


def answer(state: State, reason: DismissalReason | None = None) -> Answer:
    return Answer(state, SAID, (BEN,), reason)


@pytest.mark.parametrize(
    ("given", "obstacle", "days"),
    [
        (answer(State.ACCEPTED), Obstacle.COOL_DOWN, 14),
        (answer(State.EXPIRED), Obstacle.COOL_DOWN, 14),
        (answer(State.WITHDRAWN), Obstacle.COOL_DOWN, 14),
        (answer(State.DISMISSED, DismissalReason.ALREADY_COVERED), Obstacle.DISMISSED, 90),
        (answer(State.DISMISSED, DismissalReason.WRONG_SKILL), Obstacle.DISMISSED, 365),
        (answer(State.DISMISSED, DismissalReason.WRONG_PEOPLE), Obstacle.DISMISSED, 14),
        (answer(State.DISMISSED, DismissalReason.WRONG_EVIDENCE), Obstacle.DISMISSED, 14),
        (answer(State.DISMISSED, DismissalReason.BAD_TIMING), Obstacle.DISMISSED, 30),
    ],
    ids=lambda value: value.reason or value.state if isinstance(value, Answer) else None,
)
def test_each_answer_rests_for_its_days(given: Answer, obstacle: Obstacle, days: int) -> None:
    until, fresh = SAID + days * DAY, opened(evidence=(evidence(seen_at=SAID + timedelta(seconds=1)),))
    expected = Hindrance(obstacle, DANA, until)
    assert hindrance_after([given], fresh, DANA, RESTS, until - timedelta(seconds=1)) == expected
    assert hindrance_after([given], fresh, DANA, RESTS, until) is None


def test_the_answer_that_rests_longest_counts() -> None:
    given = [answer(State.DISMISSED, DismissalReason.WRONG_SKILL), answer(State.WITHDRAWN)]
    hindrance = hindrance_after(given, opened(), DANA, RESTS, SAID + 20 * DAY)
    assert hindrance == Hindrance(Obstacle.DISMISSED, DANA, SAID + 365 * DAY)


def test_evidence_called_wrong_needs_newer_evidence_however_late() -> None:
    doubted = [answer(State.DISMISSED, DismissalReason.WRONG_EVIDENCE)]
    old = opened(evidence=(evidence(seen_at=SAID),))
    fresh = opened(evidence=(evidence(seen_at=SAID + timedelta(seconds=1)),))
    assert hindrance_after(doubted, old, DANA, RESTS, LATER) == Hindrance(Obstacle.DISMISSED, DANA)
    assert hindrance_after(doubted, fresh, DANA, RESTS, LATER) is None


def test_people_called_wrong_are_left_out_for_their_days_and_others_never() -> None:
    given = [answer(State.DISMISSED, DismissalReason.WRONG_PEOPLE), answer(State.DISMISSED, DismissalReason.BAD_TIMING)]
    assert wrong_people(given, RESTS, SAID + 89 * DAY) == {BEN}
    assert wrong_people(given[1:], RESTS, SAID) == frozenset()
    assert wrong_people(given, RESTS, SAID + 90 * DAY) == frozenset()


@pytest.mark.parametrize(("off", "composed"), [(False, 1), (True, 2)])
@pytest.mark.parametrize("at_once", [True, False])
async def test_a_gap_that_closes_and_opens_again_does_not_nag(
    database: Database, off: bool, composed: int, at_once: bool
) -> None:
    gap = opened()
    batches: list[list[Event]] = [[gap, closed(gap), opened()]] if at_once else [[gap], [closed(gap)], [opened()]]
    with patch.object(desk, "hindrance_after", _forget if off else hindrance_after):
        for batch in batches:
            await tell(database, *batch)
    assert (await told_types(database)).count("nudge.composed") == composed
    if not off:
        assert [row["obstacle"] for row in await fetch(database, HINDRANCES)] == ["cool_down"]


async def test_a_replayed_opening_after_the_cool_down_composes_nothing(database: Database) -> None:
    gap = opened()
    await tell(database, gap, closed(gap))
    await run(database, AGE)
    await tell(database, gap)
    assert await told_types(database) == ["nudge.composed", "nudge.withdrawn"]
    await tell(database, opened())
    assert (await told_types(database))[2:] == ["nudge.composed"]


@pytest.mark.parametrize(
    ("reason", "content", "people"),
    [
        ("already_covered", "other", {BEN, CARLA}),
        ("bad_timing", "same", {BEN, CARLA}),
        ("wrong_skill", None, None),
        ("wrong_evidence", None, None),
        ("wrong_people", None, None),
    ],
)
async def test_after_a_hundred_days_the_reason_decides_what_comes(
    database: Database, http: httpx.AsyncClient, reason: str, content: str | None, people: set[str] | None
) -> None:
    await run(database, "UPDATE policy SET wrong_people_days = 365")
    gap = opened(evidence=(evidence(seen_at=LONG_AGO),))
    await tell(database, gap)
    other = ContentId(new_id())
    if content != "same":
        await offer(database, course(other, effort_minutes=90))
    await _dismiss(http, reason)
    await tell(database, changed(gap))
    assert await inbox(http) == []
    await run(database, AGE)
    await run(database, "UPDATE gap SET due_at = clock_timestamp()")
    await consider(database)
    shown = await inbox(http)
    if content is None:
        assert shown == []
        return
    assert [card["content"]["content_id"] for card in shown] == [{"same": COURSE, "other": other}[content]]
    assert {person["person_id"] for person in shown[0]["people"]} == people


async def test_the_wrong_people_make_room_for_others_and_the_content_is_not_to_blame(
    database: Database, http: httpx.AsyncClient
) -> None:
    gap = opened(person_ids=(BEN,))
    await tell(database, gap)
    await _dismiss(http, "wrong_people")
    await run(database, "UPDATE policy SET cool_down_days = 0")
    await tell(database, changed(gap, person_ids=(BEN, CARLA)))
    (card,) = await inbox(http)
    assert ([person["person_id"] for person in card["people"]], card["content"]["content_id"]) == ([CARLA], COURSE)


def _forget(*_: object) -> None:
    """No answer rests."""


async def _dismiss(http: httpx.AsyncClient, reason: str) -> None:
    (card,) = await inbox(http)
    answered = await act(http, card["nudge_id"], "dismiss", {"version": card["version"], "reason": reason})
    assert answered.status_code == 200
