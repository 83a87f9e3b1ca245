"""The floors of assignment and feedback: the same rows and as many events, on dictionaries, with one statement per table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from uuid_utils import uuid7

from benchmarks.floors.loop import Connection, Read, Told, stamp, tell

UNDO = timedelta(seconds=10)

_HOLD = """INSERT INTO assignment (assignment_id, person_id, content_id, team_id, nudge_id, gap_id, assigned_by, origin,
                                   undo_until, state, version, due_at, cause)
           SELECT a, p, c, t, n, g, m, 'chosen', $8, 'held', 1, $8, cause
           FROM unnest($1::text[]::uuid[], $2::text[]::uuid[], $3::text[]::uuid[], $4::text[]::uuid[],
                       $5::text[]::uuid[], $6::text[]::uuid[], $7::text[]::uuid[], $9::text[]::jsonb[])
                AS held (a, p, c, t, n, g, m, cause)
           ON CONFLICT DO NOTHING"""
_NOTE = """INSERT INTO nudge_outcome (nudge_id, gap_id, team_id, manager_id, content_id, state, version, composed_at,
                                      ended_at)
           SELECT * FROM unnest($1::text[]::uuid[], $2::text[]::uuid[], $3::text[]::uuid[], $4::text[]::uuid[],
                                $5::text[]::uuid[], $6::text[], $7::int[], $8::timestamptz[], $9::timestamptz[])
           ON CONFLICT (nudge_id) DO UPDATE SET
               state = excluded.state, version = excluded.version, ended_at = excluded.ended_at
           WHERE nudge_outcome.version < excluded.version"""
_APPRAISE = """INSERT INTO appraisal (content_id, nudges_accepted, nudges_dismissed, nudges_expired,
                                      assignments_requested, assignments_completed, ratings, rating_sum, version)
               SELECT content_id, n, 0, 0, 0, 0, 0, 0, 1
               FROM unnest($1::text[]::uuid[], $2::int[]) AS counted (content_id, n)
               ON CONFLICT (content_id) DO UPDATE SET
                   nudges_accepted = appraisal.nudges_accepted + excluded.nudges_accepted,
                   version = appraisal.version + 1
               RETURNING content_id::text, nudges_accepted, version"""


async def hold(connection: Connection, read: Sequence[Read]) -> list[Told]:
    """Assignment: one held assignment for each person of each click."""
    now = await connection.fetchval("SELECT clock_timestamp()")
    held: list[tuple[Any, ...]] = []
    told: list[Told] = []
    for one in read:
        for person in one.data["person_ids"]:
            row, event = _held(one, person, now)
            held.append(row)
            told.append(event)
    columns = list(zip(*held, strict=True))
    await connection.execute(_HOLD, *columns[:7], now + UNDO, columns[7])
    return told


def _held(one: Read, person: str, now: datetime) -> tuple[tuple[Any, ...], Told]:
    click, assignment_id = one.data, str(uuid7())
    about = {name: click[name] for name in ("content_id", "team_id", "nudge_id", "gap_id")}
    data = {
        "assignment_id": assignment_id,
        "person_id": person,
        **about,
        "assigned_by": click["accepted_by"],
        "origin": "chosen",
        "version": 1,
        "occurred_at": stamp(now),
        "undo_until": stamp(now + UNDO),
    }
    event = tell(
        one, "kinetic.assignment.held.v1", "kinetic.assignments", person, data, "/kinetic/assignment", stamp(now)
    )
    return (assignment_id, person, *about.values(), click["accepted_by"], _cause(one)), event


async def note(connection: Connection, read: Sequence[Read]) -> list[Told]:
    """Feedback: the newest state of each nudge, and the counts of each content item whose nudges were accepted."""
    now = stamp(await connection.fetchval("SELECT clock_timestamp()"))
    newest: dict[str, tuple[Any, ...]] = {}
    accepted: dict[str, tuple[int, Read]] = {}
    for one in read:
        data, composed = one.data, one.type == "kinetic.nudge.composed.v1"
        at = datetime.fromisoformat(data["occurred_at"])
        ids = (data["nudge_id"], data["gap_id"], data["team_id"], data["manager_id"], data["content_id"])
        before = newest.get(ids[0])
        began = at if composed else before[7] if before else None
        newest[ids[0]] = (
            *ids,
            "composed" if composed else "accepted",
            data["version"],
            began,
            None if composed else at,
        )
        if not composed:
            accepted[ids[4]] = (accepted.get(ids[4], (0, one))[0] + 1, one)
    await connection.execute(_NOTE, *zip(*newest.values(), strict=True))
    return await _appraise(connection, accepted, now)


async def _appraise(connection: Connection, accepted: dict[str, tuple[int, Read]], now: str) -> list[Told]:
    rows = await connection.fetch(_APPRAISE, list(accepted), [count for count, _ in accepted.values()])
    nothing = dict.fromkeys(
        ("nudges_dismissed", "nudges_expired", "assignments_requested", "assignments_completed", "ratings"), 0
    )
    return [
        tell(
            accepted[row["content_id"]][1],
            "kinetic.content.appraised.v1",
            "kinetic.feedback",
            row["content_id"],
            {**dict(row), **nothing, "mean_rating": None, "occurred_at": now},
            "/kinetic/feedback",
            now,
        )
        for row in rows
    ]


def _cause(one: Read) -> str:
    return orjson.dumps([one.id, one.correlation_id, one.traceparent]).decode()
