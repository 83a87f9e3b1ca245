"""A manager sees what their reports hold, and validates or corrects it; against real Postgres."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from kinetic.common.auth import Principal, Role
from kinetic.common.database import Database, Transaction
from kinetic.common.events import new_id
from kinetic.common.locks import lock_keys
from kinetic.contracts.ids import PersonId
from kinetic.contracts.ingestion import DirectoryConfirmed, LearningVerb, PersonErased
from kinetic.directory import actors
from kinetic.skill_gap import handlers, statements
from kinetic.skill_gap.domain import validation
from kinetic.skill_gap.domain.validation import Statement, Words
from tests.support.http import token
from tests.support.skill_gap import RULES, SKILL, signal
from tests.support.skill_gap_company import AIKO, BEN, DANA, completed, hand, learned, person, publish_map, sealed, told

DAY = timedelta(days=1)
BENS, DANAS, AIKOS = (token(name, "manager") for name in ("ben", "dana", "aiko"))
BEN_ACTS = Principal("ben", "ben@company.example", frozenset({Role.MANAGER}))
THREE = {"statement": "validated", "level": 3}


@pytest.fixture
async def managed(company: Database) -> Database:
    """Aiko reports to Ben, Ben reports to Dana, and the directory is fresh."""
    await hand(company, handlers.on_directory_changed, person(AIKO, 2, BEN), person(BEN, 2, DANA), person(DANA))
    await confirm(company)
    return company


async def confirm(database: Database, age: timedelta = timedelta()) -> None:
    async with database.transaction() as tx:
        await tx.execute("DELETE FROM directory_state")
    heartbeat = DirectoryConfirmed(version=7, confirmed_at=datetime.now(UTC) - age)
    await hand(database, handlers.on_directory_changed, sealed(heartbeat))


def say(http: httpx.AsyncClient, headers: dict[str, str], **words: Any) -> Any:
    return http.put(f"/people/{AIKO}/competencies/{SKILL}", headers=headers, json=THREE | words)


async def shown(http: httpx.AsyncClient, headers: dict[str, str], person_id: PersonId = AIKO) -> dict[str, Any]:
    answer = await http.get(f"/people/{person_id}/competencies", headers=headers)
    assert answer.status_code == 200, answer.text
    (held,) = answer.json()["competencies"]
    return dict(held)


async def count(database: Database, table: str = "validation") -> int:
    async with database.transaction() as tx:
        found: int = await tx.fetch_value(f"SELECT count(*) FROM {table}")
    return found


async def test_who_said_what_when_is_kept_and_shown(managed: Database, http: httpx.AsyncClient) -> None:
    await hand(managed, handlers.on_learning, completed(AIKO))
    said = await say(http, BENS, statement="corrected", level=2, reason="seen_at_work")
    assert said.status_code == 200, said.text
    await say(http, DANAS, level=3)

    held = await shown(http, BENS)

    assert [
        (v["statement"], v["level"], v["level_before"], v["reason"], v["said_by"]) for v in held["validations"]
    ] == [("validated", 3.0, 2.0, None, DANA), ("corrected", 2.0, 4.0, "seen_at_work", BEN)]
    assert (held["level"], held["level_reached"], held["retained"]) == (3.0, 3.0, 1.0)
    assert [one["kind"] for one in held["rests_on"]] == ["completed", "corrected", "validated"]


async def test_a_level_that_was_reached_long_ago_is_shown_with_what_is_left_of_it(
    managed: Database, http: httpx.AsyncClient
) -> None:
    await hand(managed, handlers.on_learning, learned(AIKO, LearningVerb.PASSED, datetime.now(UTC) - 365 * DAY, 0.8))
    held = await shown(http, BENS)
    assert held["level_reached"] == pytest.approx(3.2)
    assert held["retained"] == pytest.approx(0.73, abs=0.01)
    assert held["level"] == pytest.approx(held["retained"] * 3.2)
    assert held["validations"] == []


async def test_who_was_never_assessed_is_shown_without_a_level(managed: Database, http: httpx.AsyncClient) -> None:
    held = await shown(http, BENS)
    assert (held["level"], held["level_reached"], held["rests_on"]) == (None, None, [])


async def test_nobody_but_their_own_managers_sees_or_says_what_a_person_holds(
    managed: Database, http: httpx.AsyncClient
) -> None:
    stranger = PersonId(new_id())
    await hand(managed, handlers.on_directory_changed, person(stranger))
    outsiders = (AIKOS, token(stranger, "manager"))
    for headers in outsiders:
        assert (await say(http, headers)).status_code == 404
        assert (await http.get(f"/people/{AIKO}/competencies", headers=headers)).status_code == 404
    for role in ("learning", "admin", "service", ""):
        assert (await say(http, token("ben", role))).status_code == 403
        assert (await http.get(f"/people/{AIKO}/competencies", headers=token("ben", role))).status_code == 403
    assert (await say(http, {})).status_code == 401
    assert await count(managed) == 0


async def test_a_manager_of_a_manager_sees_and_says_it_too(managed: Database, http: httpx.AsyncClient) -> None:
    assert (await say(http, DANAS)).status_code == 200
    assert (await shown(http, DANAS))["level"] == 3.0


@pytest.mark.parametrize(("off", "status"), [(False, 503), (True, 200)])
async def test_nobody_says_anything_on_an_old_directory(
    managed: Database, http: httpx.AsyncClient, off: bool, status: int
) -> None:
    await confirm(managed, age=timedelta(seconds=61))
    with patch.object(actors, "STALE_AFTER_SECONDS", float("inf") if off else actors.STALE_AFTER_SECONDS):
        assert (await say(http, BENS)).status_code == status
    assert (await http.get(f"/people/{AIKO}/competencies", headers=BENS)).status_code == 200


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ({"level": 6}, 422),
        ({"level": -1}, 422),
        ({"statement": "applied"}, 422),
        ({"reason": "she is nice"}, 422),
        ({"note": "free text"}, 422),
        ({"level": 0}, 200),
        ({"level": 5, "reason": "proven_elsewhere"}, 200),
    ],
)
async def test_what_can_be_said_is_bounded(
    managed: Database, http: httpx.AsyncClient, words: dict[str, Any], status: int
) -> None:
    assert (await say(http, BENS, **words)).status_code == status


async def test_a_competency_that_is_not_in_the_map_cannot_be_validated(
    managed: Database, http: httpx.AsyncClient
) -> None:
    answer = await http.put(f"/people/{AIKO}/competencies/juggling", headers=BENS, json=THREE)
    assert answer.status_code == 404
    assert await count(managed, "mastery") == 0


async def test_a_validation_lets_the_team_be_assessed_again_at_once(managed: Database, http: httpx.AsyncClient) -> None:
    await hand(managed, handlers.on_learning, completed(BEN), completed(DANA))
    await hand(managed, handlers.on_signals, signal(0.6), signal(0.6))
    assert await told(managed) == ["kinetic.gap.opened.v1"]
    await say(http, BENS)
    assert await told(managed) == ["kinetic.gap.opened.v1", "kinetic.gap.closed.v1"]


async def test_the_same_words_again_change_nothing(managed: Database, http: httpx.AsyncClient) -> None:
    first = (await say(http, BENS)).json()
    again = (await say(http, BENS)).json()
    assert again["validations"] == first["validations"]
    assert again["rests_on"] == first["rests_on"]
    assert (await count(managed), await count(managed, "mastery")) == (1, 1)


async def test_other_words_and_other_managers_are_kept_besides(managed: Database, http: httpx.AsyncClient) -> None:
    await say(http, BENS)
    await say(http, BENS, reason="talked_about")
    await say(http, BENS, level=4, statement="corrected")
    await say(http, DANAS, level=4, statement="corrected")
    assert await count(managed) == 4


async def test_the_same_words_count_anew_after_a_day_or_when_something_has_happened_since(
    managed: Database, http: httpx.AsyncClient
) -> None:
    await say(http, BENS)
    await hand(managed, handlers.on_learning, completed(AIKO))
    await say(http, BENS)
    assert await count(managed) == 2
    with patch.object(validation, "SAME_WITHIN", timedelta()):
        await say(http, BENS)
    assert await count(managed) == 3


@pytest.mark.parametrize(("off", "kept"), [(False, 1), (True, 2)])
async def test_the_persons_lock_makes_a_second_manager_find_what_the_first_said(
    managed: Database, http: httpx.AsyncClient, off: bool, kept: int
) -> None:
    async def lock_other_kinds(tx: Transaction, kind: str, keys: Iterable[str]) -> None:
        if not off:
            await lock_keys(tx, kind, keys)

    words = Words(Statement.VALIDATED, 3.0, None)
    with patch.object(statements, "lock_keys", lock_other_kinds), patch.object(handlers, "lock_keys", lock_other_kinds):
        async with managed.transaction() as tx:
            await statements.say(tx, BEN_ACTS, (AIKO, SKILL), words)
            second = asyncio.create_task(_say(managed, words))
            await asyncio.sleep(0.3)
        await second
    assert await count(managed) == kept


async def _say(database: Database, words: Words) -> None:
    async with database.transaction() as tx:
        await statements.say(tx, BEN_ACTS, (AIKO, SKILL), words)


async def test_fifty_at_once_are_one(managed: Database, http: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(say(http, BENS) for _ in range(50)))
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert await count(managed) == 1


async def test_who_is_no_report_any_more_is_out_of_reach_at_once(managed: Database, http: httpx.AsyncClient) -> None:
    await say(http, BENS)
    await hand(managed, handlers.on_directory_changed, person(AIKO, 3, DANA))
    assert (await say(http, BENS, level=1)).status_code == 404
    assert (await shown(http, DANAS))["validations"][0]["said_by"] == BEN


async def test_what_was_said_of_an_erased_person_is_forgotten(managed: Database, http: httpx.AsyncClient) -> None:
    await say(http, BENS)
    await hand(managed, handlers.on_directory_changed, sealed(PersonErased(person_id=AIKO, version=9)))
    assert (await count(managed), await count(managed, "mastery")) == (0, 0)


async def test_a_word_that_is_spoken_while_a_person_is_erased_waits_and_finds_nobody(
    managed: Database, http: httpx.AsyncClient
) -> None:
    async with managed.transaction() as tx:
        await handlers.on_directory_changed(tx, [sealed(PersonErased(person_id=AIKO, version=9))])
        saying = asyncio.create_task(say(http, BENS))
        await asyncio.sleep(0.3)
    assert (await saying).status_code == 404
    assert await count(managed) == 0


async def test_old_words_are_forgotten_when_there_are_newer_ones_or_the_person_has_left(
    managed: Database, http: httpx.AsyncClient
) -> None:
    await say(http, BENS)
    await say(http, BENS, level=4)
    async with managed.transaction() as tx:
        await tx.execute("UPDATE validation SET said_at = said_at - interval '401 days'")
        await handlers.sweep(tx)
        assert await tx.fetch_value("SELECT level FROM validation") == 4
        await tx.execute("UPDATE directory_person SET active = false WHERE person_id = $1", AIKO)
        await handlers.sweep(tx)
    assert await count(managed) == 0


async def test_of_much_that_was_said_the_newest_is_shown(managed: Database, http: httpx.AsyncClient) -> None:
    for level in (1, 2, 3, 4) * 6:
        await say(http, BENS, level=level)
    assert await count(managed) == 24
    said = (await shown(http, BENS))["validations"]
    assert len(said) == 20
    assert [one["level"] for one in said[:5]] == [4.0, 3.0, 2.0, 1.0, 4.0]
    assert len((await say(http, BENS, level=2)).json()["validations"]) == 20


async def test_a_competency_that_left_the_map_is_still_shown(managed: Database, http: httpx.AsyncClient) -> None:
    await hand(managed, handlers.on_learning, completed(AIKO))
    with patch("tests.support.skill_gap_company.RULES", RULES.model_copy(update={"competencies": ()})):
        await publish_map(managed, RULES.version + 1)
    assert (await shown(http, BENS))["level"] == 4.0
