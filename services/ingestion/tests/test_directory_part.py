"""A change of one person is decided by the part of the directory around them as it would be by the whole."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.ingestion.domain.directory import Directory, decide_directory
from kinetic.ingestion.domain.documents import DirectoryDocument
from kinetic.ingestion.store.directory import lock_directory, lock_part

NOW = datetime.now(UTC)
PEOPLE = 9


def entry(number: int, manager: int | None, **fields: Any) -> dict[str, Any]:
    above = None if manager is None else f"p{manager}@x.example"
    fixed = {"name": f"P{number}", "role": "engineer", "time_zone": "UTC", "external_ids": {"lms": f"L-{number}"}}
    return {"email": f"p{number}@x.example", "manager": above, **fixed, **fields}


def company(random: Random) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Everybody reports to somebody before them; some will report to somebody else before them next month."""
    later = (NOW + timedelta(days=30)).isoformat()
    now = [entry(n, random.randrange(n) if n else None) for n in range(PEOPLE)]
    planned = [entry(n, random.randrange(n), effective_from=later) for n in range(1, PEOPLE) if random.random() < 0.5]
    return now, planned


def refusals(current: Directory, document: DirectoryDocument, now: datetime) -> set[str]:
    """Which fields are wrong, and how long the circles are."""
    mistakes = decide_directory(current, document, now, lambda: "new").mistakes
    return {f"{mistake.path[-1]} {mistake.detail.count(' reports to ')}" for mistake in mistakes}


def changes() -> Iterable[dict[str, Any]]:
    for person in range(PEOPLE):
        for other in range(PEOPLE):
            yield entry(person, other)
            yield entry(person, None, external_ids={"lms": f"L-{other}"})


@pytest.mark.parametrize("seed", range(3))
async def test_part_decides_as_the_whole(admin: httpx.AsyncClient, database: Database, seed: int) -> None:
    for people in company(Random(seed)):
        assert (await admin.put("/directory", json={"people": people})).status_code == 200

    async with database.transaction() as tx:
        whole = await lock_directory(tx)
        now, told = await tx.now(), set[str]()
        for changed in changes():
            named = [email for email in (changed["email"], changed["manager"]) if email]
            ids = [whole.people[email].person_id for email in named]
            part = await lock_part(tx, ids, [("lms", changed["external_ids"]["lms"])])
            document = DirectoryDocument.model_validate({"people": [changed]})
            assert refusals(part, document, now) == refusals(whole, document, now), changed
            told |= refusals(whole, document, now)
    assert {"manager 1", "manager 2", "manager 3", "lms 0"} <= told
