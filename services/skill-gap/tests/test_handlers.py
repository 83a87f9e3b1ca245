"""The Kafka doors of skill-gap, against real Postgres."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kinetic.common import locks
from kinetic.common.database import Database, Transaction
from kinetic.common.events import new_id
from kinetic.contracts.ids import ContentId, PersonId, TeamId
from kinetic.contracts.ingestion import PersonErased
from kinetic.skill_gap import handlers
from kinetic.skill_gap.store import assessments, maps
from tests.support.offering import offer_all
from tests.support.skill_gap import RULES, SKILL, TEAM, signal
from tests.support.skill_gap_company import (
    AIKO,
    BEN,
    DANA,
    completed,
    course,
    hand,
    person,
    publish_map,
    sealed,
    team,
    told,
)


async def test_signals_open_a_gap_and_completions_close_it(company: Database) -> None:
    await hand(company, handlers.on_signals, signal(0.6), signal(0.6))
    assert await told(company) == ["kinetic.gap.opened.v1"]
    await hand(company, handlers.on_learning, completed(AIKO), completed(BEN))
    assert await told(company) == ["kinetic.gap.opened.v1", "kinetic.gap.closed.v1"]


async def test_a_gap_that_has_not_moved_is_not_told_again(company: Database) -> None:
    await hand(company, handlers.on_signals, signal(0.6), signal(0.6))
    await hand(company, handlers.on_signals, signal(0.1))
    await hand(company, handlers.on_signals, signal(1.0), signal(1.0))
    assert await told(company) == ["kinetic.gap.opened.v1", "kinetic.gap.changed.v1"]


async def test_what_was_learned_of_one_skill_leaves_the_others_to_their_time(company: Database) -> None:
    rule = RULES.signal_rules[0]
    both = RULES.model_copy(
        update={"version": 9000, "signal_rules": (rule, rule.model_copy(update={"competency": "other"}))}
    )
    async with company.transaction() as tx:
        await maps.save(tx, both, "lena")
    await hand(company, handlers.on_signals, signal(0.6), signal(0.6))
    async with company.transaction() as tx:
        await tx.execute("UPDATE assessment SET standing = 'open', gap_id = gen_random_uuid(), version = 1")
    await hand(company, handlers.on_learning, completed(AIKO), completed(BEN))
    async with company.transaction() as tx:
        rows = await tx.fetch("SELECT competency, standing FROM assessment ORDER BY competency")
    assert {row["competency"]: row["standing"] for row in rows} == {"other": "open", SKILL: "ruled_out"}


async def test_the_last_two_members_finish_at_once_and_the_gap_closes(company: Database) -> None:
    assert await _close_at_once(company) == ["kinetic.gap.opened.v1", "kinetic.gap.changed.v1", "kinetic.gap.closed.v1"]


async def test_without_the_team_lock_neither_of_two_members_closes_the_gap(
    company: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: each replica sees the other's old state."""

    async def lock_nothing(tx: Transaction, kind: str, keys: Any) -> None:
        return

    monkeypatch.setattr(locks, "lock_keys", lock_nothing)
    monkeypatch.setattr(handlers, "lock_keys", lock_nothing)
    assert "kinetic.gap.closed.v1" not in await _close_at_once(company)


async def _close_at_once(company: Database) -> list[str]:
    await hand(company, handlers.on_signals, signal(0.6), signal(0.6))

    async def finish(person_id: PersonId) -> None:
        async with company.transaction() as tx:
            await handlers.on_learning(tx, [completed(person_id)])
            await asyncio.sleep(0.3)  # the other has begun by now

    await asyncio.gather(finish(AIKO), finish(BEN))
    return await told(company)


async def test_a_signal_waits_for_its_team_and_is_taken_up_when_that_arrives(database: Database) -> None:
    await publish_map(database)
    await hand(database, handlers.on_signals, signal(0.6), signal(0.6))
    assert await told(database) == []
    await hand(database, handlers.on_directory_changed, team(), person(AIKO))
    await offer_all(database, handlers.doors)
    assert await told(database) == ["kinetic.gap.opened.v1"]
    assert await _waiting(database) == 0


async def test_a_signal_waits_for_the_first_map(database: Database) -> None:
    await hand(database, handlers.on_directory_changed, team(), person(AIKO))
    await hand(database, handlers.on_signals, signal(0.6), signal(0.6))
    assert await _waiting(database) == 2
    await publish_map(database)
    await _make_due(database)
    await offer_all(database, handlers.doors)
    assert await told(database) == ["kinetic.gap.opened.v1"]


async def test_a_completion_waits_for_its_content(database: Database) -> None:
    await publish_map(database)
    await hand(database, handlers.on_directory_changed, team(), person(AIKO), person(BEN))
    await hand(database, handlers.on_learning, completed(AIKO))
    assert await _waiting(database) == 1
    await hand(database, handlers.on_catalogue_changed, course())
    await offer_all(database, handlers.doors)
    assert await _waiting(database) == 0


async def test_a_completion_waits_behind_an_earlier_one_of_its_learner(company: Database) -> None:
    unknown = ContentId(new_id())
    await hand(company, handlers.on_learning, completed(AIKO, unknown), completed(BEN), completed(AIKO))
    async with company.transaction() as tx:
        waiting = await tx.fetch("SELECT key, waits_for FROM waiting")
    assert [tuple(row) for row in waiting] == [(AIKO, f"content/{unknown}")] * 2


async def test_what_an_erased_person_learns_is_not_kept(company: Database) -> None:
    await hand(company, handlers.on_directory_changed, sealed(PersonErased(person_id=AIKO, version=9)))
    await hand(company, handlers.on_learning, completed(AIKO), completed(BEN))
    async with company.transaction() as tx:
        assert [row["person_id"] for row in await tx.fetch("SELECT DISTINCT person_id FROM mastery")] == [BEN]


async def test_a_new_member_without_the_skill_reopens_the_question(company: Database) -> None:
    await hand(company, handlers.on_learning, completed(AIKO), completed(BEN))
    await hand(company, handlers.on_signals, signal(0.6), signal(0.6))
    assert await told(company) == ["kinetic.gap.ruled_out.v1", "kinetic.gap.ruled_out.v2"]
    await hand(company, handlers.on_directory_changed, *(person(PersonId(new_id())) for _ in range(3)))
    async with company.transaction() as tx:
        assert await fire(tx) == 1
    assert (await told(company))[-1] == "kinetic.gap.opened.v1"


async def test_a_mark_that_is_set_while_a_batch_is_decided_is_not_lost(
    company: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hand(company, handlers.on_signals, signal(0.3))
    save = assessments.save

    async def publish_first(*arguments: Any) -> None:
        await publish_map(company, version=RULES.version + 1)
        await save(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(assessments, "save", publish_first)
        await hand(company, handlers.on_signals, signal(0.3))
    async with company.transaction() as tx:
        assert await fire(tx) == 1


async def test_people_who_join_while_a_batch_is_decided_wait_for_it(company: Database) -> None:
    async with company.transaction() as tx:
        await handlers.on_signals(tx, [signal(0.6), signal(0.6)])
        joins = asyncio.create_task(hand(company, handlers.on_directory_changed, person(DANA)))
        await asyncio.sleep(0.3)
        assert not joins.done()
    await joins
    async with company.transaction() as tx:
        assert await fire(tx) == 1


async def test_a_team_that_cannot_be_assessed_holds_up_no_other(company: Database) -> None:
    other = TeamId(new_id())
    await hand(company, handlers.on_directory_changed, team(other))
    await hand(company, handlers.on_signals, signal(0.6), signal(0.6, other))
    async with company.transaction() as tx:
        await tx.execute("UPDATE assessment SET due_at = clock_timestamp()")
        await tx.execute("UPDATE assessment SET standing = 'broken' WHERE team_id = $1", TEAM)
        assert await fire(tx) == 1
        assert await tx.fetch_value("SELECT team_id FROM assessment WHERE due_at <= clock_timestamp()") == TEAM


async def test_an_older_directory_version_never_replaces_a_newer_one(company: Database) -> None:
    await hand(company, handlers.on_directory_changed, person(AIKO, version=5))
    older = person(AIKO, version=2)
    await hand(company, handlers.on_directory_changed, older)
    async with company.transaction() as tx:
        assert await tx.fetch_value("SELECT version FROM directory_person WHERE person_id = $1", AIKO) == 5


async def test_what_has_outlived_its_use_is_forgotten(company: Database) -> None:
    await hand(company, handlers.on_learning, completed(AIKO), completed(BEN))
    await hand(company, handlers.on_signals, signal(0.3))
    await publish_map(company, version=RULES.version + 1)
    async with company.transaction() as tx:
        await tx.execute("UPDATE directory_person SET active = false WHERE person_id = $1", AIKO)
        for table, column in (("mastery", "as_of"), ("assessment", "as_of"), ("capability_map", "published_at")):
            await tx.execute(f"UPDATE {table} SET {column} = {column} - interval '401 days'")
        await handlers.sweep(tx)
        assert [r["person_id"] for r in await tx.fetch("SELECT person_id FROM mastery")] == [BEN]
        assert [r["version"] for r in await tx.fetch("SELECT version FROM capability_map")] == [RULES.version + 1]
        assert await tx.fetch_value("SELECT count(*) FROM assessment") == 1
        await tx.execute("UPDATE directory_team SET removed = true")
        await handlers.sweep(tx)
        assert await tx.fetch_value("SELECT count(*) FROM assessment") == 0


async def fire(tx: Transaction) -> int:
    """Let the timer come round once."""
    timer, *_ = handlers.timers()
    return await timer.fire(tx)


async def _make_due(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute("UPDATE waiting SET due_at = clock_timestamp()")


async def _waiting(database: Database) -> int:
    async with database.transaction() as tx:
        count: int = await tx.fetch_value("SELECT count(*) FROM waiting")
    return count
