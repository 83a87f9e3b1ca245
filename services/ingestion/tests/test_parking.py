"""Events whose team, person or content is unknown are parked, seen, and told in order when it arrives."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.contracts import topics
from kinetic.ingestion.handlers import expire_parked
from kinetic.ingestion.intake import release_due_lane

BATCH = {"content-type": "application/cloudevents-batch+json"}


def measurement(event_id: str, team: str) -> dict[str, Any]:
    period = {"period_start": "2026-01-01T00:00:00Z", "period_end": "2026-01-08T00:00:00Z"}
    data = {"kpi": "lead-time", "team": team, "value": 3, "n": 2, **period}
    kind = "kinetic.measurement.report.v1"
    return {"specversion": "1.0", "id": event_id, "source": "/metrics", "type": kind, "data": data}


def learning(event_id: str, content: str) -> dict[str, Any]:
    data = {
        "person": {"email": "eve@x.example"},
        "content": {"system": "lms", "id": content},
        "verb": "completed",
        "occurred_at": "2026-01-01T00:00:00Z",
    }
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": "/lms",
        "type": "kinetic.learning.report.v1",
        "data": data,
    }


async def report(sender: httpx.AsyncClient, *events: dict[str, Any]) -> list[str]:
    answer = await sender.post("/events", content=json.dumps(events), headers=BATCH)
    assert answer.status_code == 202, answer.text
    return [result["taken"]["event_ids"][0] for result in answer.json()["results"]]


async def add_team(admin: httpx.AsyncClient, slug: str) -> None:
    answer = await admin.put("/directory", json={"teams": [{"slug": slug, "name": slug, "unit": "unit"}]})
    assert answer.status_code == 200


async def add_eve(admin: httpx.AsyncClient) -> None:
    eve = {"email": "eve@x.example", "name": "Eve", "role": "engineer", "time_zone": "UTC"}
    assert (await admin.put("/directory", json={"people": [eve]})).status_code == 200


async def release(database: Database) -> int:
    """Fire the timer until nothing is due."""
    tried = 0
    while True:
        async with database.transaction() as tx:
            fired = await release_due_lane(tx)
        tried += fired
        if not fired:
            return tried


async def test_parked_events_are_told_in_order_when_the_team_arrives(
    admin: Any, sender: Any, company: Any, ledger: Any, database: Any
) -> None:
    ids = await report(sender, *(measurement(str(number), "new") for number in range(5)))
    assert await ledger.told_ids(topics.MEASUREMENTS) == []

    await add_team(admin, "new")
    await release(database)

    assert await ledger.told_ids(topics.MEASUREMENTS) == ids
    assert (await admin.get("/parked")).json() == []


async def test_parked_event_is_shown_with_its_reason(admin: Any, sender: Any, company: Any) -> None:
    (event_id,) = await report(sender, measurement("1", "new"))

    (parked,) = (await admin.get("/parked")).json()

    assert parked["event_id"] == event_id
    assert parked["waits_for"] == "team/new"
    assert "new" in parked["reason"]
    assert not parked["expired"]


async def test_event_that_comes_after_the_team_waits_behind_those_before_it(
    admin: Any, sender: Any, company: Any, ledger: Any, database: Any
) -> None:
    first = await report(sender, measurement("1", "new"))
    await add_team(admin, "new")

    second = await report(sender, measurement("2", "new"))
    assert await ledger.told_ids(topics.MEASUREMENTS) == []

    await release(database)
    assert await ledger.told_ids(topics.MEASUREMENTS) == first + second


async def test_learner_waits_for_the_person_and_then_for_the_content(
    admin: Any, sender: Any, company: Any, ledger: Any, database: Any
) -> None:
    ids = await report(sender, learning("1", "C-2"), learning("2", "C-1"))
    await add_eve(admin)
    await release(database)
    assert await ledger.told_ids(topics.LEARNING) == []
    assert {entry["waits_for"] for entry in (await admin.get("/parked")).json()} == {"content/lms/C-2"}

    item = {"external_ids": {"lms": "C-2"}, "title": "T", "url": "https://x.example", "effort_minutes": 1}
    assert (await admin.put("/catalogue", json={"content": [{**item, "language": "en"}]})).status_code == 200
    await release(database)

    assert await ledger.told_ids(topics.LEARNING) == ids


async def test_lane_longer_than_one_round_is_told_whole(
    admin: Any, sender: Any, company: Any, ledger: Any, database: Any
) -> None:
    ids = await report(sender, *(measurement(str(number), "new") for number in range(1200)))
    await add_team(admin, "new")

    await release(database)

    assert await ledger.told_ids(topics.MEASUREMENTS) == ids
    assert await ledger.count("parking_lane") == 0


async def test_removed_team_is_unknown(admin: Any, sender: Any, company: Any) -> None:
    removed = {"slug": "checkout", "name": "checkout", "unit": "unit", "removed": True}
    await admin.put("/directory", json={"teams": [removed]})

    await report(sender, measurement("1", "checkout"))

    assert len((await admin.get("/parked")).json()) == 1


async def test_what_waits_for_long_expires_and_stays_visible(
    admin: Any, sender: Any, company: Any, ledger: Any, database: Any
) -> None:
    old = await report(sender, measurement("1", "new"))
    await ledger.run("UPDATE parked SET accepted_at = clock_timestamp() - interval '25 hours'")
    young = await report(sender, measurement("2", "new"))

    async with database.transaction() as tx:
        assert await expire_parked(tx) == 1
    await add_team(admin, "new")
    await release(database)

    assert await ledger.told_ids(topics.MEASUREMENTS) == young
    (parked,) = (await admin.get("/parked")).json()
    assert (parked["event_id"], parked["expired"]) == (old[0], True)
    assert parked["reason"]


async def test_expired_events_are_forgotten_after_a_week(sender: Any, company: Any, ledger: Any, database: Any) -> None:
    await report(sender, measurement("1", "new"))
    await ledger.run("UPDATE parked SET accepted_at = clock_timestamp() - interval '8 days'")

    async with database.transaction() as tx:
        await expire_parked(tx)

    assert (await ledger.count("parked"), await ledger.count("parking_lane")) == (0, 0)


@pytest.mark.parametrize("rounds", [3])
async def test_lane_that_stays_unknown_is_tried_later_and_later(
    sender: Any, company: Any, ledger: Any, database: Any, rounds: int
) -> None:
    await report(sender, measurement("1", "new"))
    for _ in range(rounds):
        await ledger.run("UPDATE parking_lane SET due_at = clock_timestamp()")
        assert await release(database) == 1

    async with database.transaction() as tx:
        row = await tx.fetch_one("SELECT attempts, due_at > clock_timestamp() AS later FROM parking_lane")
    assert dict(row) == {"attempts": rounds, "later": True}
