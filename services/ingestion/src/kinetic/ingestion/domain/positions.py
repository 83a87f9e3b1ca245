"""Where a person works, from date to date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from kinetic.contracts.ingestion import Position


def position_at(positions: Iterable[Position], moment: datetime) -> Position | None:
    """The position that is in effect at `moment`: the latest that has begun."""
    begun = [position for position in positions if position.effective_from <= moment]
    return max(begun, key=lambda position: position.effective_from, default=None)


def decide_positions(known: Sequence[Position], stated: Position, *, is_dated: bool) -> tuple[Position, ...]:
    """The positions of a person of whom `stated` is now known.

    A dated statement holds from its date to the next dated position, and replaces one of the same date. An undated
    one says what holds now: it changes nothing when that is known, so moves planned for later stay planned.
    """
    if not is_dated and _is_same(position_at(known, stated.effective_from), stated):
        return tuple(known)
    others = [position for position in known if position.effective_from != stated.effective_from]
    ordered = sorted((*others, stated), key=lambda position: position.effective_from)
    pairs = zip((None, *ordered), ordered, strict=False)
    return tuple(position for before, position in pairs if not _is_same(before, position))


def _is_same(one: Position | None, other: Position) -> bool:
    return one is not None and (one.team_id, one.manager_id, one.role) == (other.team_id, other.manager_id, other.role)
