"""Several entries that come before one manager at the same time go out in one message, that of the entry that leads.

Each stays an entry of its own, so that it is known of each what the manager has been shown; the one that leads says what
became of the message. An entry that goes alone is decided by `delivery.py` as ever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from kinetic.recommendation.domain.delivery import (
    Delivery,
    Standing,
    advance,
    comes_at,
    hold_back,
    unaddressed,
)
from kinetic.recommendation.domain.situation import Situation, Way

MOST_TOGETHER: Final = 4
"""So many have room in a card of Teams, each with its buttons. More come in another message."""


@dataclass(frozen=True, slots=True)
class Part:
    """An entry, and what stands about it now; None when there is nothing of it any more."""

    delivery: Delivery
    situation: Situation | None


@dataclass(frozen=True, slots=True)
class Together:
    """What becomes of the entry that leads, which others go along in its message, and those of them that have changed."""

    ahead: Delivery
    along: tuple[Delivery, ...] = ()
    changed: tuple[Delivery, ...] = ()


def advance_together(
    delivery: Delivery, situation: Situation, carried: Sequence[Part], beside: Sequence[Part], ways: Sequence[Way]
) -> Together:
    """What becomes of a message that is due. `carried` go along already, `beside` are due for the same manager.

    What may have been shown is shown on, with what became of each, and looked up for as long as anything in it stands. Before
    that, what has ended is left out, and what may not come yet goes its own way.
    """
    ahead = advance(delivery, _decisive(delivery, situation, carried), ways)
    if ahead.standing is not Standing.SENDING:
        is_held = situation.is_foreign and _may_be_there(delivery)
        return Together(ahead, changed=() if is_held else _left_by(ahead, carried, situation))
    if _may_be_there(delivery):
        if any(part.situation and part.situation.is_foreign for part in carried):
            return Together(hold_back(delivery, situation.now))
        return Together(ahead, tuple(part.delivery for part in carried))
    staying = [part.delivery for part in carried if _comes_now(part.situation)]
    ended = [_dropped(part.delivery) for part in carried if _has_ended(part.situation)]
    waiting = [p.delivery for p in carried if not (_comes_now(p.situation) or _has_ended(p.situation))]
    room = MOST_TOGETHER - 1 - len(staying) if delivery.is_fresh else 0
    joining = [part.delivery for part in beside if part.delivery.is_fresh and _comes_now(part.situation)]
    joined = [replace(one, standing=Standing.CARRIED, carried_by=ahead.delivery_id) for one in joining[: max(room, 0)]]
    return Together(ahead, (*staying, *joined), (*ended, *left_alone(waiting, situation.now), *joined))


def settle_together(
    settled: Delivery, along: Sequence[Delivery], shown: Mapping[str, int]
) -> tuple[Delivery, list[Delivery]]:
    """What is known after a message has arrived that showed each entry in the version in `shown`."""
    seen = [replace(one, shown_version=shown.get(one.delivery_id, one.shown_version)) for one in along]
    is_behind = any(one.wanted_version > (one.shown_version or 0) for one in seen)
    if is_behind and settled.standing is Standing.SENT:
        return replace(settled, standing=Standing.PLANNED), seen
    return settled, seen


def left_to_console(delivery: Delivery, carried: Sequence[Delivery], now: datetime) -> tuple[Delivery, ...]:
    """Nobody is there to read it, or there is nothing of it any more; what it carried and was not shown goes its own way."""
    left = unaddressed(delivery)
    return (left, *left_alone(carried, now)) if left.standing is Standing.UNADDRESSED else (left,)


def left_alone(carried: Sequence[Delivery], now: datetime) -> tuple[Delivery, ...]:
    """Those whose message is not sent: each goes its own way."""
    return tuple(replace(one, standing=Standing.PLANNED, carried_by=None, due_at=now) for one in carried)


def _left_by(ahead: Delivery, carried: Sequence[Part], situation: Situation) -> tuple[Delivery, ...]:
    is_over = situation.is_foreign or ahead.standing in (Standing.MOOT, Standing.UNADDRESSED)
    return left_alone([part.delivery for part in carried], situation.now) if is_over else ()


def _decisive(delivery: Delivery, situation: Situation, carried: Sequence[Part]) -> Situation:
    """By which it is decided: of a message in doubt that of anything in it that stands, so that it is looked up."""
    if not _may_be_there(delivery) or delivery.is_change or not _has_ended(situation):
        return situation
    standing = (part.situation for part in carried if part.situation and not _has_ended(part.situation))
    return next((one for one in standing if one.is_theirs), situation)


def _may_be_there(delivery: Delivery) -> bool:
    return delivery.is_change or delivery.in_doubt or delivery.standing is Standing.SENDING


def _has_ended(situation: Situation | None) -> bool:
    return situation is None or not situation.subject.is_open or situation.subject.rests


def _comes_now(situation: Situation | None) -> bool:
    if situation is None or _has_ended(situation):
        return False
    return situation.is_theirs and comes_at(situation) <= situation.now


def _dropped(delivery: Delivery) -> Delivery:
    return replace(delivery, standing=Standing.MOOT, carried_by=None)
