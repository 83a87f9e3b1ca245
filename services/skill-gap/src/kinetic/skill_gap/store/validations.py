"""What managers said of their reports: added to, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import asyncpg

from kinetic.common.database import Transaction
from kinetic.contracts.ids import PersonId
from kinetic.skill_gap.domain.validation import Reason, Statement, Validation, Words

LOADED: Final = 20
"""Of each person and competency, the newest."""


async def load(tx: Transaction, person_id: PersonId) -> list[Validation]:
    """What was last said of a person, the newest first."""
    rows = await tx.fetch(
        """SELECT * FROM (
               SELECT *, row_number() OVER (PARTITION BY competency ORDER BY said_at DESC, validation_id DESC) AS place
               FROM validation WHERE person_id = $1) AS said
           WHERE place <= $2 ORDER BY said_at DESC, validation_id DESC""",
        person_id,
        LOADED,
    )
    return [_validation(row) for row in rows]


async def add(tx: Transaction, said: Validation) -> None:
    """Keep what was said."""
    await tx.execute(
        """INSERT INTO validation (validation_id, person_id, competency, statement, level, level_before, reason,
                                   said_by, said_at, directory_version)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
        said.validation_id,
        said.person_id,
        said.competency,
        said.words.statement.value,
        said.words.level,
        said.level_before,
        said.words.reason.value if said.words.reason else None,
        said.said_by,
        said.said_at,
        said.directory_version,
    )


async def erase_people(tx: Transaction, person_ids: Sequence[PersonId]) -> None:
    """Forget what was said of erased people. What they said of others stays, under an id that names nobody."""
    await tx.execute("DELETE FROM validation WHERE person_id = ANY($1::uuid[])", list(person_ids))


async def sweep(tx: Transaction, before: datetime) -> None:
    """Forget what was said before then and has been said anew since, or of people who left."""
    await tx.execute(
        """DELETE FROM validation AS old WHERE old.said_at < $1 AND (
               EXISTS (SELECT 1 FROM validation AS later
                       WHERE later.person_id = old.person_id AND later.competency = old.competency
                         AND later.said_at > old.said_at)
               OR EXISTS (SELECT 1 FROM directory_person AS person
                          WHERE person.person_id = old.person_id AND NOT person.active))""",
        before,
    )


def _validation(row: asyncpg.Record) -> Validation:
    return Validation(
        validation_id=row["validation_id"],
        person_id=row["person_id"],
        competency=row["competency"],
        words=Words(Statement(row["statement"]), row["level"], Reason(row["reason"]) if row["reason"] else None),
        level_before=row["level_before"],
        said_by=row["said_by"],
        said_at=row["said_at"],
        directory_version=row["directory_version"],
    )
