"""What a team completed, beside its KPI: dates and counts, and never a name; against real Postgres."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.common.events import Envelope, new_id
from kinetic.contracts.ids import ContentId, KpiKey, PersonId, TeamId
from kinetic.contracts.ingestion import LearningVerb, LearningVoided, MeasurementRecorded, PersonChanged, Position
from kinetic.contracts.skill_gap import Direction, Kpi, KpiRule
from kinetic.skill_gap import handlers
from kinetic.skill_gap.store import maps
from tests.support.http import token
from tests.support.skill_gap import ENGINEER, NOW, RULES, SKILL, TEAM
from tests.support.skill_gap_company import AIKO, BEN, COURSE, DANA, course, hand, learned, person, sealed, team

ERRORS = KpiKey("error-rate")
MEASURED = RULES.model_copy(
    update={
        "version": RULES.version + 900,  # no other test has a map of this version, and each is read once
        "kpis": (Kpi(key=ERRORS, name="Error rate", unit="%", direction=Direction.LOWER_IS_BETTER, target=2, alarm=5),),
        "kpi_rules": (KpiRule(kpi=ERRORS, competency=SKILL, weight=1.0, half_life_days=14.0),),
    }
)
LENA = token("lena", "learning")
DAY = timedelta(days=1)
COMPLETED, PASSED, FAILED = LearningVerb.COMPLETED, LearningVerb.PASSED, LearningVerb.FAILED


def ago(days: int) -> datetime:
    return NOW - days * DAY


@pytest.fixture
async def measured(company: Database) -> Database:
    """A team of five, of which something was measured for ten weeks."""
    async with company.transaction() as tx:
        await maps.save(tx, MEASURED, "lena")
    await hand(company, handlers.on_directory_changed, *(person(PersonId(new_id())) for _ in range(3)))
    await hand(
        company,
        handlers.on_measurements,
        *(
            sealed(
                MeasurementRecorded(
                    kpi=ERRORS, team_id=TEAM, value=3, n=9, period_start=ago(days + 7), period_end=ago(days)
                )
            )
            for days in range(70, -1, -7)
        ),
    )
    return company


async def shown(http: httpx.AsyncClient, headers: dict[str, str] = LENA) -> list[tuple[Any, ...]] | None:
    answer = await http.get(f"/teams/{TEAM}/kpis/{ERRORS}", headers=headers)
    assert answer.status_code == 200, answer.text
    found = answer.json()["completions"]
    return found and [(one["day"], one["content_id"], one["people"]) for one in found]


def day(days_ago: int) -> str:
    return ago(days_ago).date().isoformat()


async def test_completions_stand_beside_the_kpi_by_day_and_content(measured: Database, http: httpx.AsyncClient) -> None:
    other = ContentId(new_id())
    second = course()
    await hand(
        measured,
        handlers.on_catalogue_changed,
        sealed(second.data.model_copy(update={"content_id": other})),
    )
    await hand(
        measured,
        handlers.on_learning,
        learned(AIKO, COMPLETED, ago(30)),
        learned(BEN, COMPLETED, ago(30)),
        learned(BEN, COMPLETED, ago(10), content_id=other),
    )
    assert await shown(http) == [(day(30), COURSE, 2), (day(10), other, 1)]


async def test_who_completes_and_passes_counts_once_and_who_fails_not_at_all(
    measured: Database, http: httpx.AsyncClient
) -> None:
    await hand(
        measured,
        handlers.on_learning,
        learned(AIKO, COMPLETED, ago(30)),
        learned(AIKO, PASSED, ago(30), 0.9),
        learned(BEN, FAILED, ago(20), 0.2),
    )
    assert await shown(http) == [(day(30), COURSE, 1)]


async def test_what_was_completed_before_the_first_reading_is_not_shown(
    measured: Database, http: httpx.AsyncClient
) -> None:
    await hand(measured, handlers.on_learning, learned(AIKO, COMPLETED, ago(71)))
    assert await shown(http) == []


async def test_what_was_taken_back_is_not_shown(measured: Database, http: httpx.AsyncClient) -> None:
    done = learned(AIKO, COMPLETED, ago(30))
    await hand(measured, handlers.on_learning, done)
    await hand(measured, handlers.on_learning, sealed(LearningVoided(person_id=AIKO, voided_event_id=done.id)))
    assert await shown(http) == []


async def test_what_was_learned_in_another_team_is_not_of_this_one(measured: Database, http: httpx.AsyncClient) -> None:
    await hand(measured, handlers.on_directory_changed, team(ELSEWHERE), moved(AIKO, ago(20)))
    await hand(measured, handlers.on_learning, learned(AIKO, COMPLETED, ago(30)), learned(AIKO, PASSED, ago(5), 0.9))
    assert await shown(http) == [(day(5), COURSE, 1)]


async def test_of_fewer_than_five_who_do_not_all_report_to_the_caller_nothing_is_shown(
    measured: Database, http: httpx.AsyncClient
) -> None:
    await hand(measured, handlers.on_learning, learned(AIKO, COMPLETED, ago(30)))
    assert await shown(http) is not None
    async with measured.transaction() as tx:
        await tx.execute("UPDATE directory_person SET active = false WHERE person_id <> ALL($1::uuid[])", [AIKO, BEN])
    await hand(
        measured,
        handlers.on_directory_changed,
        person(AIKO, 2, DANA),
        person(BEN, 2, DANA),
        person(DANA, team_id=None),
    )
    assert await shown(http) is None
    assert await shown(http, token("dana", "manager")) == [(day(30), COURSE, 1)]


ELSEWHERE = TeamId(new_id())


def moved(person_id: PersonId, since: datetime) -> Envelope[Any]:
    """Came from another team."""
    before = person(person_id).data
    assert isinstance(before, PersonChanged)
    (first,) = before.positions
    positions = (
        first.model_copy(update={"team_id": ELSEWHERE}),
        Position(team_id=TEAM, manager_id=None, role=ENGINEER, effective_from=since),
    )
    return sealed(before.model_copy(update={"positions": positions, "version": 2}))
