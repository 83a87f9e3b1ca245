"""What recommendation's floor reads and writes: one statement per kind of row and batch."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

from benchmarks.floors.loop import Connection

SOURCE = "/kinetic/recommendation"
ANSWERED = ("accepted", "dismissed", "expired")
OFFERED = ("content_id", "version", "title", "url", "language", "effort_minutes", "teaches", "retired", "format")

POLICY = """SELECT version, weekly_budget, nudge_ttl_days, kpi_sd_hours, interruption_minutes, salt FROM policy
            ORDER BY version DESC LIMIT 1"""
GAPS = """SELECT gap_id::text, (told->'data'->>'version')::int AS version, cause FROM gap
          WHERE gap_id = ANY($1::text[]::uuid[])"""
NUDGES = """SELECT DISTINCT ON (gap_id) nudge_id::text, gap_id::text, team_id::text, manager_id::text, competency,
                   content_id::text, offer, state, version, offered_version, policy_version, composed_at, expires_at,
                   cause, outcome
            FROM nudge WHERE gap_id = ANY($1::text[]::uuid[]) ORDER BY gap_id, composed_at DESC, nudge_id DESC"""
TEAMS = """SELECT team.team_id::text, manager.person_id::text AS manager_id, manager.time_zone,
                  array_remove(array_agg(member.person_id::text), team.manager_id::text) AS members
           FROM directory_team AS team
           LEFT JOIN directory_person AS manager ON manager.person_id = team.manager_id AND manager.active
           LEFT JOIN directory_now AS member ON member.team_id = team.team_id
           WHERE team.team_id = ANY($1::text[]::uuid[]) AND NOT removed
           GROUP BY team.team_id, manager.person_id"""
PEOPLE = """WITH RECURSIVE line AS (
                SELECT person_id, manager_id FROM directory_now WHERE person_id = ANY($1::text[]::uuid[])
                UNION
                SELECT line.person_id, above.manager_id
                FROM line JOIN directory_now AS above ON above.person_id = line.manager_id)
            SELECT person_id::text, language, array_agg(line.manager_id::text) AS managers
            FROM line JOIN directory_person USING (person_id) GROUP BY person_id, language"""
CONTENTS = """SELECT content_id::text, content.version, title, url, language, effort_minutes, teaches, retired, format,
                     accepted, dismissed, expired, requested, completed, effect
              FROM content LEFT JOIN appraisal USING (content_id)
              WHERE competencies && $1::text[] OR content_id = ANY($2::text[]::uuid[])"""
DISMISSED = """SELECT team_id::text, competency, array_agg(content_id::text) AS contents FROM nudge
               WHERE state = 'dismissed' AND team_id = ANY($1::text[]::uuid[]) AND competency = ANY($2::text[])
               GROUP BY team_id, competency"""
TAKEN = """SELECT content_id::text, array_agg(DISTINCT person_id::text) AS people FROM taken
           WHERE stands AND person_id = ANY($1::text[]::uuid[]) AND content_id = ANY($2::text[]::uuid[])
           GROUP BY content_id"""
SPENT = """SELECT manager_id::text, count(*) AS composed
           FROM unnest($1::text[]::uuid[], $2::timestamptz[], $3::timestamptz[]) AS week (manager_id, starts_at, ends_at)
           JOIN nudge USING (manager_id)
           WHERE composed_at >= starts_at AND composed_at < ends_at GROUP BY manager_id"""
_SAVE_GAPS = """INSERT INTO gap (gap_id, team_id, competency, is_open, told, cause, obstacle, obstacle_manager_id,
                                 obstacle_until, due_at, changed_at)
                SELECT *, $11::timestamptz
                FROM unnest($1::text[]::uuid[], $2::text[]::uuid[], $3::text[], $4::bool[], $5::text[]::jsonb[],
                            $6::text[]::jsonb[], $7::text[], $8::text[]::uuid[], $9::timestamptz[], $10::timestamptz[])
                ON CONFLICT (gap_id) DO UPDATE SET
                    is_open = excluded.is_open, told = excluded.told, cause = excluded.cause,
                    obstacle = excluded.obstacle, obstacle_manager_id = excluded.obstacle_manager_id,
                    obstacle_until = excluded.obstacle_until, due_at = excluded.due_at, changed_at = excluded.changed_at"""
_SAVE_NUDGES = """INSERT INTO nudge (nudge_id, gap_id, team_id, manager_id, competency, content_id, state, version,
                                     offered_version, policy_version, composed_at, expires_at, offer, cause, outcome)
                  SELECT * FROM unnest(
                      $1::text[]::uuid[], $2::text[]::uuid[], $3::text[]::uuid[], $4::text[]::uuid[], $5::text[],
                      $6::text[]::uuid[], $7::text[], $8::int[], $9::int[], $10::int[], $11::timestamptz[],
                      $12::timestamptz[], $13::text[]::jsonb[], $14::text[]::jsonb[], $15::text[]::jsonb[])
                  ON CONFLICT (nudge_id) DO UPDATE SET
                      offer = excluded.offer, state = excluded.state, version = excluded.version,
                      offered_version = excluded.offered_version, cause = excluded.cause, outcome = excluded.outcome"""
_ENTER = """INSERT INTO delivery (delivery_id, nudge_id, manager_id, occasion, wanted_version, standing, due_at, in_doubt,
                                  attempts, passed, changed_at)
            SELECT gen_random_uuid(), nudge_id, manager_id, version, version, 'planned', now(), false, 0, '{}', now()
            FROM unnest($1::text[]::uuid[], $2::text[]::uuid[], $3::int[]) AS coming (nudge_id, manager_id, version)
            ON CONFLICT (nudge_id, occasion) DO NOTHING"""
_NOTE = """UPDATE delivery SET wanted_version = news.version, changed_at = now(),
                  standing = CASE WHEN standing = 'sent' THEN 'planned' ELSE standing END,
                  due_at = CASE WHEN standing = 'sent' THEN now() ELSE due_at END
           FROM unnest($1::text[]::uuid[], $2::int[]) AS news (nudge_id, version)
           WHERE delivery.nudge_id = news.nudge_id AND wanted_version < news.version"""
_PLAIN = ("nudge_id", "gap_id", "team_id", "manager_id", "competency", "content_id", "state", "version")
_NUDGE = (*_PLAIN, "offered_version", "policy_version", "composed_at", "expires_at")

State = dict[str, Any]


async def save_gaps(connection: Connection, decided: Iterable[State], now: datetime) -> None:
    """The newest of each gap, with what hinders it."""
    if found := [_gap(state) for state in decided]:
        await connection.execute(_SAVE_GAPS, *zip(*found, strict=True), now)


async def save_nudges(connection: Connection, touched: Iterable[State]) -> None:
    """The newest state of each nudge."""
    found = list(touched)
    if found:
        plain = ([nudge[name] for nudge in found] for name in _NUDGE)
        await connection.execute(
            _SAVE_NUDGES, *plain, *([_json(nudge[name]) for nudge in found] for name in ("offer", "cause", "outcome"))
        )
        await _plan_deliveries(connection, found)


async def _plan_deliveries(connection: Connection, found: list[State]) -> None:
    """What comes before its manager is entered; what changes is worth another message."""
    if coming := [nudge for nudge in found if nudge["version"] == 1]:
        names = ("nudge_id", "manager_id", "version")
        await connection.execute(_ENTER, *([nudge[name] for nudge in coming] for name in names))
    if news := [nudge for nudge in found if nudge["version"] > 1]:
        await connection.execute(_NOTE, *([nudge[name] for nudge in news] for name in ("nudge_id", "version")))


def _gap(state: State) -> tuple[Any, ...]:
    one, gap = state["one"], state["one"].data
    told = orjson.dumps({"type": one.type, "data": gap}).decode()
    about = gap["gap_id"], gap["team_id"], gap["competency"], one.type != "kinetic.gap.closed.v1"
    return *about, told, _json(state["cause"]), *state["hindered"], state["due"]


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()
