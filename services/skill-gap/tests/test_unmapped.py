"""What the map does not know is counted and shown, with three competencies that it may ask for; nothing follows by itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.common.events import Envelope
from kinetic.contracts.ids import CompetencyKey
from kinetic.contracts.skill_gap import Competency, SignalRule
from kinetic.skill_gap import api, embedding, handlers
from kinetic.skill_gap.domain.unmapped import Unmapped, gather, suggest
from kinetic.skill_gap.embedding import load_embed
from kinetic.skill_gap.store import maps, unmapped
from tests.support.http import token
from tests.support.skill_gap import NOW, RULES, signal
from tests.support.skill_gap_company import hand, told

LENA = token("lena", "learning")

TRIAL = {
    "incident-response": "incident opened. Checkout is down for customers in Europe",
    "release-engineering": "delivery failed. The deployment to production was rolled back",
    "test-design": "defect escaped. A regression was not covered by any test",
    "secure-coding": "security alert. A secret was committed to the repository",
    "customer-empathy": "ticket reopened. The customer is unhappy with the answer of support",
    "agile-delivery": "story carried over. The sprint ended with unfinished work",
    "database-performance": "query slow. The orders table is scanned without an index",
    "cost-awareness": "budget exceeded. The cloud bill of the team has doubled",
    "documentation": "page outdated. The runbook describes a service that is gone",
    "accessibility": "audit failed. Buttons cannot be reached with the keyboard or a screen reader",
}
"""What signals say, by the competency that a person would choose."""

DESCRIPTIONS = {
    "incident-response": "Restores service first, finds the cause afterwards, and tells people meanwhile.",
    "release-engineering": "Brings a change to production in small steps that can be undone.",
    "test-design": "Chooses the tests that find a defect before a customer does.",
    "secure-coding": "Writes code, and takes in code of others, without opening a door.",
    "customer-empathy": "Hears what a customer needs behind what they say.",
    "agile-delivery": "Cuts work so small that it is finished, seen and corrected every week.",
    "database-performance": "Designs schemas and queries that stay fast as data grows.",
    "cost-awareness": "Knows what running a service costs, and spends no more than it is worth.",
    "documentation": "Writes down how things work so that others can rely on it.",
    "accessibility": "Builds interfaces that everybody can use, whatever their abilities.",
}
COMPETENCIES = tuple(
    Competency(key=CompetencyKey(key), name=key.replace("-", " ").capitalize(), description=said)
    for key, said in DESCRIPTIONS.items()
)


def seen(kind: str = "page.outdated", hours_ago: int = 0, summary: str = "A page is outdated") -> Envelope[Any]:
    told = signal(kind=kind)
    moment = NOW - timedelta(hours=hours_ago)
    return replace(told, data=told.data.model_copy(update={"summary": summary, "occurred_at": moment}))


async def shown(http: httpx.AsyncClient) -> list[Any]:
    answer = await http.get("/capabilities/unmapped", headers=LENA)
    assert answer.status_code == 200
    kinds: list[Any] = answer.json()["kinds"]
    return kinds


async def test_kinds_that_no_rule_takes_are_counted_with_what_the_last_one_said(
    company: Database, http: httpx.AsyncClient
) -> None:
    await hand(company, handlers.on_signals, seen(hours_ago=1), signal(), seen("query.slow", summary="A query is slow"))
    await hand(company, handlers.on_signals, seen(summary="Another page is outdated"), seen(hours_ago=2))
    first, second = await shown(http)
    assert (first["kind"], first["seen"], first["statement"]) == ("page.outdated", 3, "Another page is outdated")
    assert (second["source"], second["kind"], second["seen"]) == ("github", "query.slow", 1)


async def test_nothing_follows_but_three_competencies_to_choose_from(
    company: Database, http: httpx.AsyncClient
) -> None:
    rules = RULES.model_copy(update={"version": RULES.version + 500, "competencies": COMPETENCIES})
    async with company.transaction() as tx:
        await maps.save(tx, rules, "lena")
    await hand(company, handlers.on_signals, *(seen(summary="The runbook is outdated") for _ in range(30)))
    (kind,) = await shown(http)
    assert len(kind["suggestions"]) == 3
    assert kind["suggestions"][0]["competency"] == "documentation"
    assert await told(company) == []


async def test_a_rule_takes_its_kind_from_the_list(company: Database, http: httpx.AsyncClient) -> None:
    await hand(company, handlers.on_signals, seen(), seen("query.slow"))
    rule = SignalRule(kind="page.*", competency=RULES.competencies[0].key, weight=1.0, half_life_days=14.0)
    async with company.transaction() as tx:
        taught = {"version": RULES.version + 501, "signal_rules": (*RULES.signal_rules, rule)}
        await maps.save(tx, RULES.model_copy(update=taught), "lena")
    assert [one["kind"] for one in await shown(http)] == ["query.slow"]


async def test_without_the_extra_kinds_are_shown_alone(company: Database, http: httpx.AsyncClient) -> None:
    await hand(company, handlers.on_signals, seen())
    with patch.object(api, "load_embed", lambda: None):
        answer = (await http.get("/capabilities/unmapped", headers=LENA)).json()
    assert (answer["model"], [one["suggestions"] for one in answer["kinds"]]) == (None, [[]])


async def test_managers_do_not_edit_the_map(company: Database, http: httpx.AsyncClient) -> None:
    answer = await http.get("/capabilities/unmapped", headers=token("dana", "manager"))
    assert answer.status_code == 403


async def test_a_kind_that_another_replica_counts_in_is_not_waited_for(company: Database) -> None:
    await hand(company, handlers.on_signals, seen(), seen("query.slow"))
    async with company.transaction() as tx:
        await unmapped.note(tx, [seen().data])
        async with asyncio.timeout(5):
            await hand(company, handlers.on_signals, seen(), seen("query.slow"))
    async with company.transaction() as tx:
        assert {one.kind: one.seen for one in await unmapped.load(tx, 10)} == {"page.outdated": 2, "query.slow": 2}


async def test_kinds_from_outside_do_not_fill_the_table(company: Database) -> None:
    await hand(company, handlers.on_signals, *(seen(f"made.up-{number}", hours_ago=number) for number in range(6)))
    async with company.transaction() as tx:
        with patch.object(unmapped, "MOST_KINDS", 4):
            await unmapped.sweep(tx, NOW - timedelta(days=1))
        assert sorted(one.kind for one in await unmapped.load(tx, 10)) == [f"made.up-{number}" for number in range(4)]
        await unmapped.sweep(tx, NOW - timedelta(hours=2))
        assert len(await unmapped.load(tx, 10)) == 3


def test_the_newest_statement_is_kept_in_whatever_order_signals_come() -> None:
    told = [seen(hours_ago=ago, summary=f"{ago} hours ago").data for ago in (5, 1, 3)]
    (found,) = gather(told)
    assert (found.seen, found.statement) == (3, "1 hours ago")


def test_what_a_person_would_choose_is_among_the_first_three_of_the_model() -> None:
    embed = load_embed()
    assert embed is not None
    found = {
        wanted: [one.competency for one in suggest(_unmapped(text), COMPETENCIES, embed)]
        for wanted, text in TRIAL.items()
    }
    missed = {wanted: names for wanted, names in found.items() if wanted not in names}
    assert missed == {}
    assert sum(names[0] == wanted for wanted, names in found.items()) >= 5


def test_a_model_that_is_not_the_one_that_was_tried_suggests_nothing() -> None:
    load_embed.cache_clear()
    try:
        with patch.object(embedding, "SHA256", "0" * 64):
            assert load_embed() is None
    finally:
        load_embed.cache_clear()


@pytest.mark.parametrize("text", ["", "x" * 100_000, "é́\x00\ud83d".encode("utf-8", "replace").decode()])
def test_no_text_is_too_odd_for_the_model(text: str) -> None:
    embed = load_embed()
    assert embed is not None
    assert sum(number * number for number in embed(text)) == pytest.approx(1, abs=1e-5)


def _unmapped(text: str) -> Unmapped:
    kind, _, statement = text.partition(". ")
    return Unmapped("test", kind.replace(" ", "."), 1, statement, NOW)
