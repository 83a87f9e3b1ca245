"""The catalogue: content, loaded in bulk and published as full state."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from kinetic.common import outbox
from kinetic.common.auth import Principal, Role, require
from kinetic.common.events import Emission, new_id
from kinetic.common.operations import database_of
from kinetic.contracts.ingestion import ContentChanged
from kinetic.ingestion.api.documents import document_body, mistakes_found, read_document
from kinetic.ingestion.catalogue import change_catalogue
from kinetic.ingestion.domain.catalogue import decide_catalogue
from kinetic.ingestion.domain.documents import CatalogueDocument
from kinetic.ingestion.store import catalogue as store

router = APIRouter(tags=["catalogue"])

Editor = Annotated[Principal, Depends(require(Role.LEARNING, Role.ADMIN, Role.SERVICE))]
Reader = Annotated[Principal, Depends(require(Role.LEARNING, Role.ADMIN))]


class CatalogueChanged(BaseModel):
    """The catalogue's version after a document, and how many items it changed."""

    version: int
    content: int


class CatalogueView(BaseModel):
    """The whole catalogue."""

    version: int
    content: list[ContentChanged]


@router.put("/catalogue", openapi_extra=document_body(CatalogueDocument))
async def load_catalogue(request: Request, _: Editor) -> CatalogueChanged:
    """Add or change content. All of it, or nothing: 422 names every mistake."""
    document = await read_document(request, CatalogueDocument)
    async with database_of(request).transaction() as tx:
        current = await store.lock_catalogue(tx)
        change = await asyncio.to_thread(decide_catalogue, current, document, new_id)
        if change.mistakes:
            raise mistakes_found(change.mistakes)
        await change_catalogue(tx, change)
    return CatalogueChanged(version=change.version, content=len(change.content))


@router.get("/catalogue")
async def read_catalogue(request: Request, _: Reader) -> CatalogueView:
    """All content, as published."""
    async with database_of(request).transaction() as tx:
        current = await store.load_catalogue(tx)
    return CatalogueView(version=current.version, content=list(current.content.values()))


@router.post("/catalogue/republish")
async def republish_catalogue(request: Request, _: Editor) -> CatalogueChanged:
    """Publish all content again, as it is: for a topic that lost its records."""
    async with database_of(request).transaction() as tx:
        current = await store.lock_catalogue(tx)
        await outbox.append(tx, [Emission(item) for item in current.content.values()])
    return CatalogueChanged(version=current.version, content=len(current.content))
