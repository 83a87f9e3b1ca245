"""Where Teams reaches people: the conversation that each has with the bot, by their object id in Entra."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from kinetic.common.database import Transaction
from kinetic.contracts.ids import PersonId

SYSTEM: Final = "teams"
"""Under this name a person's external ids hold their object id, in lower case."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The one-to-one conversation of a person with the bot, and the service that takes messages for it."""

    object_id: str
    conversation_id: str
    service_url: str
    tenant_id: str


async def save(tx: Transaction, told: Conversation) -> None:
    """Keep the conversation that was heard of last. It is kept for a week, and on while the directory knows the person."""
    await tx.execute(
        """INSERT INTO teams_conversation (object_id, conversation_id, service_url, tenant_id, kept_until)
           VALUES ($1, $2, $3, $4, now() + interval '7 days')
           ON CONFLICT (object_id) DO UPDATE SET
               conversation_id = excluded.conversation_id, service_url = excluded.service_url,
               tenant_id = excluded.tenant_id, kept_until = excluded.kept_until""",
        told.object_id,
        told.conversation_id,
        told.service_url,
        told.tenant_id,
    )


async def find(tx: Transaction, object_id: str, tenant_id: str) -> Conversation | None:
    """The conversation with somebody; None when they have none in that tenant."""
    row = await tx.fetch_one(
        """SELECT object_id, conversation_id, service_url, tenant_id FROM teams_conversation
           WHERE object_id = $1 AND tenant_id = $2""",
        object_id,
        tenant_id,
    )
    return Conversation(**row) if row else None


async def forget(tx: Transaction, object_id: str, conversation_id: str) -> None:
    """Nobody takes messages there any more. A conversation that began since stays."""
    await tx.execute(
        "DELETE FROM teams_conversation WHERE object_id = $1 AND conversation_id = $2", object_id, conversation_id
    )


async def erase_people(tx: Transaction, person_ids: Iterable[PersonId]) -> None:
    """Forget people whom the directory is about to erase: afterwards it does not know their object ids any more."""
    await tx.execute(
        """DELETE FROM teams_conversation USING directory_person
           WHERE person_id = ANY($1::uuid[]) AND object_id = external_ids ->> $2""",
        list(person_ids),
        SYSTEM,
    )


async def sweep(tx: Transaction) -> int:
    """Forget those whom the directory has not known for a week; how many. A day's error in it costs nobody their messages."""
    await tx.execute(
        """UPDATE teams_conversation SET kept_until = now() + interval '7 days'
           FROM directory_person
           WHERE object_id = external_ids ->> $1 AND active AND kept_until < now() + interval '6 days'""",
        SYSTEM,
    )
    return await tx.execute("DELETE FROM teams_conversation WHERE kept_until < now()")
