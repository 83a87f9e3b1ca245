"""The one way in which the directory changes, whichever door asks: decide, keep, wake what waited for it, and tell."""

from __future__ import annotations

import asyncio

from kinetic.common import outbox
from kinetic.common.database import Transaction
from kinetic.common.events import Emission, new_id
from kinetic.ingestion.domain.attribution import person_name, team_name
from kinetic.ingestion.domain.directory import Directory, DirectoryChange, decide_directory
from kinetic.ingestion.domain.directory_rules import handles_of
from kinetic.ingestion.domain.documents import DirectoryDocument
from kinetic.ingestion.domain.occurrences import Handle
from kinetic.ingestion.store import directory as store
from kinetic.ingestion.store import parking


async def change_directory(tx: Transaction, current: Directory, document: DirectoryDocument) -> DirectoryChange:
    """Apply a document to the directory, which is locked. With mistakes nothing is applied."""
    change = await would_change(tx, current, document)
    if not change.mistakes and (change.teams or change.people):
        await store.save_directory(tx, change.version, change.teams, change.people)
        await parking.wake(tx, _arrived(change))
        await outbox.append(tx, [Emission(entry) for entry in (*change.teams, *change.people)])
    return change


async def would_change(tx: Transaction, current: Directory, document: DirectoryDocument) -> DirectoryChange:
    """What a document would change, and what is wrong with it. Nothing is applied."""
    return await asyncio.to_thread(decide_directory, current, document, await tx.now(), new_id)


def _arrived(change: DirectoryChange) -> list[str]:
    """What parked events may wait for."""
    handles = (handle for person in change.people for handle in handles_of(person))
    return [*(team_name(team.slug) for team in change.teams), *(person_name(Handle(*handle)) for handle in handles)]
