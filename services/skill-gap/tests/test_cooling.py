"""A gap that has closed does not open anew at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.contracts.event import Event
from kinetic.contracts.ingestion import LearningVerb
from kinetic.contracts.skill_gap import Detection, GapClosed, GapOpened
from kinetic.skill_gap import handlers
from kinetic.skill_gap.domain.assess import Decision, Picture, decide_after_demands, decide_again
from kinetic.skill_gap.domain.assessment import Assessment, demands_of_signal
from kinetic.skill_gap.domain.cooling import CLEARLY_MORE, LastGap
from kinetic.skill_gap.domain.coverage import Learner
from kinetic.skill_gap.store import assessments
from tests.support.http import token
from tests.support.skill_gap import NOW, RULES, SKILL, TEAM, learners, signal
from tests.support.skill_gap_company import AIKO, BEN, hand, learned, told

DAYS = Detection().cool_down_days
DAY = timedelta(days=1)
SMALL, FULL, FADED = learners(1.0), learners(2.5), learners(2.3)
numbers = count(1)


def fresh_id() -> str:
    return f"0199f000-0000-7000-8000-3{next(numbers):011d}"


def look(team: Sequence[Learner], known: Assessment, at: datetime, cool_down_days: float = DAYS) -> Decision:
    detection = RULES.detection.model_copy(update={"cool_down_days": cool_down_days})
    rules = RULES.model_copy(update={"detection": detection})
    return decide_again(Picture(rules, {(TEAM, SKILL): known}, {TEAM: team}, {}), at, fresh_id)


def events(decision: Decision) -> list[type[Event]]:
    return [type(emission.data) for emission in decision.emissions]


def pressed(
    severities: Sequence[float],
    known: Sequence[Assessment] = (),
    at: datetime = NOW,
    team: Sequence[Learner] = SMALL,
) -> Decision:
    demands = [demand for severity in severities for demand in demands_of_signal(signal(severity), RULES)]
    picture = Picture(RULES, {(one.team_id, one.competency): one for one in known}, {TEAM: team}, {})
    return decide_after_demands(picture, demands, at, fresh_id)


@pytest.fixture
def closed() -> Assessment:
    """A gap that opened under a pressure of 1.6 and was covered at once."""
    (known,) = pressed([0.8, 0.8]).assessments
    (known,) = look(FULL, known, NOW).assessments
    assert known.last_gap == LastGap(1.6, 2.5 / 3, NOW)
    return known


def test_a_gap_that_has_closed_does_not_open_anew_within_the_cool_down(closed: Assessment) -> None:
    assert events(look(FADED, closed, NOW + 4 * DAY)) == []


def test_without_a_cool_down_it_would(closed: Assessment) -> None:
    assert events(look(FADED, closed, NOW + 4 * DAY, cool_down_days=0)) == [GapOpened]


def test_it_opens_when_the_cool_down_is_over_and_the_work_asks_still(closed: Assessment) -> None:
    kept = replace(closed, pressure=replace(closed.pressure, as_of=NOW + DAYS * DAY))
    assert events(look(FADED, kept, NOW + DAYS * DAY - timedelta(seconds=1))) == []
    assert events(look(FADED, kept, NOW + DAYS * DAY)) == [GapOpened]


def test_clearly_more_pressure_than_it_opened_with_opens_it_at_once(closed: Assessment) -> None:
    assert closed.pressure.at(NOW) * CLEARLY_MORE == pytest.approx(2.4)
    assert events(pressed([0.7], [closed], team=FADED)) == []
    assert events(pressed([0.9], [closed], team=FADED)) == [GapOpened]


def test_a_team_that_holds_clearly_less_opens_it_at_once(closed: Assessment) -> None:
    assert events(look(learners(2.0), closed, NOW + DAY)) == []
    assert events(look(learners(1.8), closed, NOW + DAY)) == [GapOpened]
    assert events(look(learners(None), closed, NOW + DAY)) == [GapOpened]


def test_a_gap_that_grew_is_held_to_what_it_grew_to() -> None:
    (known,) = pressed([1.0]).assessments
    (known,) = pressed([1.0, 0.9], [known]).assessments
    (known,) = look(FULL, known, NOW).assessments
    assert events(look(FADED, known, NOW + DAY)) == []


def test_a_gap_that_calmed_down_is_held_to_what_it_opened_with() -> None:
    (known,) = pressed([0.6, 0.6], at=NOW - 41 * DAY).assessments
    (known,) = look(SMALL, known, NOW - DAY).assessments
    assert known.last_gap is not None
    assert known.last_gap.pressure == pytest.approx(1.2)
    assert known.last_gap.closed_at == NOW - DAY
    assert events(pressed([1.0], [known])) == []
    assert events(pressed([1.0], [replace(known, last_gap=None)])) == [GapOpened]
    assert events(pressed([1.0, 0.7], [known])) == [GapOpened]


def test_what_nobody_needed_any_more_may_open_as_soon_as_somebody_does() -> None:
    (known,) = pressed([0.8, 0.8]).assessments
    closing = look((), known, NOW)
    assert events(closing) == [GapClosed]
    (known,) = closing.assessments
    assert events(look(SMALL, known, NOW + DAY)) == [GapOpened]


def test_a_gap_that_opened_before_this_was_known_cools_down_too() -> None:
    (known,) = pressed([0.8, 0.8]).assessments
    (known,) = look(FULL, replace(known, last_gap=None), NOW).assessments
    assert events(look(FADED, known, NOW + DAY)) == []


async def test_what_cools_down_is_kept_and_shown(company: Database, http: httpx.AsyncClient) -> None:
    await hand(company, handlers.on_signals, signal(0.9), signal(0.9))
    both = [learned(person_id, LearningVerb.PASSED, NOW, 0.7) for person_id in (AIKO, BEN)]
    await hand(company, handlers.on_learning, *both)
    assert await told(company) == ["kinetic.gap.opened.v1", "kinetic.gap.closed.v1"]
    async with company.transaction() as tx:
        await tx.execute("UPDATE mastery SET held = 2.2")
        await tx.execute("UPDATE assessment SET due_at = clock_timestamp()")
        timer, *_ = handlers.timers()
        assert await timer.fire(tx) == 1
        picture = await assessments.load_picture(tx, RULES, [TEAM], [(TEAM, SKILL)])
    assert len(await told(company)) == 2
    last = picture.assessments[TEAM, SKILL].last_gap
    assert last is not None
    assert last.closed_at is not None
    assert last.pressure == pytest.approx(1.8, abs=0.01)
    assert last.coverage == pytest.approx(2.8 / 3, abs=0.01)
    (cell,) = (await http.get(f"/teams/{TEAM}/diagnosis", headers=token("lena", "learning"))).json()["cells"]
    assert datetime.fromisoformat(cell["why"]["cools_until"]) == last.closed_at + DAYS * DAY
    async with company.transaction() as tx:
        await tx.execute("UPDATE assessment SET last_gap = NULL, due_at = clock_timestamp()")
        assert await timer.fire(tx) == 1
    assert (await told(company))[-1] == "kinetic.gap.opened.v1"
