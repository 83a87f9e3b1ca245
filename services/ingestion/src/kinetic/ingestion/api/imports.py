"""People as an HR system exports them: a CSV file, tried first and then applied, whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from kinetic.common.operations import database_of
from kinetic.common.problems import MAX_ERRORS, Fault, Problem
from kinetic.ingestion.api.directory import Editor
from kinetic.ingestion.directory import change_directory, would_change
from kinetic.ingestion.domain.directory import DirectoryChange
from kinetic.ingestion.domain.directory_diff import DirectoryDiff, describe
from kinetic.ingestion.domain.hris import CellError, read_people
from kinetic.ingestion.spreadsheets import Table, Unreadable, read_table
from kinetic.ingestion.store import directory as store

router = APIRouter(tags=["directory"])

_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}},
}
DryRun = Annotated[bool, Query(description="Only tell what would change and what is wrong.")]
Complete = Annotated[
    bool, Query(description="The file names everybody: whoever works here and is not in it becomes inactive.")
]


class Imported(BaseModel):
    """What changed, or would change; and what is wrong, in which case nothing does."""

    applied: bool
    version: int
    diff: DirectoryDiff
    errors: list[CellError]


@router.post("/directory/import", openapi_extra=_BODY)
async def import_people(request: Request, _: Editor, dry_run: DryRun = False, complete: Complete = False) -> Imported:
    """Add, change and move people. All rows, or none: errors name line and column. Try it with `dry_run` first."""
    table = await asyncio.to_thread(_read, request.headers.get("content-type", ""), await request.body())
    async with database_of(request).transaction() as tx:
        current = await (store.load_directory if dry_run else store.lock_directory)(tx)
        found = await asyncio.to_thread(read_people, table, current, await tx.now(), is_complete=complete)
        change = DirectoryChange(current.version)
        if not found.errors:
            change = await (would_change if dry_run else change_directory)(tx, current, found.document)
        errors = [*found.errors, *(found.error_of(mistake) for mistake in change.mistakes)]
        if errors and not dry_run:
            raise _refused(errors)
    diff = await asyncio.to_thread(describe, current, change)
    return Imported(applied=not dry_run, version=change.version, diff=diff, errors=errors[:MAX_ERRORS])


def _read(content_type: str, body: bytes) -> Table:
    if content_type.partition(";")[0].strip().lower() != "text/csv":
        raise Problem(415, "Only CSV is taken here", "Send Content-Type: text/csv.")
    try:
        return read_table(body)
    except Unreadable as error:
        raise Problem(400, "The body is not CSV", str(error)) from error


def _refused(errors: Sequence[CellError]) -> Problem:
    faults = [
        Fault(f"#/{error.line}/{error.column}", f"line {error.line}, column {error.column}: {error.detail}")
        for error in errors[:MAX_ERRORS]
    ]
    detail = "One cell is wrong." if len(errors) == 1 else f"{len(errors)} cells are wrong."
    return Problem(422, "The file has mistakes; nothing was applied", detail, errors=faults)
