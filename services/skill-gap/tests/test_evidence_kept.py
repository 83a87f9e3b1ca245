"""The evidence of mastery is kept, bounded, and weighed again; against real Postgres."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from alembic import command
from alembic.config import Config

from kinetic.common.database import Database
from kinetic.common.events import Envelope
from kinetic.common.migrate import run_alembic
from kinetic.contracts.ids import CompetencyKey, EventId
from kinetic.contracts.ingestion import LearningVerb, LearningVoided
from kinetic.skill_gap import handlers
from kinetic.skill_gap.app import create_service
from kinetic.skill_gap.domain.coverage import Learner
from kinetic.skill_gap.domain.evidence import Kind, MasteryEvidence
from kinetic.skill_gap.domain.forgetting import review
from kinetic.skill_gap.domain.mastery import EVIDENCE_KEPT, Holding
from kinetic.skill_gap.store import masteries
from tests.support.databases import Templates
from tests.support.skill_gap import NOW, SKILL, TEAM, signal
from tests.support.skill_gap_company import AIKO, BEN, completed, course, hand, learned, sealed, told

DAY = timedelta(days=1)


async def holding(database: Database) -> Holding:
    async with database.transaction() as tx:
        return (await masteries.load(tx, [AIKO]))[AIKO, SKILL]


async def level(database: Database) -> float | None:
    """What Aiko holds now, as her team is assessed by it."""
    async with database.transaction() as tx:
        team: list[Learner] = (await masteries.load_learners(tx, [TEAM]))[TEAM]
        (aiko,) = (learner for learner in team if learner.person_id == AIKO)
        mastery = aiko.masteries.get(SKILL)
        return mastery.at(await tx.now()) if mastery else None


def passed(days_ago: int, score: float | None = None) -> Envelope[Any]:
    return learned(AIKO, LearningVerb.PASSED, datetime.now(UTC) - days_ago * DAY, score)


async def limit_course(database: Database, days: int) -> None:
    content = course().data.model_copy(update={"valid_for_days": days, "version": 2})
    await hand(database, handlers.on_catalogue_changed, sealed(content))


async def test_late_records_come_to_what_timely_ones_do(company: Database) -> None:
    records = [passed(days, score) for days, score in ((400, 0.7), (200, 0.95), (100, None), (3, 0.8))]
    await hand(company, handlers.on_learning, *records[2:])
    await hand(company, handlers.on_learning, records[1])
    await hand(company, handlers.on_learning, records[0])
    late = await holding(company)

    async with company.transaction() as tx:
        await tx.execute("DELETE FROM mastery")
    await hand(company, handlers.on_learning, *records)

    assert await holding(company) == late
    assert [one.at for one in late.evidence] == [record.data.occurred_at for record in records]


async def test_a_record_that_is_handled_twice_counts_once(company: Database) -> None:
    record = passed(30)
    await hand(company, handlers.on_learning, record)
    once = await holding(company)
    await hand(company, handlers.on_learning, record)
    await hand(company, handlers.on_learning, record, record)
    assert await holding(company) == once


async def test_what_is_kept_of_much_learning_is_bounded(company: Database) -> None:
    await hand(company, handlers.on_learning, *(passed(days, 0.8) for days in range(3 * EVIDENCE_KEPT, 0, -1)))
    kept = await holding(company)
    assert (len(kept.evidence), kept.start is not None) == (EVIDENCE_KEPT, True)
    before = await level(company)
    await hand(company, handlers.on_learning, passed(0))
    assert before is not None
    assert before < 4.0
    assert await level(company) == 4.0


async def test_a_failure_is_evidence(company: Database) -> None:
    await hand(company, handlers.on_learning, learned(AIKO, LearningVerb.FAILED, datetime.now(UTC)))
    assert await level(company) == 0.0


async def test_a_void_failure_leaves_nobody_assessed(company: Database) -> None:
    failure = learned(AIKO, LearningVerb.FAILED, datetime.now(UTC))
    await hand(company, handlers.on_learning, failure)
    void = LearningVoided(person_id=AIKO, voided_event_id=EventId(failure.id))
    await hand(company, handlers.on_learning, sealed(void))
    assert await level(company) is None


async def test_a_certificate_that_has_expired_counts_no_more_and_its_gap_opens_again(company: Database) -> None:
    await limit_course(company, days=30)
    await hand(company, handlers.on_learning, completed(AIKO), completed(BEN))
    await hand(company, handlers.on_signals, signal(0.6), signal(0.6))
    assert "kinetic.gap.opened.v1" not in await told(company)

    async with company.transaction() as tx:
        await tx.execute(
            "UPDATE mastery SET expires_at = clock_timestamp(), evidence = jsonb_set(evidence, '{0,5}', $1)", _at(-1)
        )
        await tx.execute("UPDATE assessment SET due_at = clock_timestamp()")
        timer, *_ = handlers.timers()
        assert await timer.fire(tx) == 1

    assert "kinetic.gap.opened.v1" in await told(company)
    assert await level(company) is None


async def test_a_certificate_that_is_not_expired_counts(company: Database) -> None:
    await limit_course(company, days=30)
    await hand(company, handlers.on_learning, passed(29))
    assert await level(company)
    assert (await holding(company)).expires_at(NOW) is not None


async def test_a_certificate_that_had_expired_before_it_was_told_leaves_nobody_assessed(company: Database) -> None:
    await limit_course(company, days=30)
    await hand(company, handlers.on_learning, passed(31))
    assert await level(company) is None
    assert len((await holding(company)).evidence) == 1


async def test_what_was_known_before_becomes_one_piece_of_evidence(templates: Templates) -> None:
    service, at = create_service(), datetime(2026, 3, 1, 12, 30, 5, 123456, tzinfo=UTC)
    record = completed(AIKO)
    async with templates.fresh(service.name, service.branches) as database:
        async with database.transaction() as tx:
            await tx.execute("DROP SCHEMA skill_gap CASCADE")
        for revision in ("machinery@head", "directory@head", "skill_gap_0003"):
            await run_alembic(database.dsn, service.name, service.branches, partial(upgrade, revision))
        async with database.transaction() as tx:
            await tx.execute_many(
                "INSERT INTO mastery (person_id, competency, level, as_of, rests_on) VALUES ($1, $2, 2.5, $3, $4)",
                [(AIKO, SKILL, at, record.id), (BEN, CompetencyKey("x"), at, None)],
            )
        await run_alembic(database.dsn, service.name, service.branches, partial(upgrade, "heads"))
        async with database.transaction() as tx:
            held = await masteries.load(tx, [AIKO, BEN])
            row = await tx.fetch_one("SELECT * FROM mastery WHERE person_id = $1", AIKO)
    assert held[AIKO, SKILL] == Holding((MasteryEvidence(record.id, Kind.COMPLETED, 2.5, at),))
    assert len(held[BEN, CompetencyKey("x")].evidence) == 1
    weighed = held[AIKO, SKILL].mastery(NOW)
    assert weighed is not None
    assert row is not None
    assert (row["level"], row["held"], row["as_of"]) == (weighed.level, weighed.held, weighed.memory.reviewed_at)
    assert (row["stability"], row["difficulty"]) == pytest.approx((weighed.memory.stability, weighed.memory.difficulty))
    assert weighed.memory == review(None, held[AIKO, SKILL].evidence[0].rating, at)


def upgrade(revision: str, config: Config) -> None:
    command.upgrade(config, revision)


def _at(days: int) -> str:
    return (datetime.now(UTC) + days * DAY).isoformat()
