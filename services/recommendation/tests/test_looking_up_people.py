"""Who pressed is found without looking through the whole directory: a chat waits three seconds."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from kinetic.common.database import Database, Transaction
from kinetic.directory import store as directory


async def test_people_are_found_by_an_index_of_their_external_ids(database: Database) -> None:
    asked: list[tuple[str, Any]] = []
    fetch = Transaction.fetch

    async def noted(tx: Transaction, query: str, *arguments: Any) -> Any:
        asked.append((query, arguments))
        return await fetch(tx, query, *arguments)

    async with database.transaction() as tx:
        with patch.object(Transaction, "fetch", noted):
            await directory.person_by_external_id(tx, "slack", "U0NOBODY")
        ((query, arguments),) = asked
        await tx.execute("SET LOCAL enable_seqscan = off")  # the directory of a test is too small for an index
        plan = await tx.fetch(f"EXPLAIN {query}", *arguments)

    assert any("directory_person_external_ids" in str(tuple(row.values())) for row in plan)
