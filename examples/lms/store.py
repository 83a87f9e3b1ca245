"""What the platform must not forget, in one SQLite file: which events it has seen, who is enrolled, what is still to be reported.

One process, one connection, short statements: they run in the event loop. Every change is one transaction, on disk when it
returns (WAL with synchronous=FULL).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examples.lms.learners import Milestone
from examples.lms.requests import EnrolmentRequested, EnrolmentWithdrawn, Request

_SCHEMA = """
CREATE TABLE IF NOT EXISTS seen_events (event_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS enrolments (
    assignment_id TEXT PRIMARY KEY,
    learner_id    TEXT,
    course_id     TEXT,
    requested_at  REAL NOT NULL,
    withdrawn_at  REAL,
    rejected      TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reports (
    number        INTEGER PRIMARY KEY,
    report_id     TEXT NOT NULL UNIQUE,
    assignment_id TEXT NOT NULL REFERENCES enrolments,
    verb          TEXT NOT NULL,
    score         REAL,
    due_at        REAL NOT NULL,
    answered_at   REAL,
    answer        INTEGER
);
CREATE INDEX IF NOT EXISTS reports_to_send ON reports (due_at) WHERE answered_at IS NULL;
"""


@dataclass(frozen=True, slots=True)
class Report:
    """What a learner did at `occurred_at` (seconds since 1970). The id never changes, however often it is sent."""

    report_id: str
    assignment_id: str
    learner_id: str
    course_id: str
    verb: str
    score: float | None
    occurred_at: float


class Store:
    """The file. Opening it makes the tables that are missing."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + _SCHEMA)

    def close(self) -> None:
        """Close the file. Nothing is lost without it."""
        self._connection.close()

    def take(
        self,
        requests: Iterable[Request],
        now: float,
        reject: Callable[[EnrolmentRequested], str | None],
        path_of: Callable[[str], Iterable[Milestone]],
    ) -> None:
        """Enrol and release, all or nothing. An event or an assignment that was taken before changes nothing.

        `reject` says why a learner cannot be enrolled; `path_of` plans what the learner of an assignment will do.
        """
        with self._transaction():
            for request in requests:
                if not self._insert("INSERT OR IGNORE INTO seen_events VALUES (?)", request.event_id):
                    continue
                if isinstance(request, EnrolmentWithdrawn):
                    self._release(request, now)
                else:
                    self._enrol(request, now, reject(request), path_of)

    def due(self, now: float, limit: int) -> list[Report]:
        """Reports about what has happened and is not yet answered for, in the order in which it happened."""
        rows = self._connection.execute(
            "SELECT report_id, assignment_id, learner_id, course_id, verb, score, due_at FROM reports"
            " JOIN enrolments USING (assignment_id) WHERE answered_at IS NULL AND due_at <= ? ORDER BY due_at, number LIMIT ?",
            (now, limit),
        )
        return [Report(*row) for row in rows]

    def next_due_at(self) -> float | None:
        """When the next report will be due (seconds since 1970), or None when none is planned."""
        row = self._connection.execute("SELECT min(due_at) FROM reports WHERE answered_at IS NULL").fetchone()
        return None if row[0] is None else float(row[0])

    def settle(self, report_id: str, answer: int, now: float) -> None:
        """Note the final HTTP status with which a report was answered. It is not sent again."""
        self._connection.execute(
            "UPDATE reports SET answered_at = ?, answer = ? WHERE report_id = ?", (now, answer, report_id)
        )

    def enrolments(self, now: float, learner_id: str | None = None) -> list[dict[str, Any]]:
        """Enrolments with what the learner has done by now and which reports are unanswered; newest first, at most 1,000."""
        rows = self._connection.execute(_ENROLMENTS, {"now": now, "learner_id": learner_id})
        return [dict(row) for row in rows]

    def _enrol(
        self,
        request: EnrolmentRequested,
        now: float,
        rejected: str | None,
        path_of: Callable[[str], Iterable[Milestone]],
    ) -> None:
        sql = "INSERT OR IGNORE INTO enrolments VALUES (?, ?, ?, ?, NULL, ?)"
        assignment_id = request.assignment_id
        is_new = self._insert(sql, assignment_id, request.learner_id, request.course_id, now, rejected)
        if not is_new or rejected:
            return
        self._connection.executemany(
            "INSERT INTO reports (report_id, assignment_id, verb, score, due_at) VALUES (?, ?, ?, ?, ?)",
            [
                (f"{assignment_id}/{step.verb}", assignment_id, step.verb, step.score, now + step.after_seconds)
                for step in path_of(assignment_id)
            ],
        )

    def _release(self, request: EnrolmentWithdrawn, now: float) -> None:
        """What the learner did before is still reported; what they would have done is not. An unknown id is remembered."""
        self._connection.execute(
            "INSERT INTO enrolments VALUES (?, NULL, NULL, ?, ?, NULL)"
            " ON CONFLICT DO UPDATE SET withdrawn_at = excluded.withdrawn_at",
            (request.assignment_id, now, now),
        )
        self._connection.execute(
            "DELETE FROM reports WHERE assignment_id = ? AND due_at > ?", (request.assignment_id, now)
        )

    def _insert(self, sql: str, *values: object) -> bool:
        return self._connection.execute(sql, values).rowcount == 1

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


_ENROLMENTS = """
SELECT assignment_id, learner_id, course_id, requested_at, withdrawn_at, rejected,
       (SELECT verb FROM reports r WHERE r.assignment_id = e.assignment_id AND due_at <= :now ORDER BY number DESC LIMIT 1) AS reached,
       (SELECT count(*) FROM reports r WHERE r.assignment_id = e.assignment_id AND answered_at IS NULL) AS unanswered
FROM enrolments e WHERE learner_id = coalesce(:learner_id, learner_id) ORDER BY requested_at DESC, assignment_id LIMIT 1000
"""
