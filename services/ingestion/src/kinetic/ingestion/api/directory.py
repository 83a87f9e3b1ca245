"""The directory: teams and people, loaded in bulk and published as full state."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from kinetic.common import outbox
from kinetic.common.auth import Principal, Role, require
from kinetic.common.events import Emission, new_id
from kinetic.common.operations import database_of
from kinetic.contracts.ingestion import PersonChanged, TeamChanged
from kinetic.ingestion.api.documents import document_body, mistakes_found, read_document
from kinetic.ingestion.domain.attribution import person_name, team_name
from kinetic.ingestion.domain.directory import DirectoryChange, decide_directory
from kinetic.ingestion.domain.directory_rules import handles_of
from kinetic.ingestion.domain.documents import DirectoryDocument
from kinetic.ingestion.domain.occurrences import Handle
from kinetic.ingestion.store import directory as store
from kinetic.ingestion.store import parking

router = APIRouter(tags=["directory"])

Editor = Annotated[Principal, Depends(require(Role.LEARNING, Role.ADMIN, Role.SERVICE))]
Reader = Annotated[Principal, Depends(require(Role.LEARNING, Role.ADMIN))]


class DirectoryChanged(BaseModel):
    """The directory's version after a document, and how many entries it changed."""

    version: int
    teams: int
    people: int


class DirectoryView(BaseModel):
    """The whole directory."""

    version: int
    teams: list[TeamChanged]
    people: list[PersonChanged]


@router.put("/directory", openapi_extra=document_body(DirectoryDocument))
async def load_directory(request: Request, _: Editor) -> DirectoryChanged:
    """Add or change teams and people. All of it, or nothing: 422 names every mistake."""
    document = await read_document(request, DirectoryDocument)
    async with database_of(request).transaction() as tx:
        current = await store.lock_directory(tx)
        change = await asyncio.to_thread(decide_directory, current, document, await tx.now(), new_id)
        if change.mistakes:
            raise mistakes_found(change.mistakes)
        if change.teams or change.people:
            await store.save_directory(tx, change.version, change.teams, change.people)
            await parking.wake(tx, _arrived(change))
            await outbox.append(tx, [Emission(entry) for entry in (*change.teams, *change.people)])
    return DirectoryChanged(version=change.version, teams=len(change.teams), people=len(change.people))


@router.get("/directory")
async def read_directory(request: Request, _: Reader) -> DirectoryView:
    """Everybody and every team, as published."""
    async with database_of(request).transaction() as tx:
        current = await store.load_directory(tx)
    return DirectoryView(
        version=current.version, teams=list(current.teams.values()), people=list(current.people.values())
    )


@router.post("/directory/republish")
async def republish_directory(request: Request, _: Editor) -> DirectoryChanged:
    """Publish every team and person again, as they are: for a topic that lost its records."""
    async with database_of(request).transaction() as tx:
        current = await store.lock_directory(tx)
        entries = (*current.teams.values(), *current.people.values())
        await outbox.append(tx, [Emission(entry) for entry in entries])
    return DirectoryChanged(version=current.version, teams=len(current.teams), people=len(current.people))


def _arrived(change: DirectoryChange) -> list[str]:
    """What parked events may wait for."""
    handles = (handle for person in change.people for handle in handles_of(person))
    return [*(team_name(team.slug) for team in change.teams), *(person_name(Handle(*handle)) for handle in handles)]
