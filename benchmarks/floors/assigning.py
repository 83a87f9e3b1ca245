"""The floors of assignment: clicks become held assignments, and these follow what the LMS reports, on dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from uuid_utils import uuid7

from benchmarks.floors.loop import Connection, Read, Told, stamp, tell

UNDO = timedelta(seconds=10)
TOPIC, SOURCE = "kinetic.assignments", "/kinetic/assignment"
FORWARD = ("requested", "enrolled", "started", "failed", "completed")
REACHES = {verb: verb for verb in FORWARD} | {"progressed": "started", "passed": "completed"}

_HOLD = """INSERT INTO assignment (assignment_id, person_id, content_id, team_id, nudge_id, gap_id, assigned_by, origin,
                                   undo_until, state, version, due_at, cause)
           SELECT a, p, c, t, n, g, m, 'chosen', $8, 'held', 1, $8, cause
           FROM unnest($1::text[]::uuid[], $2::text[]::uuid[], $3::text[]::uuid[], $4::text[]::uuid[],
                       $5::text[]::uuid[], $6::text[]::uuid[], $7::text[]::uuid[], $9::text[]::jsonb[])
                AS held (a, p, c, t, n, g, m, cause)
           ON CONFLICT DO NOTHING"""
_LESSONS = """SELECT assignment_id::text, person_id::text, content_id::text, team_id::text, nudge_id::text, gap_id::text,
                     assigned_by::text, origin, state, version, requested_at, cause
              FROM assignment JOIN unnest($1::text[]::uuid[], $2::text[]::uuid[]) AS wanted (person_id, content_id)
                   USING (person_id, content_id)"""
_ADVANCE = """UPDATE assignment SET state = taken.state, version = taken.version, due_at = NULL, cause = taken.cause
              FROM unnest($1::text[]::uuid[], $2::text[], $3::int[], $4::text[]::jsonb[])
                   AS taken (assignment_id, state, version, cause)
              WHERE assignment.assignment_id = taken.assignment_id"""
_FACTS = ("assignment_id", "person_id", "content_id", "team_id", "nudge_id", "gap_id", "assigned_by", "origin")

State = dict[str, Any]


async def hold(connection: Connection, read: Sequence[Read]) -> list[Told]:
    """One held assignment for each person of each click."""
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
    event = tell(one, "kinetic.assignment.held.v1", TOPIC, person, data, SOURCE, stamp(now))
    cause = orjson.dumps([one.id, one.correlation_id, one.traceparent]).decode()
    return (assignment_id, person, *about.values(), click["accepted_by"], cause), event


async def advance(connection: Connection, read: Sequence[Read]) -> list[Told]:
    """Assignments move forward as the LMS reports, by their registration or, when they were asked for before, by a completion."""
    now = stamp(await connection.fetchval("SELECT clock_timestamp()"))
    lessons = {(one.data["person_id"], one.data["content_id"]) for one in read}
    known: dict[tuple[str, str], list[State]] = {}
    for row in await connection.fetch(_LESSONS, [person for person, _ in lessons], [content for _, content in lessons]):
        known.setdefault((row["person_id"], row["content_id"]), []).append(dict(row))
    taken: dict[str, State] = {}
    told: list[Told] = []
    for one in read:
        for assignment in _meant_by(one, known.get((one.data["person_id"], one.data["content_id"]), [])):
            if event := _step(one, assignment, now):
                taken[assignment["assignment_id"]] = assignment
                told.append(event)
    if taken:
        columns = ([assignment[name] for assignment in taken.values()] for name in ("state", "version"))
        causes = [orjson.dumps(assignment["cause"]).decode() for assignment in taken.values()]
        await connection.execute(_ADVANCE, list(taken), *columns, causes)
    return told


def _meant_by(one: Read, same: Sequence[State]) -> list[State]:
    registered = [assignment for assignment in same if assignment["assignment_id"] == one.data["registration"]]
    if registered or REACHES[one.data["verb"]] != "completed":
        return registered
    at = datetime.fromisoformat(one.data["occurred_at"])
    return [assignment for assignment in same if assignment["requested_at"] and at >= assignment["requested_at"]]


def _step(one: Read, assignment: State, now: str) -> Told | None:
    reached, state = REACHES[one.data["verb"]], assignment["state"]
    if state not in FORWARD[:-1] or FORWARD.index(reached) <= FORWARD.index(state):
        return None
    assignment.update(state=reached, version=assignment["version"] + 1)
    data = {name: assignment[name] for name in (*_FACTS, "version")} | {"occurred_at": one.data["occurred_at"]}
    if reached in ("failed", "completed"):
        data["score"] = one.data["score"]
    _, correlation_id, traceparent = assignment["cause"]
    life = Read(one.id, correlation_id, traceparent, one.type, one.data)
    event = tell(life, f"kinetic.assignment.{reached}.v1", TOPIC, assignment["person_id"], data, SOURCE, now)
    assignment["cause"] = [event.headers["ce_id"], correlation_id, traceparent]
    return event
