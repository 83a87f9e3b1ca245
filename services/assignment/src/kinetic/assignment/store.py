"""Every SQL statement of assignment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import asyncpg

from kinetic.assignment.domain.assignment import Assignment, Reason, State
from kinetic.assignment.domain.hold import Assigned
from kinetic.assignment.domain.reinforcement import Class
from kinetic.assignment.domain.request import Content, Learner, Picture
from kinetic.common.database import Transaction
from kinetic.common.events import Cause
from kinetic.common.retention import SWEPT_AT_ONCE
from kinetic.contracts.assignment import BlockedReason, Origin, RefusalReason
from kinetic.contracts.ids import ContentId, NudgeId, PersonId
from kinetic.contracts.ingestion import ContentChanged
from kinetic.directory import store as directory

# Waking takes two statements: the first waits for decisions that are under way, only the second sees what they did.
_AWAIT_DECISIONS = """
    SELECT FROM assignment WHERE {which} = ANY($1::uuid[]) AND state IN ('held', 'blocked')
    ORDER BY assignment_id FOR UPDATE
"""
_WAKE_BLOCKED = """
    UPDATE assignment SET due_at = clock_timestamp() WHERE {which} = ANY($1::uuid[]) AND state = 'blocked'
"""


async def assigned_by_nudges(tx: Transaction, nudge_ids: Iterable[NudgeId]) -> set[Assigned]:
    """Who has been assigned by each nudge already."""
    rows = await tx.fetch(
        "SELECT nudge_id, person_id FROM assignment WHERE nudge_id = ANY($1::uuid[])", sorted(set(nudge_ids))
    )
    return {(row["nudge_id"], row["person_id"]) for row in rows}


async def find_due_people(tx: Transaction, limit: int, resting: Collection[str]) -> set[str]:
    """The people of the first assignments that are due. Nothing is locked: the person is, before the rows are read again."""
    rows = await tx.fetch(
        """SELECT person_id FROM assignment WHERE due_at <= clock_timestamp() AND person_id <> ALL($2::uuid[])
           ORDER BY due_at LIMIT $1""",
        limit,
        list(resting),
    )
    return {row["person_id"] for row in rows}


# Loading locks the rows, although their person is locked: a directory or catalogue entry wakes blocked assignments
# without that lock (of a content item it cannot know the people), and must not be missed by a decision under way.


async def load_due(tx: Transaction, person_ids: Iterable[str]) -> list[Assignment]:
    """The assignments of locked people that are still due."""
    rows = await tx.fetch(
        """SELECT * FROM assignment WHERE person_id = ANY($1::uuid[]) AND due_at <= clock_timestamp()
            ORDER BY assignment_id FOR UPDATE""",
        sorted(person_ids),
    )
    return [_assignment(row) for row in rows]


async def load_lessons(tx: Transaction, lessons: Iterable[tuple[PersonId, ContentId]]) -> list[Assignment]:
    """Every assignment of these locked people and content items, whatever its state."""
    wanted = sorted(set(lessons))
    rows = await tx.fetch(
        """SELECT assignment.* FROM assignment
           JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (person_id, content_id) USING (person_id, content_id)
           ORDER BY assignment_id FOR UPDATE OF assignment""",
        [person_id for person_id, _ in wanted],
        [content_id for _, content_id in wanted],
    )
    return [_assignment(row) for row in rows]


async def load_classes(tx: Transaction, nudge_ids: Iterable[NudgeId]) -> dict[NudgeId, Class]:
    """Where all assignments of each click stand, whoever's they are."""
    rows = await tx.fetch(
        """SELECT nudge_id, array_agg(state) AS states FROM assignment
           WHERE nudge_id = ANY($1::uuid[]) GROUP BY nudge_id""",
        sorted(nudge_ids),
    )
    return {row["nudge_id"]: Class.of(State(state) for state in row["states"]) for row in rows}


async def load_assignment(tx: Transaction, assignment_id: str) -> Assignment | None:
    """One assignment of a locked person."""
    row = await tx.fetch_one("SELECT * FROM assignment WHERE assignment_id = $1 FOR UPDATE", assignment_id)
    return _assignment(row) if row else None


async def save_assignments(tx: Transaction, assignments: Iterable[Assignment]) -> None:
    """Keep new and changed assignments. A held one is due when its undo window is over."""
    await tx.execute_many(
        """INSERT INTO assignment (assignment_id, person_id, content_id, team_id, nudge_id, gap_id, assigned_by, origin,
                                   undo_until, state, reason, version, requested_at, due_at, cause)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
           ON CONFLICT (assignment_id) DO UPDATE SET
               state = excluded.state, reason = excluded.reason, version = excluded.version,
               requested_at = excluded.requested_at, due_at = excluded.due_at, cause = excluded.cause""",
        [_columns(assignment) for assignment in assignments],
    )


async def let_rest(tx: Transaction, assignments: Sequence[Assignment]) -> None:
    """These are blocked as before: they wait for the next entry of their person or content."""
    await tx.execute(
        "UPDATE assignment SET due_at = NULL WHERE assignment_id = ANY($1::uuid[])",
        [assignment.assignment_id for assignment in assignments],
    )


async def wake_people(tx: Transaction, person_ids: Sequence[PersonId]) -> None:
    """Let the blocked assignments of people be decided again."""
    await _wake(tx, "person_id", person_ids)


async def wake_contents(tx: Transaction, content_ids: Sequence[ContentId]) -> None:
    """Let the blocked assignments of content items be decided again."""
    await _wake(tx, "content_id", content_ids)


async def _wake(tx: Transaction, which: str, ids: Sequence[str]) -> None:
    await tx.execute(_AWAIT_DECISIONS.format(which=which), list(ids))
    await tx.execute(_WAKE_BLOCKED.format(which=which), list(ids))


async def erase_people(tx: Transaction, person_ids: Iterable[PersonId]) -> None:
    """Forget the assignments of erased people, who are locked."""
    await tx.execute("DELETE FROM assignment WHERE person_id = ANY($1::uuid[])", list(person_ids))


async def sweep(tx: Transaction, first_kept: str) -> int:
    """Forget some of the assignments that were made before `first_kept`, a UUIDv7; how many."""
    return await tx.execute(
        """DELETE FROM assignment WHERE assignment_id IN (
               SELECT assignment_id FROM assignment WHERE assignment_id < $1 LIMIT $2)""",
        first_kept,
        SWEPT_AT_ONCE,
    )


async def load_picture(tx: Transaction, lms: str, directory_version: int, due: Sequence[Assignment]) -> Picture:
    """What the directory and the catalogue say now about the people, managers and content of `due`."""
    people = await directory.people(tx, {assignment.person_id for assignment in due})
    managers = {assignment.assigned_by for assignment in due}
    rows = await tx.fetch(
        "SELECT content_id, retired, external_ids->>$2 AS lms_id FROM content WHERE content_id = ANY($1::uuid[])",
        sorted({assignment.content_id for assignment in due}),
        lms,
    )
    return Picture(
        lms=lms,
        directory_version=directory_version,
        learners={p.person_id: Learner(p.active, p.external_ids.get(lms)) for p in people.values()},
        contents={row["content_id"]: Content(row["retired"], row["lms_id"]) for row in rows},
        reports={manager: await directory.reports_of(tx, manager) for manager in sorted(managers)},
    )


async def save_contents(tx: Transaction, contents: Sequence[ContentChanged]) -> None:
    """Keep the newest version of each content item."""
    await tx.execute_many(
        """INSERT INTO content (content_id, external_ids, retired, version) VALUES ($1, $2, $3, $4)
           ON CONFLICT (content_id) DO UPDATE SET
               external_ids = excluded.external_ids, retired = excluded.retired, version = excluded.version
           WHERE content.version < excluded.version""",
        [(c.content_id, c.external_ids, c.retired, c.version) for c in contents],
    )


async def known_contents(tx: Transaction, content_ids: Iterable[ContentId]) -> set[ContentId]:
    """Those of `content_ids` that the catalogue has ever told of."""
    rows = await tx.fetch("SELECT content_id FROM content WHERE content_id = ANY($1::uuid[])", sorted(set(content_ids)))
    return {row["content_id"] for row in rows}


async def find_assignment(tx: Transaction, assignment_id: str) -> Assignment | None:
    """One assignment, for reading."""
    row = await tx.fetch_one("SELECT * FROM assignment WHERE assignment_id = $1", assignment_id)
    return _assignment(row) if row else None


async def assignments_of(
    tx: Transaction, person_ids: Iterable[PersonId], nudge_id: str | None, limit: int
) -> list[Assignment]:
    """The newest assignments of people, of one nudge when it is given."""
    rows = await tx.fetch(
        """SELECT * FROM assignment WHERE person_id = ANY($1::uuid[]) AND ($2::uuid IS NULL OR nudge_id = $2)
            ORDER BY assignment_id DESC LIMIT $3""",
        sorted(person_ids),
        nudge_id,
        limit,
    )
    return [_assignment(row) for row in rows]


def _columns(assignment: Assignment) -> tuple[Any, ...]:
    a, cause = assignment, assignment.cause
    return (
        a.assignment_id,
        a.person_id,
        a.content_id,
        a.team_id,
        a.nudge_id,
        a.gap_id,
        a.assigned_by,
        a.origin.value,
        a.undo_until,
        a.state.value,
        a.reason.value if a.reason else None,
        a.version,
        a.requested_at,
        a.undo_until if a.state is State.HELD else None,
        [cause.event_id, cause.correlation_id, cause.traceparent],
    )


def _assignment(row: asyncpg.Record) -> Assignment:
    return Assignment(
        assignment_id=row["assignment_id"],
        person_id=row["person_id"],
        content_id=row["content_id"],
        team_id=row["team_id"],
        nudge_id=row["nudge_id"],
        gap_id=row["gap_id"],
        assigned_by=row["assigned_by"],
        origin=Origin(row["origin"]),
        undo_until=row["undo_until"],
        cause=Cause(*row["cause"]),
        state=State(row["state"]),
        reason=_reason(row["reason"]),
        version=row["version"],
        requested_at=row["requested_at"],
    )


def _reason(name: str | None) -> Reason | None:
    if name is None:
        return None
    return RefusalReason(name) if name in set(RefusalReason) else BlockedReason(name)
