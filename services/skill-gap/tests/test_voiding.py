"""Learning records that are taken back, against real Postgres."""

from __future__ import annotations

from typing import Any

from kinetic.common.database import Database
from kinetic.common.events import Envelope, new_id
from kinetic.contracts.ids import ContentId, EventId
from kinetic.contracts.ingestion import LearningVoided
from kinetic.skill_gap import handlers
from tests.support.offering import offer_all
from tests.support.skill_gap import signal
from tests.support.skill_gap_company import AIKO, BEN, COURSE, completed, course, hand, sealed, told


def taken_back(record: Envelope[Any]) -> Envelope[Any]:
    return sealed(LearningVoided(person_id=record.data.person_id, voided_event_id=EventId(record.id)))


async def learners(database: Database) -> list[str]:
    async with database.transaction() as tx:
        return [row["person_id"] for row in await tx.fetch("SELECT person_id FROM mastery ORDER BY person_id")]


async def test_mastery_that_rests_on_a_void_record_alone_is_forgotten_and_the_gap_is_open_again(
    company: Database,
) -> None:
    records = [completed(AIKO), completed(BEN)]
    await hand(company, handlers.on_signals, signal(0.6), signal(0.6))
    await hand(company, handlers.on_learning, *records)
    assert (await told(company))[-1] == "kinetic.gap.closed.v1"

    await hand(company, handlers.on_learning, *map(taken_back, records))

    assert await learners(company) == []
    assert (await told(company))[-1] == "kinetic.gap.opened.v1"


async def test_mastery_that_rests_on_another_record_too_stays(company: Database) -> None:
    first = completed(AIKO)
    await hand(company, handlers.on_learning, first, completed(AIKO))

    await hand(company, handlers.on_learning, taken_back(first))

    assert await learners(company) == [AIKO]


async def test_record_that_is_taken_back_in_its_own_batch_leaves_nothing(company: Database) -> None:
    record = completed(AIKO)

    await hand(company, handlers.on_learning, record, taken_back(record))

    assert await learners(company) == []


async def test_another_persons_record_is_not_taken_back(company: Database) -> None:
    record = completed(AIKO)
    await hand(company, handlers.on_learning, record)

    stranger = LearningVoided(person_id=BEN, voided_event_id=EventId(record.id))
    await hand(company, handlers.on_learning, sealed(stranger))

    assert await learners(company) == [AIKO]


async def test_what_takes_back_a_record_that_waits_for_its_content_waits_behind_it(company: Database) -> None:
    unknown = ContentId(new_id())
    record = completed(AIKO, unknown)
    await hand(company, handlers.on_learning, record, taken_back(record))
    assert await learners(company) == []

    content = course()
    await hand(
        company,
        handlers.on_catalogue_changed,
        sealed(content.data.model_copy(update={"content_id": unknown, "external_ids": {}})),
    )
    await offer_all(company, handlers.doors)

    assert unknown != COURSE
    assert await learners(company) == []
    async with company.transaction() as tx:
        assert await tx.fetch_value("SELECT count(*) FROM waiting") == 0
