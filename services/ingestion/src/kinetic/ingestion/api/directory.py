"""The directory: teams and people, loaded in bulk and published as full state."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from kinetic.common import outbox
from kinetic.common.auth import Principal, Role, require
from kinetic.common.events import Emission
from kinetic.common.operations import database_of
from kinetic.contracts.ingestion import PersonChanged, TeamChanged
from kinetic.ingestion.api.documents import document_body, mistakes_found, read_document
from kinetic.ingestion.directory import change_directory
from kinetic.ingestion.domain.documents import DirectoryDocument
from kinetic.ingestion.store import directory as store

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
        change = await change_directory(tx, current, document)
        if change.mistakes:
            raise mistakes_found(change.mistakes)
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
