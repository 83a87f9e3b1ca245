"""Who wants no mail. It rests on the person, not on the address: a new address brings no mail back."""

from __future__ import annotations

from collections.abc import Iterable

from kinetic.common.database import Transaction
from kinetic.contracts.ids import PersonId


async def stop(tx: Transaction, person_id: PersonId) -> None:
    """No mail to this person any more. A second time changes nothing."""
    await tx.execute(
        "INSERT INTO mail_stopped (person_id, at) VALUES ($1, clock_timestamp()) ON CONFLICT DO NOTHING", person_id
    )


async def resume(tx: Transaction, person_id: PersonId) -> None:
    """Mail to this person again."""
    await erase_people(tx, [person_id])


async def stopped(tx: Transaction, person_ids: Iterable[PersonId]) -> set[PersonId]:
    """Those of `person_ids` who want no mail."""
    rows = await tx.fetch("SELECT person_id FROM mail_stopped WHERE person_id = ANY($1::uuid[])", list(person_ids))
    return {row["person_id"] for row in rows}


async def erase_people(tx: Transaction, person_ids: Iterable[PersonId]) -> None:
    """Forget erased people."""
    await tx.execute("DELETE FROM mail_stopped WHERE person_id = ANY($1::uuid[])", list(person_ids))
