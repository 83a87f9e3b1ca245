"""The floors of feedback: the newest state of each nudge and assignment, and the counts of their content."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from benchmarks.floors.loop import Connection, Read, Told, stamp, tell

ACCEPTED, REQUESTED, COMPLETED = range(3)
IN_LMS = ("requested", "enrolled", "started", "failed", "completed")

_NUDGES = """INSERT INTO nudge_outcome (nudge_id, gap_id, team_id, manager_id, content_id, state, version, composed_at,
                                        ended_at)
             SELECT * FROM unnest($1::text[]::uuid[], $2::text[]::uuid[], $3::text[]::uuid[], $4::text[]::uuid[],
                                  $5::text[]::uuid[], $6::text[], $7::int[], $8::timestamptz[], $9::timestamptz[])
             ON CONFLICT (nudge_id) DO UPDATE SET
                 state = excluded.state, version = excluded.version, ended_at = excluded.ended_at
             WHERE nudge_outcome.version < excluded.version"""
_KNOWN = """SELECT assignment_id::text, nudge_id::text, content_id::text, person_id::text, state, version, was_requested
            FROM assignment_outcome WHERE assignment_id = ANY($1::text[]::uuid[])"""
_ASSIGNMENTS = """INSERT INTO assignment_outcome (assignment_id, nudge_id, content_id, person_id, state, version,
                                                  was_requested)
                  SELECT * FROM unnest($1::text[]::uuid[], $2::text[]::uuid[], $3::text[]::uuid[], $4::text[]::uuid[],
                                       $5::text[], $6::int[], $7::bool[])
                  ON CONFLICT (assignment_id) DO UPDATE SET
                      state = excluded.state, version = excluded.version, was_requested = excluded.was_requested"""
_APPRAISE = """INSERT INTO appraisal (content_id, nudges_accepted, nudges_dismissed, nudges_expired,
                                      assignments_requested, assignments_completed, ratings, rating_sum, version)
               SELECT content_id, accepted, 0, 0, requested, completed, 0, 0, 1
               FROM unnest($1::text[]::uuid[], $2::int[], $3::int[], $4::int[])
                    AS counted (content_id, accepted, requested, completed)
               ON CONFLICT (content_id) DO UPDATE SET
                   nudges_accepted = appraisal.nudges_accepted + excluded.nudges_accepted,
                   assignments_requested = appraisal.assignments_requested + excluded.assignments_requested,
                   assignments_completed = appraisal.assignments_completed + excluded.assignments_completed,
                   version = appraisal.version + 1
               RETURNING content_id::text, nudges_accepted, nudges_dismissed, nudges_expired, assignments_requested,
                         assignments_completed, ratings, version"""

Counted = dict[str, tuple[list[int], Read]]
"""Content → how many more were accepted, requested and completed, and the last event that counted."""


async def nudges(connection: Connection, read: Sequence[Read]) -> list[Told]:
    """The newest state of each nudge, and the counts of each content item whose nudges were accepted."""
    newest: dict[str, tuple[Any, ...]] = {}
    counted: Counted = {}
    for one in read:
        data, composed = one.data, one.type == "kinetic.nudge.composed.v1"
        at = datetime.fromisoformat(data["occurred_at"])
        ids = (data["nudge_id"], data["gap_id"], data["team_id"], data["manager_id"], data["content_id"])
        before = newest.get(ids[0])
        began = at if composed else before[7] if before else None
        state = "composed" if composed else "accepted"
        newest[ids[0]] = (*ids, state, data["version"], began, None if composed else at)
        if not composed:
            _count(counted, one, ACCEPTED)
    await connection.execute(_NUDGES, *zip(*newest.values(), strict=True))
    return await _appraise(connection, counted)


async def assignments(connection: Connection, read: Sequence[Read]) -> list[Told]:
    """The newest state of each assignment, and the counts of each content item that was requested or completed."""
    rows = await connection.fetch(_KNOWN, list({one.data["assignment_id"] for one in read}))
    known = {row["assignment_id"]: tuple(row) for row in rows}
    counted: Counted = {}
    for one in read:
        data, state = one.data, one.type.split(".")[2]
        before = known.get(data["assignment_id"])
        was_requested = before is not None and before[6]
        requested = was_requested or state in IN_LMS or data.get("was_requested", False)
        if requested and not was_requested:
            _count(counted, one, REQUESTED)
        if before is None or data["version"] > before[5]:
            if state == "completed":
                _count(counted, one, COMPLETED)
            ids = (data["assignment_id"], data["nudge_id"], data["content_id"], data["person_id"])
            known[ids[0]] = (*ids, state, data["version"], requested)
        else:
            known[before[0]] = (*before[:6], requested)
    await connection.execute(_ASSIGNMENTS, *zip(*known.values(), strict=True))
    return await _appraise(connection, counted)


def _count(counted: Counted, one: Read, which: int) -> None:
    more = counted.get(one.data["content_id"], ([0, 0, 0], one))[0]
    more[which] += 1
    counted[one.data["content_id"]] = (more, one)


async def _appraise(connection: Connection, counted: Counted) -> list[Told]:
    if not counted:
        return []
    columns = zip(*(more for more, _ in counted.values()), strict=True)
    rows = await connection.fetch(_APPRAISE, list(counted), *columns)
    now = stamp(await connection.fetchval("SELECT clock_timestamp()"))
    return [
        tell(
            counted[row["content_id"]][1],
            "kinetic.content.appraised.v1",
            "kinetic.feedback",
            row["content_id"],
            {**dict(row), "mean_rating": None, "occurred_at": now},
            "/kinetic/feedback",
            now,
        )
        for row in rows
    ]
