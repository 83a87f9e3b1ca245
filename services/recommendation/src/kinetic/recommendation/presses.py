"""What managers press in a channel, for the doors of all channels: who pressed, what is done, and words for what was not.

A channel proves who pressed. What they may do follows from the directory and the nudge alone, whatever else it says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, assert_never

from kinetic.common.database import Transaction
from kinetic.common.problems import Problem
from kinetic.contracts.ids import PersonId
from kinetic.contracts.recommendation import DismissalReason, SnoozeUntil
from kinetic.directory import store as directory
from kinetic.directory.actors import Actor, require_fresh_directory
from kinetic.recommendation import clicks

_UNCHANGED: Final = {
    "moved-on": "unchanged-moved-on",
    "not-found": "unchanged-not-yours",
    "not-assignable": "unchanged-people",
    "unavailable": "unchanged-directory",
    "forbidden": "unchanged-stranger",
}


@dataclass(frozen=True, slots=True)
class Press:
    """What somebody wants done with a nudge in the version that they saw. Without a wish it is to be assigned."""

    nudge_id: str
    version: int
    wish: SnoozeUntil | DismissalReason | None = None


async def require_known_account(tx: Transaction, system: str, account_id: str) -> PersonId:
    """Whom the directory knows by an account in `system`. Problem 403 when that is nobody, or not one person alone."""
    person_id = await directory.person_by_external_id(tx, system, account_id) if account_id else None
    if person_id is None:
        raise Problem(
            403, "Not in the directory", "The account belongs to nobody, or to more than one, in the directory."
        )
    return person_id


async def carry_out(tx: Transaction, person_id: PersonId, press: Press) -> None:
    """Do it, as of a fresh directory; the problems are those of a click anywhere else."""
    actor = Actor(person_id, await require_fresh_directory(tx))
    match press.wish:
        case None:
            await clicks.assign(tx, actor, press.nudge_id, press.version, None)
        case SnoozeUntil() as until:
            await clicks.snooze(tx, actor, press.nudge_id, press.version, until)
        case DismissalReason() as reason:
            await clicks.dismiss(tx, actor, press.nudge_id, press.version, reason)
        case never:
            assert_never(never)


def words_for(problem: Problem) -> str | None:
    """The message that tells whoever pressed why nothing was changed; None for what is no fault of the press."""
    return _UNCHANGED.get(problem.slug or "")
