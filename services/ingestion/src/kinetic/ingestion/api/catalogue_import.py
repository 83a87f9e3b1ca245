"""`POST /catalogue/import`: content from a spreadsheet, tried before it is applied."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from kinetic.common.auth import Principal, Role, require
from kinetic.common.events import new_id
from kinetic.common.operations import database_of
from kinetic.common.problems import Problem
from kinetic.contracts.fields import Slug
from kinetic.ingestion.catalogue import change_catalogue
from kinetic.ingestion.catalogue_items import COLUMNS, OPTIONAL, read_csv_items
from kinetic.ingestion.domain.catalogue import Catalogue, CatalogueChange, decide_import
from kinetic.ingestion.store import catalogue as store

router = APIRouter(tags=["catalogue"])

Editor = Annotated[Principal, Depends(require(Role.LEARNING, Role.ADMIN, Role.SERVICE))]
MOST_SHOWN = 500


class ItemChange(BaseModel):
    """What becomes of one item, and which of its fields are no longer the same."""

    external_ids: dict[str, str]
    title: str
    change: Literal["added", "changed"]
    fields: list[str]


class CatalogueImported(BaseModel):
    """What an import changed, or would change."""

    version: int = Field(description="Of the catalogue; in a dry run the one as it stands.")
    dry_run: bool
    added: int
    changed: int
    unchanged: int
    changes: list[ItemChange] = Field(description=f"The first {MOST_SHOWN}.")


_CSV = {
    "type": "string",
    "description": f"The first line names the columns: {', '.join(COLUMNS)}, and if wanted {', '.join(OPTIONAL)}. "
    "`teaches` holds competency:level, several with a blank between them.",
}


@router.post(
    "/catalogue/import",
    openapi_extra={"requestBody": {"required": True, "content": {"text/csv": {"schema": _CSV}}}},
)
async def import_catalogue(
    request: Request,
    _: Editor,
    system: Annotated[Slug | None, Query(description="The system of rows that name none.")] = None,
    dry_run: Annotated[bool, Query(description="Show what would change, and change nothing.")] = False,
) -> CatalogueImported:
    """Add or change content by a CSV table. All of it, or nothing: 422 names line and column of every mistake."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/csv":
        raise Problem(415, "Only CSV is taken here", "Send text/csv; JSON and YAML go to PUT /catalogue.")
    items = await asyncio.to_thread(read_csv_items, await request.body(), system)
    async with database_of(request).transaction() as tx:
        current = await store.lock_catalogue(tx)
        change = await asyncio.to_thread(decide_import, current, items.document, new_id)
        if change.mistakes:
            raise items.refused(change.mistakes)
        if not dry_run:
            await change_catalogue(tx, change)
    return _report(current, change, len(items.places), dry_run)


def _report(current: Catalogue, change: CatalogueChange, rows: int, dry_run: bool) -> CatalogueImported:
    added = sum(item.content_id not in current.content for item in change.content)
    return CatalogueImported(
        version=current.version if dry_run else change.version,
        dry_run=dry_run,
        added=added,
        changed=len(change.content) - added,
        unchanged=rows - len(change.content),
        changes=list(_changes(current, change)),
    )


def _changes(current: Catalogue, change: CatalogueChange) -> Iterator[ItemChange]:
    for item in change.content[:MOST_SHOWN]:
        known = current.content.get(item.content_id)
        before, after = known.model_dump() if known else {}, item.model_dump(exclude={"version", "content_id"})
        fields = [name for name, value in after.items() if known and before[name] != value]
        what: Literal["added", "changed"] = "changed" if known else "added"
        yield ItemChange(external_ids=item.external_ids, title=item.title, change=what, fields=fields)
