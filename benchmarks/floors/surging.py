"""How skill-gap's floor keeps surges; their arithmetic is the domain's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kinetic.skill_gap.domain.days import day_of
from kinetic.skill_gap.domain.surge import Surge, Usual, nothing_seen


def surge_of(row: Mapping[str, Any]) -> Surge:
    """The surge of a loaded row."""
    if row["surge"] is None:
        return nothing_seen(day_of(row["as_of"]))
    before, weight, squares, days, seen = row["surge"]
    return Surge({before + int(day): amount for day, amount in seen.items()}, Usual(weight, squares, days, before))


def surge_column(surge: Surge) -> list[Any]:
    """What is saved of it."""
    usual = surge.usual
    days = {str(day - usual.before): round(weight, 4) for day, weight in surge.days.items()}
    return [usual.before, round(usual.weight, 4), round(usual.squares, 4), round(usual.days, 4), days]
