"""Who is acting: a verified token becomes a person, and a stale directory stops everybody."""

from __future__ import annotations

from dataclasses import dataclass

from kinetic.common import metrics
from kinetic.common.auth import Principal
from kinetic.common.database import Transaction
from kinetic.common.problems import Problem, unavailable
from kinetic.contracts.ids import PersonId
from kinetic.directory import store

STALE_AFTER_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Actor:
    """A person who acts, as of a directory version that is fresh enough to act on."""

    person_id: PersonId
    directory_version: int


async def require_actor(tx: Transaction, caller: Principal) -> Actor:
    """The person behind a token, who may act now.

    Problem 503 when the directory's heartbeat is older than 60 s, so that nobody guesses; 403 when the token
    belongs to nobody in the directory.
    """
    version = await require_fresh_directory(tx)
    return Actor(await require_person(tx, caller), version)


async def require_fresh_directory(tx: Transaction) -> int:
    """The directory version to act on. Problem 503 when its heartbeat is older than 60 s or was never heard."""
    age = await store.age(tx)
    metrics.DIRECTORY_AGE_SECONDS.set(age.seconds if age else -1)
    if age is None or age.seconds > STALE_AFTER_SECONDS:
        raise unavailable("The directory has not been confirmed for more than a minute, so nobody may act on it.")
    return age.version


async def require_person(tx: Transaction, caller: Principal) -> PersonId:
    """The person behind a token, for reading. Problem 403 when the directory does not know them."""
    person_id = await store.person_by_email(tx, caller.email) if caller.email else None
    if person_id is None:
        raise Problem(403, "Not in the directory", "Your token belongs to nobody in the directory.")
    return person_id
