"""Bad bodies at every door: each is answered clearly, none is half taken, and none is an error of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from services.ingestion.tests.doors import DOORS, NUMBER, TABLES, Visitor, good

PROBLEM, SCIM = "application/problem+json", "application/scim+json"
KEPT = ("outbox", "receipt", "parked", "statement", "person", "team", "content", "integration")
DEEP = b"[" * 10_000 + b"]" * 10_000
TAKEN = 0
"""Stands for what is taken: there is nothing wrong with it for that door."""


def with_text(written: bytes) -> Callable[[bytes], bytes]:
    return lambda body: body.replace(b'"HERE"', written)


def with_number(written: bytes) -> Callable[[bytes], bytes]:
    return lambda body: body.replace(str(NUMBER).encode(), written)


def with_a_key_twice(body: bytes) -> bytes:
    """The key before the first text stands twice."""
    key = body[: body.index(b'"HERE"')].rpartition(b', "')[2].partition(b'"')[0]
    return body.replace(b'"HERE"', b'"x", "%s": "HERE"' % key, 1)


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "truncated": lambda body: body[:-3],
    "utf-16": lambda body: body.decode().encode("utf-16"),
    "latin-1": with_text(b'"\xe9"'),
    "a surrogate in UTF-8": with_text(b'"\xed\xa0\x80"'),
    "NUL": with_text(b'"a\\u0000b"'),
    "a lone surrogate": with_text(b'"\\ud800"'),
    "a key twice": with_a_key_twice,
    "deep": with_text(DEEP),
    "deeper than we go": with_text(b"[" * 500 + b"]" * 500),
    "beyond a double": with_number(b"1e999"),
    "not a number": with_number(b"NaN"),
    "endless digits": with_number(b"9" * 5000),
}

WRONG: dict[str, dict[str, int | tuple[int, str]]] = {
    "webhook": {"NUL": TAKEN, "a key twice": TAKEN, "deeper than we go": TAKEN},
    "event": {
        "nothing": 400,
        "NUL": (422, "#/data/summary"),
        "a lone surrogate": (422, "#/data/summary"),
        "a key twice": (422, "#/data/summary"),
        "beyond a double": (422, "#/data/severity"),
        "endless digits": (422, "#/data/severity"),
        "not a number": (422, "#/data/severity"),
    },
    "binary event": {
        "nothing": (422, "#"),
        "NUL": (422, "#/summary"),
        "a lone surrogate": (422, "#/summary"),
        "a key twice": (422, "#/summary"),
        "beyond a double": (422, "#/severity"),
        "endless digits": (422, "#/severity"),
        "not a number": (422, "#/severity"),
    },
    "measurements": {
        "NUL": (422, "#/0/team"),
        "a lone surrogate": (422, "#/0/team"),
        "a key twice": (422, "#/0/team"),
        "beyond a double": (422, "#/0/value"),
        "not a number": (422, "#/0/value"),
        "endless digits": (422, "#/0/value"),
    },
    "statement": {
        "NUL": (400, "#/actor/account/name"),
        "a lone surrogate": (400, "#/actor/account/name"),
        "a key twice": (400, "#/actor/account/name"),
        "beyond a double": (400, "#/result/score/raw"),
        "not a number": (400, "#/result/score/raw"),
        "endless digits": (400, "#/result/score/raw"),
    },
    "directory": {
        "NUL": (422, "#/teams/0/name"),
        "a lone surrogate": (422, "#/teams/0/name"),
        "a key twice": (422, "#/teams/0/name"),
    },
    "catalogue": {
        "NUL": (422, "#/content/0/title"),
        "a lone surrogate": (422, "#/content/0/title"),
        "a key twice": (422, "#/content/0/title"),
        "beyond a double": (422, "#/content/0/effort_minutes"),
        "not a number": (422, "#/content/0/effort_minutes"),
        "endless digits": (422, "#/content/0/effort_minutes"),
    },
    "user": {"a key twice": TAKEN, "beyond a double": TAKEN, "not a number": TAKEN},
    "integration": {"nothing": (422, "#"), "NUL": (422, "#/name"), "a key twice": TAKEN},
    "directory document": {"nothing": (422, "#"), "utf-16": TAKEN, "NUL": (422, "#/teams/0/name")},
    "catalogue document": {
        "nothing": (422, "#"),
        "utf-16": TAKEN,
        "NUL": (422, "#/content/0/title"),
        "beyond a double": (422, "#/content/0/effort_minutes"),
        "not a number": (422, "#/content/0/effort_minutes"),
        "endless digits": (422, "#/content/0/effort_minutes"),
    },
}
"""What is answered: the status, and the place that is named. Elsewhere 400, without a place."""


@pytest.fixture
async def visitor(admin: httpx.AsyncClient, sender: httpx.AsyncClient, company: Any) -> Visitor:
    visitor = Visitor(admin, sender)
    await visitor.arrive()
    return visitor


async def kept(ledger: Any) -> dict[str, int]:
    return {table: await ledger.count(table) for table in KEPT}


def filled(body: bytes, door: str) -> bytes:
    """The body with a good number, if that stands in it still."""
    return body.replace(str(NUMBER).encode(), b"0.5" if "event" in door else b"20")


def complaint(answer: httpx.Response, door: str, wanted: int | tuple[int, str]) -> str | None:
    """What is not as wanted with an answer."""
    if wanted == TAKEN:
        return None if answer.status_code in (200, 201, 202) else answer.text
    status, place = wanted if isinstance(wanted, tuple) else (wanted, None)
    is_right = answer.status_code == status
    is_right &= answer.headers["content-type"] == (SCIM if door == "user" else PROBLEM)
    is_right &= place is None or place in [error["pointer"] for error in answer.json().get("errors", ())]
    return None if is_right else f"{answer.status_code} {answer.text}"


@pytest.mark.parametrize("door", WRONG)
async def test_bad_bodies_are_answered_clearly_and_leave_nothing(visitor: Visitor, ledger: Any, door: str) -> None:
    complaints: dict[str, str] = {}
    for change, alter in CHANGES.items():
        if alter(good(door)) == good(door):
            continue  # it has no number
        wanted, before = WRONG[door].get(change, 400), await kept(ledger)
        answer = await visitor.knock(
            door, filled(alter(good(door)), door).replace(b"eve@", change[-3:].encode() + b"@")
        )
        said = complaint(answer, door, wanted)
        if said is None and wanted != TAKEN and await kept(ledger) != before:
            said = "something was kept"
        complaints |= {change: said} if said else {}

    assert complaints == {}


@pytest.mark.parametrize("is_declared", [True, False])
async def test_ten_megabytes_are_refused_at_every_door(visitor: Visitor, ledger: Any, is_declared: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 100_000

    before = await kept(ledger)

    answers = {door: await visitor.knock(door, b" " * 10_000_000 if is_declared else pieces()) for door in DOORS}

    assert {door: answer.status_code for door, answer in answers.items()} == dict.fromkeys(DOORS, 413)
    assert await kept(ledger) == before


TABLE_CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "latin-1": lambda body: body.replace(b"HERE", b"\xe9"),
    "a surrogate in UTF-8": lambda body: body.replace(b"HERE", b"\xed\xa0\x80"),
    "NUL": lambda body: body.replace(b"HERE", b"a\x00b"),
    "an open quote": lambda body: body.replace(b"HERE", b'"open'),
    "a cell beyond all bounds": lambda body: body.replace(b"HERE", b"x" * 200_000),
    "a cell too many": lambda body: body.replace(b"HERE", b"a,b"),
    "a column twice": lambda body: body.replace(b",", b",language,language,", 1),
    "a hundred thousand columns": lambda body: b"," * 100_000 + body,
    "beyond a double": lambda body: body.replace(b"7777", b"1e999"),
    "a formula": lambda body: body.replace(b"7777", b"=7*1"),
}


@pytest.mark.parametrize("door", TABLES)
async def test_bad_tables_are_answered_with_the_line_and_leave_nothing(
    visitor: Visitor, ledger: Any, door: str
) -> None:
    before = await kept(ledger)
    answers: dict[str, httpx.Response] = {}
    for change, alter in TABLE_CHANGES.items():
        if alter(good(door)) != good(door):  # not every table has a number
            answers[change] = await visitor.knock(door, alter(good(door)))

    assert {change: answer.text for change, answer in answers.items() if answer.status_code not in (400, 422)} == {}
    assert {change: answer.text for change, answer in answers.items() if "line " not in answer.text} == {}
    assert {answer.headers["content-type"] for answer in answers.values()} == {PROBLEM}
    assert await kept(ledger) == before


@pytest.mark.parametrize("door", ["catalogue table", "people table"])
async def test_formula_is_a_text_with_a_bom_and_semicolons_too(visitor: Visitor, ledger: Any, door: str) -> None:
    for formula in ("=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0"):
        text = good(door).decode().replace(",", ";").replace("HERE", formula).replace(str(NUMBER), "20")

        answer = await visitor.knock(door, text.encode("utf-8-sig"))

        assert answer.status_code == 200, answer.text
        assert f'"{formula}"'.encode() in (await ledger.told())[-1]["value"]
