"""Learning statements: which were taken, what each became, and which were taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import asyncpg

from kinetic.common.database import Transaction
from kinetic.common.retention import KEPT, SWEPT_AT_ONCE
from kinetic.contracts.ids import EventId, PersonId
from kinetic.contracts.ingestion import LearningRecorded
from kinetic.ingestion.domain.intake import Told


@dataclass(frozen=True, slots=True)
class Row:
    """A statement to be kept. Without a fingerprint it is one that another takes back."""

    digest: str
    fingerprint: str | None = None
    event_id: EventId | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Digests of statements that are new, of new ones that were taken back before they came, and of known ones that say something else."""

    fresh: frozenset[str]
    voided: frozenset[str]
    conflicting: frozenset[str]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The event of a statement that is taken back now, and its learner if it was told."""

    event_id: EventId
    person_id: PersonId | None


async def keep_unseen(tx: Transaction, rows: Sequence[Row]) -> Kept:
    """Keep statements that nobody has sent. Another transaction that keeps one of them is waited for, in one order."""
    ordered = sorted(rows, key=lambda row: row.digest)
    digests, fingerprints = [row.digest for row in ordered], [row.fingerprint for row in ordered]
    fresh = await tx.fetch(
        """INSERT INTO statement (digest, fingerprint, event_id, voided)
           SELECT digest, fingerprint, event_id, fingerprint IS NULL
           FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS given (digest, fingerprint, event_id)
           ON CONFLICT (digest) DO NOTHING RETURNING replace(digest::text, '-', '') AS digest""",
        digests,
        fingerprints,
        [row.event_id for row in ordered],
    )
    voided = await _fill_in(tx, digests, fingerprints)
    conflicting = await tx.fetch(
        """SELECT replace(digest::text, '-', '') AS digest
           FROM statement JOIN unnest($1::uuid[], $2::uuid[]) AS given (digest, fingerprint) USING (digest)
           WHERE statement.fingerprint <> given.fingerprint""",
        digests,
        fingerprints,
    )
    return Kept(*(frozenset(row["digest"] for row in found) for found in (fresh, voided, conflicting)))


async def _fill_in(
    tx: Transaction, digests: Sequence[str], fingerprints: Sequence[str | None]
) -> Sequence[asyncpg.Record]:
    """Those of the statements for which a place was kept, because another took them back. They are no events."""
    return await tx.fetch(
        """WITH held AS (SELECT statement.digest, given.fingerprint
               FROM statement JOIN unnest($1::uuid[], $2::uuid[]) AS given (digest, fingerprint) USING (digest)
               WHERE statement.fingerprint IS NULL AND given.fingerprint IS NOT NULL
               ORDER BY statement.digest FOR UPDATE OF statement)
           UPDATE statement SET fingerprint = held.fingerprint FROM held WHERE statement.digest = held.digest
           RETURNING replace(statement.digest::text, '-', '') AS digest""",
        digests,
        fingerprints,
    )


async def lanes_of(tx: Transaction, digests: Collection[str]) -> set[str]:
    """The lanes in which events of these statements are parked."""
    rows = await tx.fetch(
        "SELECT DISTINCT lane FROM parked JOIN statement USING (event_id) WHERE digest = ANY($1::uuid[])",
        list(digests),
    )
    return {row["lane"] for row in rows}


async def void(tx: Transaction, digests: Collection[str]) -> list[TakenBack]:
    """Take statements back; what becomes of those that are or will be events. Their lanes are held."""
    rows = await tx.fetch(
        """WITH held AS (SELECT digest FROM statement WHERE digest = ANY($1::uuid[]) AND NOT voided
               ORDER BY digest FOR UPDATE)
           UPDATE statement SET voided = true FROM held WHERE statement.digest = held.digest
           RETURNING event_id, person_id""",
        list(digests),
    )
    return [TakenBack(row["event_id"], row["person_id"]) for row in rows if row["event_id"]]


async def note_learners(tx: Transaction, told: Iterable[Told]) -> None:
    """Keep of whom the events of statements were told, in case that they are taken back."""
    learned = [(one.arrival.event_id, one.event.person_id) for one in told if isinstance(one.event, LearningRecorded)]
    if not learned:
        return
    await tx.execute(
        """UPDATE statement SET person_id = told.person_id
           FROM unnest($1::uuid[], $2::uuid[]) AS told (event_id, person_id) WHERE statement.event_id = told.event_id""",
        [event_id for event_id, _ in learned],
        [person_id for _, person_id in learned],
    )


async def sweep(tx: Transaction) -> int:
    """Forget some of the statements that came long ago; how many."""
    return await tx.execute(
        """DELETE FROM statement WHERE ctid = ANY(ARRAY(
               SELECT ctid FROM statement WHERE received_at < clock_timestamp() - $1::interval LIMIT $2))""",
        KEPT,
        SWEPT_AT_ONCE,
    )
