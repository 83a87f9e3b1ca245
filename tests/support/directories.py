"""A small directory, and what documents make of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

from kinetic.ingestion.domain.directory import Directory, DirectoryChange, decide_directory
from kinetic.ingestion.domain.documents import DirectoryDocument, named

NOW = datetime(2026, 1, 5, tzinfo=UTC)
EMPTY = Directory(0, {}, {})


def ids() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"id-{next(numbers)}"


def person(email: str, **fields: Any) -> dict[str, Any]:
    return {"email": email, "name": email, "role": "engineer", "time_zone": "Europe/Berlin", **fields}


def team(slug: str, **fields: Any) -> dict[str, Any]:
    return {"slug": slug, "name": slug, "unit": "unit", **fields}


def decide(current: Directory, *, now: datetime = NOW, **document: Any) -> DirectoryChange:
    return decide_directory(current, DirectoryDocument.model_validate(document), now, ids())


def after(current: Directory, change: DirectoryChange) -> Directory:
    assert not change.mistakes
    teams = {**current.teams, **{t.slug: t for t in change.teams}}
    people = {**current.people, **{p.email: p for p in change.people}}
    return Directory(change.version, teams, people)


def loaded() -> Directory:
    document: dict[str, Any] = {
        "teams": [team("payments", manager="dana@x.example"), team("checkout")],
        "people": [person("dana@x.example"), person("eve@x.example", team="payments", manager="dana@x.example")],
    }
    return after(EMPTY, decide(EMPTY, **document))


def details(change: DirectoryChange) -> list[str]:
    assert not change.teams
    assert not change.people
    return [mistake.sentence(named) for mistake in change.mistakes]
