"""The floors of the later services: the same rows and as many events, on dictionaries, with one statement per table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from uuid_utils import uuid7

from benchmarks.floors.loop import Connection, Read, Told, stamp, tell

UNDO = timedelta(seconds=10)
LIFETIME = timedelta(days=14)

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
_GAPS = """INSERT INTO gap (gap_id, team_id, competency, is_open, told, cause, changed_at)
           SELECT g, t, c, o, told, cause, $7
           FROM unnest($1::text[]::uuid[], $2::text[]::uuid[], $3::text[], $4::bool[], $5::text[]::jsonb[],
                       $6::text[]::jsonb[]) AS gap (g, t, c, o, told, cause)
           ON CONFLICT (gap_id) DO UPDATE SET is_open = excluded.is_open, told = excluded.told, cause = excluded.cause,
                                              changed_at = excluded.changed_at"""
_NUDGES = """INSERT INTO nudge (nudge_id, gap_id, team_id, manager_id, competency, content_id, offer, state, version,
                                offered_version, policy_version, composed_at, expires_at, cause)
             SELECT n, g, t, m, c, content, offer, state, version, version, 1, $11, $12, cause
             FROM unnest($1::text[]::uuid[], $2::text[]::uuid[], $3::text[]::uuid[], $4::text[]::uuid[], $5::text[],
                         $6::text[]::uuid[], $7::text[]::jsonb[], $8::text[], $9::int[], $10::text[]::jsonb[])
                  AS nudge (n, g, t, m, c, content, offer, state, version, cause)
             ON CONFLICT (nudge_id) DO UPDATE SET offer = excluded.offer, state = excluded.state,
                                                  version = excluded.version, cause = excluded.cause"""
_KNOWN_NUDGES = """SELECT nudge_id::text, gap_id::text, team_id::text, manager_id::text, competency, content_id::text,
                          offer, state, version
                   FROM nudge WHERE gap_id = ANY($1::text[]::uuid[]) AND state IN ('composed', 'seen')"""
_CONTENTS = "SELECT content_id::text, title, competencies FROM content ORDER BY content_id"

State = dict[str, Any]


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


class Nudging:
    """Recommendation: the first content that teaches the skill, without budget, choice or people's languages."""

    def __init__(self) -> None:
        self._contents: dict[str, tuple[str, str]] = {}
        self._managers: dict[str, str] = {}

    async def apply(self, connection: Connection, read: Sequence[Read]) -> list[Told]:
        """A nudge for each gap that opens, its offer renewed when the gap moves, withdrawn when it closes."""
        await self._load(connection)
        now = await connection.fetchval("SELECT clock_timestamp()")
        rows = await connection.fetch(_KNOWN_NUDGES, list({one.data["gap_id"] for one in read}))
        open_nudges: dict[str, State] = {row["gap_id"]: dict(row) for row in rows}
        touched: dict[str, State] = {}
        told: list[Told] = []
        for one in read:
            told += self._consider(one, open_nudges, touched, stamp(now))
        await _save_gaps(connection, {one.data["gap_id"]: one for one in read}, now)
        await _save_nudges(connection, list(touched.values()), now)
        return told

    def _consider(self, one: Read, opened: dict[str, State], touched: dict[str, State], now: str) -> list[Told]:
        gap = one.data
        nudge = opened.get(gap["gap_id"])
        if one.type == "kinetic.gap.closed.v1":
            if nudge is None:
                return []
            nudge.update(state="withdrawn", version=nudge["version"] + 1)
            touched[nudge["nudge_id"]] = nudge | {"cause": _cause(one)}
            return [_tell_nudge(one, nudge, "withdrawn", {"reason": "gap_closed"}, now)]
        content_id, title = self._contents[gap["competency"]]
        offer = {"title": title, "person_ids": gap["person_ids"], "evidence": gap["evidence"]}
        if nudge is not None:
            nudge.update(offer=offer, version=nudge["version"] + 1)
            touched[nudge["nudge_id"]] = nudge | {"cause": _cause(one)}
            return []
        nudge = opened[gap["gap_id"]] = self._composed(gap, content_id, offer)
        touched[nudge["nudge_id"]] = nudge | {"cause": _cause(one)}
        more = {"competency": gap["competency"], "title": title, "person_ids": gap["person_ids"], "effort_minutes": 20}
        versions = {"map_version": 1, "content_version": 1, "policy_version": 1, "expires_at": now}
        return [_tell_nudge(one, nudge, "composed", more | versions, now)]

    def _composed(self, gap: State, content_id: str, offer: State) -> State:
        about = {name: gap[name] for name in ("gap_id", "team_id", "competency")}
        manager = self._managers[gap["team_id"]]
        new = {"nudge_id": str(uuid7()), "manager_id": manager, "content_id": content_id}
        return {**about, **new, "offer": offer, "state": "composed", "version": 1}

    async def _load(self, connection: Connection) -> None:
        if self._contents:
            return
        for row in await connection.fetch(_CONTENTS):
            for competency in row["competencies"]:
                self._contents[competency] = (row["content_id"], row["title"])
        rows = await connection.fetch("SELECT team_id::text, manager_id::text FROM directory_team")
        self._managers = {row["team_id"]: row["manager_id"] for row in rows}


async def _save_gaps(connection: Connection, gaps: dict[str, Read], now: datetime) -> None:
    rows = [
        (
            one.data["gap_id"],
            one.data["team_id"],
            one.data["competency"],
            one.type != "kinetic.gap.closed.v1",
            orjson.dumps({"type": one.type, "data": one.data}).decode(),
            _cause(one),
        )
        for one in gaps.values()
    ]
    await connection.execute(_GAPS, *zip(*rows, strict=True), now)


async def _save_nudges(connection: Connection, nudges: Sequence[State], now: datetime) -> None:
    if not nudges:
        return
    names = ("nudge_id", "gap_id", "team_id", "manager_id", "competency", "content_id")
    columns = [[nudge[name] for nudge in nudges] for name in names]
    offers = [orjson.dumps(nudge["offer"]).decode() for nudge in nudges]
    rest = [[nudge[name] for nudge in nudges] for name in ("state", "version", "cause")]
    await connection.execute(_NUDGES, *columns, offers, *rest, now, now + LIFETIME)


def _tell_nudge(one: Read, nudge: State, what: str, more: State, now: str) -> Told:
    names = ("nudge_id", "gap_id", "team_id", "manager_id", "content_id", "version")
    data = {name: nudge[name] for name in names} | {"occurred_at": now} | more
    kind = f"kinetic.nudge.{what}.v1"
    return tell(one, kind, "kinetic.nudges", nudge["team_id"], data, "/kinetic/recommendation", now)


def _cause(one: Read) -> str:
    return orjson.dumps([one.id, one.correlation_id, one.traceparent]).decode()
