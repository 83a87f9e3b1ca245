"""An accepted nudge shows who was left out after all, and why."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.common.events import new_id
from kinetic.contracts.assignment import (
    AssignmentBlocked,
    AssignmentRefused,
    AssignmentRequested,
    AssignmentWithdrawn,
    BlockedReason,
    Origin,
    RefusalReason,
)
from kinetic.contracts.event import Event
from kinetic.contracts.ids import AssignmentId, PersonId
from kinetic.contracts.ingestion import PersonErased
from kinetic.recommendation import handlers
from services.recommendation.tests.company import (
    BEN,
    CARLA,
    COURSE,
    DANA,
    SEEN_AT,
    TEAM,
    enter,
    fetch,
    hand,
    opened,
    run,
    tell,
)
from tests.support.http import token

GIVEN = {person_id: AssignmentId(new_id()) for person_id in (BEN, CARLA)}
LMS = {"lms": "example-lms", "lms_person_id": "L-1", "lms_content_id": "C-1", "directory_version": 7}


@pytest.fixture
async def nudge_id(database: Database, http: httpx.AsyncClient) -> str:
    """A nudge that Dana has accepted for Ben and Carla."""
    await tell(database, opened())
    (card,) = (await http.get("/inbox", headers=token("dana", "manager"))).json()
    click = await http.post(f"/nudges/{card['nudge_id']}/assign", json={"version": 1}, headers=token("dana", "manager"))
    assert click.status_code == 200
    nudge_id: str = card["nudge_id"]
    return nudge_id


def assignment(kind: type[Event], nudge_id: str | None, person_id: PersonId, version: int, **more: Any) -> Event:
    """What assignment tells of one of the two."""
    facts = {"content_id": COURSE, "team_id": TEAM, "gap_id": None, "assigned_by": DANA, "origin": Origin.CHOSEN}
    ids = {"assignment_id": GIVEN[person_id], "person_id": person_id, "nudge_id": nudge_id}
    return kind.model_validate({**facts, **ids, "version": version, "occurred_at": SEEN_AT, **more})


async def left_out(http: httpx.AsyncClient, nudge_id: str) -> list[tuple[str, str]]:
    card = (await http.get(f"/nudges/{nudge_id}", headers=token("dana", "manager"))).json()
    return [(one["name"], one["statement"]) for one in card["outcome"]["left_out"]]


async def test_who_was_refused_or_blocked_is_shown_with_the_reason(
    database: Database, http: httpx.AsyncClient, nudge_id: str
) -> None:
    assert await left_out(http, nudge_id) == []
    refused = assignment(AssignmentRefused, nudge_id, BEN, 2, reason=RefusalReason.NOT_A_REPORT)
    blocked = assignment(AssignmentBlocked, nudge_id, CARLA, 2, reason=BlockedReason.NO_LMS_ACCOUNT)
    await hand(database, handlers.on_assignments, refused, blocked)
    assert sorted(await left_out(http, nudge_id)) == [
        ("Ben", "no longer reports to you"),
        ("Carla", "has no account in the learning platform yet"),
    ]


@pytest.mark.parametrize("kind", [AssignmentRequested, AssignmentWithdrawn])
async def test_who_is_requested_or_withdrawn_after_all_is_left_out_no_longer(
    database: Database, http: httpx.AsyncClient, nudge_id: str, kind: type[Event]
) -> None:
    blocked = assignment(AssignmentBlocked, nudge_id, CARLA, 2, reason=BlockedReason.NO_LMS_ACCOUNT)
    later = assignment(kind, nudge_id, CARLA, 3, **LMS, was_requested=False, withdrawn_by=DANA)
    await hand(database, handlers.on_assignments, blocked)
    await hand(database, handlers.on_assignments, later, blocked)
    assert await left_out(http, nudge_id) == []


async def test_only_assignments_in_doubt_that_a_nudge_led_to_are_kept(database: Database, nudge_id: str) -> None:
    requested = assignment(AssignmentRequested, nudge_id, BEN, 2, **LMS)
    elsewhere = assignment(AssignmentRefused, None, CARLA, 2, reason=RefusalReason.INACTIVE)
    await hand(database, handlers.on_assignments, requested, elsewhere)
    assert await fetch(database, "SELECT * FROM left_out") == []


async def test_they_are_forgotten_with_the_person_and_with_the_nudge(database: Database, nudge_id: str) -> None:
    reasons = {BEN: RefusalReason.INACTIVE, CARLA: RefusalReason.NOT_A_REPORT}
    refused = [assignment(AssignmentRefused, nudge_id, who, 2, reason=why) for who, why in reasons.items()]
    await hand(database, handlers.on_assignments, *refused)
    await enter(database, PersonErased(person_id=BEN, version=9))
    assert [row["person_id"] for row in await fetch(database, "SELECT person_id FROM left_out")] == [CARLA]
    await _sweep(database)
    assert len(await fetch(database, "SELECT * FROM nudge")) == 1
    await run(database, "UPDATE nudge SET composed_at = composed_at - interval '401 days'")
    await _sweep(database)
    assert await fetch(database, "SELECT nudge_id FROM nudge UNION SELECT nudge_id FROM left_out") == []


async def test_a_dismissed_nudge_is_kept_because_it_is_never_repeated(database: Database, nudge_id: str) -> None:
    await run(database, "UPDATE nudge SET state = 'dismissed', composed_at = composed_at - interval '401 days'")
    await _sweep(database)
    assert len(await fetch(database, "SELECT * FROM nudge")) == 1


async def _sweep(database: Database) -> None:
    async with database.transaction() as tx:
        await handlers.sweep(tx)
